"""From a correction to the model that learned from it, and what is known of that when the item is erased."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from feedback_nlp.artifacts import read_manifest
from feedback_nlp.cli import app
from feedback_nlp.learned import LEARNED, LearnedItems
from feedback_nlp.registry import Activation, Registry
from feedback_nlp.taxonomy import Taxonomy
from service.actor import Actor
from service.database.base import now
from service.database.engine import Database
from service.models.activations import note_activation
from service.models.tables import ActivationRow
from service.operations.checks import examine
from service.privacy.erasure import erase_by_external_id
from training.sources import load_labelled

CORPUS = Path(__file__).parents[2] / "training" / "data" / "corpus.jsonl"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(folder))
    return folder


def make_model(folder: Path, learned: Sequence[str] | None, *, hours: float = 1) -> None:
    """A folder that says what a model learned from, or keeps no list, and when it was made."""
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    if learned is not None:
        known = LearnedItems.of(learned, made=now() + timedelta(hours=hours))
        (folder / LEARNED).write_text(known.to_json())


def went_live(session: Session, model: str, *, hours: float = 2) -> None:
    session.add(
        ActivationRow(
            model=model,
            digest="sha256:1",
            activated_at=now() + timedelta(hours=hours),
            by="ana",
            why="better",
            action="promote",
        )
    )


def add_and_correct(client: TestClient, external_id: str, text: str = "Ik sta in de wacht.") -> int:
    body = {"items": [{"source": "crm", "external_id": external_id, "text": text}]}
    id_ = int(client.post("/v1/feedback", json=body).json()["results"][0]["id"])
    assert client.post(f"/v1/feedback/{id_}/corrections", json={"sentiment": -1.0}).status_code == 201
    return id_


def page_of(client: TestClient, id_: int) -> str:
    return client.get(f"/items/{id_}", headers={"accept": "text/html"}).text


def test_an_export_is_taken_for_training_just_as_it_is(api: TestClient, tmp_path: Path) -> None:
    bare = {"text": "Ik sta in de wacht."}
    whole = {
        "text": 'Dit is een klacht over de premie.\n"Duur!"',
        "external_id": "K-2",
        "kind": "gespreksnotitie",
        "domain": "energie",
        "journey": "betalen",
        "channel": "telefoon",
        "segment": "klant",
        "nps": 2.0,
        "cas": 7.4,
        "ces": 6.6,
    }
    results = api.post("/v1/feedback", json={"items": [bare, whole]}).json()["results"]
    first, second = (result["id"] for result in results)
    api.post(f"/v1/feedback/{first}/corrections", json={"themes": {"empathie": 1, "bereikbaarheid": None}})
    api.post(f"/v1/feedback/{second}/corrections", json={"signals": {"kwetsbaar": True}, "sentiment": -2})
    export = tmp_path / "corrections.jsonl"
    export.write_bytes(api.get("/v1/corrections/export").content)
    items = {item.id: item for item in load_labelled([export], Taxonomy.default()).items}
    one, other = items[f"feedback-{first}"], items[f"feedback-{second}"]
    assert (dict(one.themes), one.ces) == ({"empathie": 1}, None)
    assert (other.text, set(other.signals)) == (whole["text"], {"klacht", "kwetsbaar"})
    assert (other.sentiment, other.nps, other.cas, other.ces) == (-2, 2, 7, 7)
    assert (other.domain, other.journey, other.channel) == ("energie", "betalen", "telefoon")


@pytest.mark.slow
def test_a_correction_is_exported_learned_from_and_known_by_the_model(
    client: TestClient, sqlite: Database, models: Path, tmp_path: Path
) -> None:
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()[7:2000:50]]
    ids = [add_and_correct(client, f"K-{n}", row["text"]) for n, row in enumerate(rows)]
    export = tmp_path / "corrections.jsonl"
    export.write_text(client.get("/v1/corrections/export").text, "utf-8")
    exported = [json.loads(line) for line in export.read_text("utf-8").splitlines()]
    assert all(row["nps"] is row["journey"] is row["domain"] is None for row in exported)

    small = tmp_path / "corpus.jsonl"
    small.write_text("\n".join(CORPUS.read_text("utf-8").splitlines()[::30]) + "\n", "utf-8")
    train = ["train", "--data", str(small), "--corrections", str(export), "--models", str(models)]
    more = ["--profile", "fast", "--jobs", "1", "--no-learning-curve"]
    result = CliRunner().invoke(app, [*train, *more])
    assert result.exit_code == 0, result.output
    folder = Registry.load(models).live_folder()
    name = f"feedback-nl/{folder.name}"
    manifest = read_manifest(folder)
    assert manifest.training["sources"]["counts"]["corrections"] == len(ids)
    known = LearnedItems.read(folder)
    assert known is not None
    uses = {id_: known.use_of(f"feedback-{id_}") for id_ in ids}
    assert set(uses.values()) == {"learned", "judged"}

    activation = Registry.load(models).activations[-1]
    with sqlite.write() as session:
        later = (now() + timedelta(seconds=1)).isoformat()
        note_activation(session, Activation(name, later, "ana", "", activation.action), manifest.info)
    learned = next(id_ for id_ in ids if uses[id_] == "learned")
    judged = next(id_ for id_ in ids if uses[id_] == "judged")
    assert f"Model {name} heeft hiervan geleerd" in page_of(client, learned)
    assert "Apart gehouden om modellen mee te beoordelen" in page_of(client, judged)

    number = ids.index(learned)
    report = client.post("/v1/erasures", json={"external_ids": [f"K-{number}"]}).json()
    assert (report["models"], report["in_use"]) == ([name], name)
    erased = tmp_path / "erased.txt"
    erased.write_text(client.get("/v1/erasures/ids").text)
    again = CliRunner().invoke(app, [*train, "--without", str(erased), "--dry-run", "--json"])
    assert json.loads(again.output)["left_out_as_erased"] == 1


@pytest.mark.parametrize(
    ("known", "hours", "said"),
    [
        (["feedback-1"], 1, "Model feedback-nl/new heeft hiervan geleerd"),
        (["feedback-2"], 1, "model feedback-nl/new, in gebruik sinds"),
        (["feedback-1"], -1, "model feedback-nl/new, in gebruik sinds"),
        (None, 1, "sindsdien is model feedback-nl/new in gebruik genomen"),
    ],
    ids=["learned", "without it", "made before the correction", "no list"],
)
def test_the_page_says_what_a_later_model_did_with_a_correction(
    api: TestClient, database: Database, models: Path, known: list[str] | None, hours: float, said: str
) -> None:
    id_ = add_and_correct(api, "K-1")
    assert "nog geen nieuwer model" in page_of(api, id_)
    make_model(models / "feedback-nl" / "new", known, hours=hours)
    with database.write() as session:
        went_live(session, "feedback-nl/new")
    assert said in page_of(api, id_)


def test_the_first_model_that_learned_is_named_even_when_others_came_in_between(
    api: TestClient, database: Database, models: Path
) -> None:
    id_ = add_and_correct(api, "K-1")
    with database.write() as session:
        for hours, (version, ids) in enumerate(
            [("a", []), ("b", [f"feedback-{id_}"]), ("c", [f"feedback-{id_}"])], start=2
        ):
            make_model(models / "feedback-nl" / version, ids)
            went_live(session, f"feedback-nl/{version}", hours=hours)
    assert "Model feedback-nl/b heeft hiervan geleerd" in page_of(api, id_)


def test_an_erasure_names_the_models_that_learned_and_those_that_may_have(
    api: TestClient, database: Database, models: Path
) -> None:
    id_ = add_and_correct(api, "K-1")
    api.get("/v1/corrections/export")
    for version, ids in (("own-id", [f"feedback-{id_}"]), ("their-id", ["K-1"]), ("others", ["feedback-99"])):
        make_model(models / "feedback-nl" / version, ids)
    make_model(models / "feedback-nl" / "no-list", None)
    make_model(models / "feedback-nl" / "never-live", None)
    with database.write() as session:
        for version in ("own-id", "their-id", "others", "no-list"):
            went_live(session, f"feedback-nl/{version}")
        report = erase_by_external_id(session, Actor("terminal"), ["K-1"], models=models)
    assert sorted(report.models) == ["feedback-nl/no-list", "feedback-nl/own-id", "feedback-nl/their-id"]


def test_the_record_of_an_erasure_and_doctor_say_how_long_the_model_in_use_holds_the_item(
    api: TestClient, models: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = add_and_correct(api, "K-1")
    for version, ids in (("old", [f"feedback-{id_}"]), ("new", [])):
        make_model(models / "feedback-nl" / version, ids)
    registry = Registry.load(models).activate("feedback-nl/old", by="ana", why="", action="first")
    assert api.post("/v1/erasures", json={"external_ids": ["K-1"]}).json()["in_use"] == "feedback-nl/old"
    assert [one["in_use"] for one in api.get("/v1/erasures").json()] == ["feedback-nl/old"]
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", store_url)
    assert {one.name: one.state for one in examine()}["erasures"] == "note"
    registry.activate("feedback-nl/new", by="ana", why="retrained", action="promote")
    assert [one["in_use"] for one in api.get("/v1/erasures").json()] == [None]
    assert "erasures" not in {one.name for one in examine()}
