from __future__ import annotations

import re
import socket
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy import select
from typer.testing import CliRunner

from feedback_nlp.cli import create_app as create_cli
from service.database.base import now
from service.database.engine import Database
from service.events.repository import EventsRepository
from service.events.signing import seal_secrets
from service.feedback.tables import FeedbackRow, IdempotencyRow
from service.operations.backup import BackupError, backup, restore, sqlite_file
from service.operations.checks import examine
from service.operations.housekeeping import Housekeeping
from service.settings import Settings
from service.trackers.tables import TrackerRow
from service.trackers.tokens import seal_tokens
from tests.service.test_feedback import add_one, find


@pytest.fixture
def store(sqlite_url: str) -> Path:
    return sqlite_file(sqlite_url)


def test_a_backup_taken_while_the_service_runs_brings_everything_back(
    client: TestClient, store: Path, tmp_path: Path
) -> None:
    id_ = add_one(client, "De premie is hoog.")["id"]
    backup(store, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", tmp_path / "new.db")
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    with database.read() as session:
        row = session.get(FeedbackRow, id_)
        assert row is not None
        assert row.text == "De premie is hoog."
    database.close()


def test_search_works_on_a_restored_store(
    client: TestClient, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = add_one(client, "De premie is hoog.")["id"]
    backup(store, tmp_path / "copy.db")
    client.delete(f"/v1/feedback/{id_}")
    assert find(client, q="premie") == []
    backed_up = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    with backed_up.read() as session:
        from service.feedback.records import FeedbackFilter
        from service.feedback.repository import FeedbackRepository

        asked = FeedbackFilter(search="premie")
        assert FeedbackRepository(session).page(asked, limit=5, after=None).ids == (id_,)
    backed_up.close()


def test_a_backup_never_overwrites(store: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_bytes(b"precious")
    with pytest.raises(BackupError, match="there already"):
        backup(store, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b"precious"


def test_a_restore_replaces_a_store_only_when_told_to(store: Path, tmp_path: Path) -> None:
    backup(store, tmp_path / "copy.db")
    with pytest.raises(BackupError, match="--force"):
        restore(tmp_path / "copy.db", store)
    restore(tmp_path / "copy.db", store, force=True)


def test_a_store_in_use_is_not_replaced(client: TestClient, store: Path, tmp_path: Path) -> None:
    add_one(client, "De premie is hoog.")
    backup(store, tmp_path / "copy.db")
    with pytest.raises(BackupError, match="in use"):
        restore(tmp_path / "copy.db", store, force=True)
    assert len(find(client)) == 1


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_backup_is_refused_and_the_store_left_alone(
    store: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "bad.db").write_bytes(content)
    before = store.read_bytes()
    with pytest.raises(BackupError, match=r"bad\.db is not a store"):
        restore(tmp_path / "bad.db", store, force=True)
    assert store.read_bytes() == before


def test_a_store_on_postgresql_is_left_to_its_own_tools() -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        sqlite_file("postgresql://feedback@db/feedback")


def test_the_commands_back_up_and_restore(
    store: Path, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", sqlite_url)
    run = CliRunner().invoke
    done = run(create_cli(), ["backup", str(tmp_path / "copy.db")])
    assert done.exit_code == 0, done.output
    store.unlink()
    assert run(create_cli(), ["restore", str(tmp_path / "copy.db")]).exit_code == 0
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT count(*) FROM feedback").fetchone() == (0,)
    connection.close()


def test_serve_says_how_to_mend_that_no_model_is_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOST", "PORT", "MODELS"):
        monkeypatch.setenv(f"FEEDBACK_NLP_{name}", "0")  # so that what the command sets is undone afterwards
        monkeypatch.delenv(f"FEEDBACK_NLP_{name}")
    result = CliRunner().invoke(create_cli(), ["serve", "--models", str(tmp_path)])
    assert result.exit_code == 3
    assert "feedback-nlp train" in result.output


def test_serve_says_that_its_port_is_taken() -> None:
    from service.serving import ServeError, _check_address

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"127\.0\.0\.1:{port} is taken by another program"):
            _check_address("127.0.0.1", port)
    _check_address("127.0.0.1", port)


def findings() -> dict[str, tuple[str, str]]:
    return {finding.name: (finding.state, finding.says) for finding in examine()}


def test_doctor_finds_a_healthy_store(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", store_url)
    assert {name: state for name, (state, _) in findings().items()} == {"store": "ok", "schema": "ok"}


def test_doctor_warns_of_tokens_and_secrets_that_lie_in_plain_and_says_the_way_out(
    store_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        EventsRepository(session).subscribe("https://klant.example/h", ["radar.alarm"], "whsec_x", "anna")
        session.add(
            TrackerRow(name="t", kind="github", url="u", project="p", token="t", states={}, created_by="x")
        )
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", store_url)

    def warned() -> dict[str, str | None]:
        names = ("tracker tokens", "webhook secrets")
        return {one.name: one.remedy for one in examine() if one.name in names and one.state == "note"}

    without = warned()
    assert len(without) == 2
    assert all("FEEDBACK_NLP_SECRETS_KEYS" in (remedy or "") for remedy in without.values())
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("FEEDBACK_NLP_SECRETS_KEYS", f'["{key}"]')
    assert set(warned().values()) == {"start the service anew, which encrypts them"}
    seal_tokens(database, Settings())
    assert list(warned()) == ["webhook secrets"]
    seal_secrets(database, Settings())
    assert warned() == {}


def test_doctor_finds_a_store_that_is_not_there_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert findings()["store"][0] == "note"
    assert not (tmp_path / "none.db").exists()


def test_doctor_finds_a_damaged_store(store: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(store.read_bytes())
    content[4096:40_960] = b"\xff" * 36_864
    store.write_bytes(content)
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", sqlite_url)
    assert findings()["store"][0] == "broken"


def test_doctor_finds_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", "postgresql://ann:secret@127.0.0.1:1/feedback")
    state, says = findings()["store"]
    assert state == "broken"
    assert "secret" not in says


def test_doctor_names_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_PORT", "70000")
    state, says = findings()["settings"]
    assert state == "broken"
    assert "FEEDBACK_NLP_PORT" in says


def test_housekeeping_forgets_idempotency_keys_after_two_days(api: TestClient, database: Database) -> None:
    moment = now()
    clock = [moment]
    housekeeping = Housekeeping(database, clock=lambda: clock[0], ticks=lambda: clock[0].timestamp())
    body = {"items": [{"text": "De premie."}]}
    assert api.post("/v1/feedback", json=body, headers={"Idempotency-Key": "k1"}).status_code == 201

    def keys_after(days: float) -> int:
        clock[0] = moment + timedelta(days=days)
        housekeeping.step(threading.Event())
        with database.read() as session:
            return len(session.scalars(select(IdempotencyRow.key)).all())

    assert keys_after(1.9) == 1
    assert keys_after(2.1) == 0
    assert len(find(api)) == 1


DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    default = field.get_default(call_default_factory=True)
    shown = "" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
    assert f"| `FEEDBACK_NLP_{name.upper()}` | {shown} | {field.description} |" in DOCUMENT.read_text("utf-8")


def test_no_setting_is_described_that_is_not_there() -> None:
    described = set(re.findall(r"^\| `FEEDBACK_NLP_(\w+)`", DOCUMENT.read_text("utf-8"), re.MULTILINE))
    assert described == {name.upper() for name in Settings.model_fields}


def test_every_metric_is_described(client: TestClient) -> None:
    names = set(
        re.findall(
            r"^# TYPE (feedback_nlp_\w+?)(?:_created|_total)? ", client.get("/metrics").text, re.MULTILINE
        )
    )
    text = DOCUMENT.read_text("utf-8")
    assert len(names) > 4
    for name in names:
        assert f"`{name}`" in text
