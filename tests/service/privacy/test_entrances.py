"""Personal data of every kind, through every entrance: afterwards it is nowhere."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import joblib
import openpyxl
import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.privacy.records import Kind
from feedback_nlp.registry import Registry
from service.app import create_app
from service.database.engine import Database
from service.events.tables import SubscriptionRow
from service.jobs.worker import JobWorker
from service.models.live import ModelHost
from service.redaction import default_redactor
from service.settings import Settings

SENTENCES = Path(__file__).resolve().parents[2] / "data" / "redaction.jsonl"
CORPUS = Path(__file__).resolve().parents[3] / "training" / "data" / "corpus.jsonl"
FILLER = "In de wacht gestaan, een klacht over de premie."


def planted() -> dict[Kind, tuple[str, str]]:
    """For every kind a sentence of the redaction's test set, and what of it is personal."""
    redactor = default_redactor()
    chosen: dict[Kind, tuple[str, str]] = {}
    for line in SENTENCES.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["decoy"] or row["held_out"] or len(row["spans"]) != 1:
            continue
        (span,) = row["spans"]
        secret = row["text"][span["start"] : span["end"]]
        if len(secret) >= 7 and secret not in redactor.redact(row["text"]).text:
            chosen.setdefault(Kind(span["kind"]), (row["text"], secret))
    return chosen


PLANTED = planted()


@pytest.fixture(params=["redacted only", "with originals"])
def entrance(request: pytest.FixtureRequest, sqlite_url: str, host: ModelHost) -> Iterator[TestClient]:
    keys = [Fernet.generate_key().decode()] if request.param == "with originals" else []
    settings = Settings(database_url=sqlite_url, background=False, require_keys=False, originals_keys=keys)
    with TestClient(create_app(settings, models_host=host), raise_server_exceptions=False) as client:
        assert host.wait(10)
        yield client


def xlsx(texts: list[str]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["toelichting", "opmerking"])
    for text in texts:
        sheet.append([text, text])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def send_through_every_entrance(client: TestClient, database: Database, host: ModelHost) -> list[int]:
    types = ["feedback.analysed", "feedback.signal", "feedback.corrected", "feedback.erased"]
    with database.write() as session:
        session.add(SubscriptionRow(url="https://crm.example/h", types=types, secret="s", created_by="a"))
    ids = []
    for number, (text, _) in enumerate(PLANTED.values()):
        whole = f"{FILLER} {text}"
        assert client.post("/v1/classify", json={"items": [{"text": whole}]}).status_code == 200
        assert client.post("/signals_mltool/predict", json={"text": whole}).status_code == 200
        assert client.post("/classify", data={"text": whole}).status_code == 200
        inputs = [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [whole]}]
        assert client.post("/v2/models/feedback-words/infer", json={"inputs": inputs}).status_code == 200
        improvement = {"title": f"Beter: {text}"[:190], "description": text, "theme": "bereikbaarheid"}
        assert client.post("/v1/backlog", json=improvement).status_code == 201
        item = {"source": "crm", "external_id": str(number), "text": whole, "meta": {"remark": text}}
        added = client.post("/v1/feedback", json={"items": [item]}, headers={"Idempotency-Key": f"k{number}"})
        assert added.status_code == 201
        id_ = int(added.json()["results"][0]["id"])
        ids.append(id_)
        note = client.post(f"/v1/feedback/{id_}/corrections", json={"note": text, "sentiment": -1.0})
        assert note.status_code == 201
        assert client.post(f"/items/{id_}/notes", data={"text": text, "kind": "note"}).status_code in (
            200,
            303,
        )
        client.get("/v1/feedback", params={"q": text[:200]})
    texts = [f"{FILLER} {text}" for text, _ in PLANTED.values()]
    lines = "".join(json.dumps({"toelichting": text, "opmerking": text}) + "\n" for text in texts)
    cells = "toelichting;opmerking\n" + "".join(f'"{text}";"{text}"\n' for text in texts)
    for name, content in (("a.jsonl", lines.encode()), ("b.csv", cells.encode()), ("c.xlsx", xlsx(texts))):
        form = {"source": "files", "keep": "opmerking", "text_column": "toelichting"}
        assert client.post("/v1/jobs", files={"file": (name, content)}, data=form).status_code == 202
    worker = JobWorker(database, host, default_redactor())
    while worker.step(Event()):
        pass
    jobs = client.get("/v1/jobs").json()["items"]
    assert [(job["status"], job["rows_created"]) for job in jobs] == [("done", len(texts))] * 3
    return ids


def test_every_kind_is_planted() -> None:
    assert set(PLANTED) == set(Kind)


def test_personal_data_is_nowhere_afterwards(
    entrance: TestClient,
    sqlite_url: str,
    host: ModelHost,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    database = Database(sqlite_url)
    ids = send_through_every_entrance(entrance, database, host)
    database.close()
    told = capfd.readouterr()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    places = {
        "store": b"".join(path.read_bytes() for path in sorted(tmp_path.glob("feedback.db*"))).decode(
            "latin-1"
        ),
        "log": told.out + told.err + "\n".join(ours),
        "metrics": entrance.get("/metrics").text,
        "events": entrance.get("/v1/deliveries").text,
        "export": entrance.get("/v1/corrections/export").text,
        "list": entrance.get("/v1/feedback", params={"limit": 200}).text,
        "inbox": entrance.get("/inbox").text,
        "audit": entrance.get("/admin/audit").text,
        "jobs": entrance.get("/admin/jobs").text,
    }
    for job in (1, 2, 3):
        places[f"result {job}"] = entrance.get(f"/v1/jobs/{job}/result").text
        places[f"errors {job}"] = entrance.get(f"/v1/jobs/{job}/errors").text
    for id_ in ids:
        places[f"item {id_}"] = entrance.get(f"/v1/feedback/{id_}").text
        places[f"page {id_}"] = entrance.get(f"/items/{id_}").text
    for path in ("/v1/backlog", "/backlog"):
        places[path] = entrance.get(path).text
    assert "[EMAIL]" in places["list"]
    assert "[EMAIL]" in places["/v1/backlog"]
    assert "/v1/feedback" in places["log"]
    assert found_in(places) == []


def found_in(places: dict[str, str]) -> list[tuple[str, str]]:
    """What of the planted is where."""
    found = []
    for kind, (_, secret) in PLANTED.items():
        spellings = {secret, json.dumps(secret)[1:-1], secret.encode().decode("latin-1")}
        found += [
            (kind.name, place) for place, content in places.items() for one in spellings if one in content
        ]
    return found


@pytest.mark.parametrize("path", ["/inbox", "/items/1", "/v1/feedback", "/v1/feedback/1", "/admin/audit"])
def test_no_cache_on_the_way_may_keep_what_is_about_customers(
    entrance: TestClient, host: ModelHost, path: str
) -> None:
    entrance.post("/v1/feedback", json={"items": [{"text": FILLER}]})
    assert entrance.get(path).headers["cache-control"] == "no-store"


@pytest.mark.slow
def test_a_model_that_learned_from_them_holds_none(
    sqlite_url: str, host: ModelHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained on the service's own export; its files are searched as they are and unpacked."""
    settings = Settings(database_url=sqlite_url, background=False, require_keys=False)
    with TestClient(create_app(settings, models_host=host)) as client:
        assert host.wait(10)
        for text, _ in PLANTED.values():
            (added,) = client.post("/v1/feedback", json={"items": [{"text": f"{FILLER} {text}"}]}).json()[
                "results"
            ]
            client.post(f"/v1/feedback/{added['id']}/corrections", json={"sentiment": -1.0, "note": text})
        export = tmp_path / "corrections.jsonl"
        export.write_text(client.get("/v1/corrections/export").text, "utf-8")
    assert len(export.read_text("utf-8").splitlines()) == len(PLANTED)
    small = tmp_path / "corpus.jsonl"
    small.write_text("\n".join(CORPUS.read_text("utf-8").splitlines()[::30]) + "\n", "utf-8")
    models = tmp_path / "models"
    arguments = ["train", "--data", str(small), "--corrections", str(export), "--models", str(models)]
    result = CliRunner().invoke(app, [*arguments, "--profile", "fast", "--jobs", "1", "--no-learning-curve"])
    assert result.exit_code == 0, result.output
    folder = Registry.load(models).live_folder()
    places = {path.name: path.read_bytes().decode("latin-1") for path in folder.iterdir()}
    for packed in folder.glob("*.joblib"):
        places[f"{packed.name}, unpacked"] = pickle.dumps(joblib.load(packed)).decode("latin-1")
    assert "wacht" in places["reader.joblib, unpacked"]
    assert found_in(places) == []
