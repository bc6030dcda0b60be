from __future__ import annotations

import json
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from service.actor import Actor
from service.database.base import now
from service.database.engine import Database
from service.database.metadata import metadata
from service.errors import InvalidError
from service.events.tables import SubscriptionRow
from service.feedback.tables import FeedbackRow
from service.jobs.tables import JobErrorRow, JobPartRow, JobRow
from service.models.tables import ActivationRow
from service.privacy.erasure import erase_by_external_id
from service.privacy.training_sets import remove_rows

WORD = "kwikstaartpaal"
ACTOR = Actor("terminal")


def add(
    api: TestClient,
    external_id: str,
    text_: str = f"In de wacht bij de {WORD}.",
    source: str = "crm",
    spot: str = WORD,
) -> int:
    body = {"items": [{"source": source, "external_id": external_id, "text": text_, "meta": {"spot": spot}}]}
    response = api.post("/v1/feedback", json=body)
    assert response.status_code == 201, response.text
    return int(response.json()["results"][0]["id"])


def fill(api: TestClient, database: Database) -> int:
    """An item of K-1 that has left traces wherever an item can."""
    types = ["feedback.analysed", "feedback.erased"]
    with database.write() as session:
        session.add(
            SubscriptionRow(url="https://crm.example/hook", types=types, secret="s", created_by="local")
        )
    id_ = add(api, "K-1")
    correction = {"sentiment": -1.0, "note": f"Zie de {WORD}."}
    assert api.post(f"/v1/feedback/{id_}/corrections", json=correction).status_code == 201
    assert WORD in api.get("/v1/corrections/export").text
    with database.write() as session:
        job = JobRow(
            kind="import", created_by="local", filename="a.csv", format="csv", options={}, status="done"
        )
        session.add(job)
        session.flush()
        session.add(JobErrorRow(job_id=job.id, row=3, external_id="K-1", error="the text is empty"))
        session.add(
            ActivationRow(
                model="feedback-nl/later",
                digest="sha256:1",
                activated_at=now() + timedelta(hours=1),
                by="ana",
                why="better",
                action="promote",
            )
        )
        session.add(
            ActivationRow(
                model="feedback-nl/before",
                digest="sha256:0",
                activated_at=datetime(2020, 1, 1, tzinfo=UTC),
                by="ana",
                why="first",
                action="promote",
            )
        )
    return id_


def everything(database: Database) -> str:
    """All tables as text."""
    with database.read() as session:
        return "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in session.execute(select(table))
        )


def test_an_erasure_reaches_every_place_and_says_what_went_where(api: TestClient, database: Database) -> None:
    id_ = fill(api, database)
    other = add(api, "K-2", "De premie is hoog.", spot="elders")
    assert WORD in everything(database)
    response = api.post("/v1/erasures", json={"external_ids": ["K-1", "K-9"]})
    assert response.status_code == 200, response.text
    report = response.json()
    assert report["items"] == 1
    assert report["not_found"] == ["K-9"]
    assert report["models"] == ["feedback-nl/later"]
    assert report["places"] == {
        "feedback": 1,
        "analyses": 1,
        "themes": 1,
        "signals": 0,
        "corrections": 1,
        "notes": 0,
        "originals": 0,
        "improvements": 0,
        "events": 1,
        "job_errors": 1,
    }
    left = everything(database)
    assert WORD not in left
    assert "K-1" not in left
    assert api.get(f"/v1/feedback/{id_}").status_code == 404
    assert api.get("/v1/feedback", params={"q": WORD}).json()["items"] == []
    assert api.get(f"/v1/feedback/{other}").status_code == 200
    deliveries = api.get("/v1/deliveries").json()["items"]
    told = [delivery["data"] for delivery in deliveries if delivery["event_type"] == "feedback.erased"]
    assert told == [{"feedback_id": id_, "erasure": report["id"]}]
    assert api.get("/v1/erasures/ids").text == f"feedback-{id_}\n"
    assert [kept["items"] for kept in api.get("/v1/erasures").json()] == [1]


def test_after_an_erasure_no_file_of_the_store_holds_the_words(
    client: TestClient, sqlite_url: str, tmp_path: Path
) -> None:
    add(client, "K-1")
    files = [tmp_path / "feedback.db", tmp_path / "feedback.db-wal"]
    assert any(WORD.encode() in path.read_bytes() for path in files if path.exists())
    client.post("/v1/erasures", json={"external_ids": ["K-1"]})
    assert not any(WORD.encode() in path.read_bytes() for path in files if path.exists())
    connection = sqlite3.connect(tmp_path / "feedback.db")
    assert connection.execute(
        "SELECT count(*) FROM feedback_search WHERE feedback_search MATCH ?", (WORD,)
    ).fetchone() == (0,)
    connection.close()


def test_erasing_again_finds_nothing_and_is_fine(api: TestClient) -> None:
    add(api, "K-1")
    assert api.post("/v1/erasures", json={"external_ids": ["K-1"]}).json()["items"] == 1
    again = api.post("/v1/erasures", json={"external_ids": ["K-1"]}).json()
    assert (again["items"], again["not_found"]) == (0, ["K-1"])


def test_another_senders_item_with_the_same_id_stays_when_the_sender_is_named(api: TestClient) -> None:
    add(api, "K-1", source="crm")
    other = add(api, "K-1", source="survey")
    assert api.post("/v1/erasures", json={"external_ids": ["K-1"], "source": "crm"}).json()["items"] == 1
    assert api.get(f"/v1/feedback/{other}").status_code == 200


def test_a_file_that_waits_is_named_in_the_report(api: TestClient, database: Database) -> None:
    with database.write() as session:
        job = JobRow(kind="import", created_by="local", filename="a.csv", format="csv", options={})
        session.add(job)
        session.flush()
        session.add(JobPartRow(job_id=job.id, part=0, content=b"id,toelichting\nK-1,Prima\n"))
        number = job.id
    assert api.post("/v1/erasures", json={"external_ids": ["K-1"]}).json()["pending_jobs"] == [number]


def test_rows_in_exported_training_sets_go_too(api: TestClient, database: Database, tmp_path: Path) -> None:
    id_ = add(api, "K-1")
    folder = tmp_path / "sets"
    folder.mkdir()
    rows = [
        {"id": f"feedback-{id_}", "text": WORD},
        {"id": "K-1", "text": WORD},
        {"id": "own-7", "text": "Prima."},
    ]
    path = folder / "may.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "no json\n")
    path.chmod(0o640)
    with database.write() as session:
        report = erase_by_external_id(session, ACTOR, ["K-1"], training_sets=[folder])
    assert report.training_sets == {str(path): 2}
    assert path.read_text() == json.dumps(rows[2]) + "\nno json\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(folder.iterdir()) == [path]


def test_with_a_training_set_out_of_reach_nothing_is_erased(
    api: TestClient, database: Database, tmp_path: Path
) -> None:
    id_ = add(api, "K-1")
    with pytest.raises(InvalidError, match="there is no"), database.write() as session:
        erase_by_external_id(session, ACTOR, ["K-1"], training_sets=[tmp_path / "gone.jsonl"])
    assert api.get(f"/v1/feedback/{id_}").status_code == 200


def test_a_training_set_without_the_rows_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "may.jsonl"
    path.write_text('{"id": "a"}\n')
    before = path.stat()
    assert remove_rows(path, {"b"}) == 0
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_thousand_items_go_at_once(api: TestClient, database: Database) -> None:
    names = [f"K-{number}" for number in range(1000)]
    body = {"items": [{"source": "crm", "external_id": name, "text": "In de wacht."} for name in names]}
    assert api.post("/v1/feedback", json=body).status_code == 201
    assert api.post("/v1/erasures", json={"external_ids": names}).json()["items"] == 1000
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackRow)) == 0


def test_all_that_is_held_is_disclosed_and_that_is_noted(api: TestClient, database: Database) -> None:
    id_ = fill(api, database)
    held = api.post("/v1/disclosures", json={"external_ids": ["K-1"]}).json()
    assert [item["id"] for item in held["items"]] == [id_]
    item = held["items"][0]
    assert item["text"] == f"In de wacht bij de {WORD}."
    assert item["meta"] == {"spot": WORD}
    assert item["analyses"][0]["result"]["themes"]
    assert [theme["theme"] for theme in item["themes"]] == ["bereikbaarheid"]
    assert item["corrections"][0]["note"] == f"Zie de {WORD}."
    assert item["events"][0]["type"] == "feedback.analysed"
    assert held["job_errors"] == [{"job": 1, "row": 3, "external_id": "K-1", "error": "the text is empty"}]
    columns = {column.name for column in FeedbackRow.__table__.columns} - {"feedback_search"}
    assert columns <= item.keys()
    again = api.post("/v1/disclosures", json={"external_ids": ["K-1"]}).json()
    assert [entry["action"] for entry in again["items"][0]["history"]] == ["feedback.disclosed"]


def test_nothing_of_the_record_of_an_erasure_names_the_person(api: TestClient, database: Database) -> None:
    add(api, "Piet.Puk@example.org")
    api.post("/v1/erasures", json={"external_ids": ["Piet.Puk@example.org", "Jan.Klaassen"]})
    left = everything(database)
    assert "Piet" not in left
    assert "Klaassen" not in left
