"""Files of the store that were cut off or changed: refused in plain words with the way out, and left as they are."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedback_nlp.cli import create_app as create_cli
from service.database.engine import Database
from service.database.migrate import upgrade
from service.database.soundness import QUICK_BYTES, check_sqlite
from service.errors import DamagedStoreError
from service.operations.backup import backup, sqlite_file
from service.operations.checks import examine
from service.operations.housekeeping import Housekeeping
from tests.service.test_feedback import add_one

WAY_OUT = "feedback-nlp restore BACKUP --force"


@pytest.fixture(scope="session")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with some rows, as a service that was stopped in order leaves it."""
    path = tmp_path_factory.mktemp("whole") / "feedback.db"
    shutil.copy(sqlite_template, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = [("a", "x.y", "s", str(n), "2026-01-01 00:00:00", '{"n": 1}') for n in range(500)]
        connection.executemany(
            "INSERT INTO audit_log (actor, action, subject, subject_id, at, details) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def store(tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "feedback.db"
    shutil.copy(whole, path)
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", f"sqlite:///{path}")
    return path


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def scrambled(content: bytes) -> bytes:
    return content[:4096] + b"\xff" * 36_864 + content[40_960:]


def without_header(content: bytes) -> bytes:
    return b"\0" * 100 + content[100:]


DAMAGE = [cut, scrambled, without_header, lambda content: b"", lambda content: b"no database at all" * 300]
NAMES = ["cut off", "scrambled", "no header", "empty", "something else"]


@pytest.mark.usefixtures("live_model", "plain_terminal")
@pytest.mark.parametrize("command", ["serve", "work"])
@pytest.mark.parametrize("damage", DAMAGE, ids=NAMES)
def test_a_service_is_not_started_on_a_damaged_store(
    store: Path, damage: Callable[[bytes], bytes], command: str
) -> None:
    store.write_bytes(damaged := damage(store.read_bytes()))
    result = CliRunner().invoke(create_cli(), [command])
    assert result.exit_code == 2
    assert f"The store {store} is damaged" in result.output
    assert "Nothing was changed" in result.output
    assert WAY_OUT in result.output
    assert store.read_bytes() == damaged


@pytest.mark.parametrize("damage", DAMAGE, ids=NAMES)
def test_doctor_names_the_damage_and_the_way_out(store: Path, damage: Callable[[bytes], bytes]) -> None:
    store.write_bytes(damaged := damage(store.read_bytes()))
    finding = next(finding for finding in examine() if finding.name == "store")
    assert finding.state == "broken"
    assert "is damaged" in finding.says
    assert WAY_OUT in (finding.remedy or "")
    assert store.read_bytes() == damaged


@pytest.mark.parametrize("damage", DAMAGE, ids=NAMES)
def test_the_way_out_works(store: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    backup(store, tmp_path / "backup.db")
    store.write_bytes(damage(store.read_bytes()))
    result = CliRunner().invoke(create_cli(), ["restore", str(tmp_path / "backup.db"), "--force"])
    assert result.exit_code == 0, result.output
    check_sqlite(store, whole=True)


@example(place=999_999, bit=0, cut_off=True)
@example(place=10, bit=0, cut_off=True)
@given(place=st.integers(0, 999_999), bit=st.integers(0, 7), cut_off=st.booleans())
def test_wherever_a_bit_is_flipped_or_the_file_ends_it_is_refused_or_works(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, place: int, bit: int, cut_off: bool
) -> None:
    """What SQLite cannot see, a letter in a text, passes; nothing ends in a fault of the program."""
    content = bytearray(whole.read_bytes())
    at = place * len(content) // 1_000_000
    if cut_off:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    path = tmp_path_factory.mktemp("flipped") / "feedback.db"
    path.write_bytes(content)
    refused = refusal(path)
    if refused is not None:
        assert WAY_OUT in refused or "another program" in refused or "a later version" in refused
        assert path.read_bytes() == content
    assert refused is not None or not cut_off


def refusal(path: Path) -> str | None:
    """Start on a store as the service does; why it is refused, or None when it works."""
    database = Database(f"sqlite:///{path}")
    try:
        check_sqlite(path)
        upgrade(database)
    except DamagedStoreError as exc:
        return str(exc)
    finally:
        database.close()
    return None


def test_of_a_large_file_the_header_and_the_length_are_looked_at(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE filler (content BLOB)")
        connection.execute("INSERT INTO filler VALUES (zeroblob(?))", (QUICK_BYTES + 1,))
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    check_sqlite(store)
    with store.open("r+b") as file:
        file.truncate(store.stat().st_size - 8192)
    with pytest.raises(DamagedStoreError, match="malformed"):
        check_sqlite(store)


def test_a_store_that_another_process_uses_or_that_was_killed_is_sound(store: Path) -> None:
    database = Database(f"sqlite:///{store}")
    with database.write() as session:
        Housekeeping(database)
        session.connection().exec_driver_sql("UPDATE audit_log SET actor = 'b'")
    assert store.with_name("feedback.db-wal").stat().st_size > 0
    check_sqlite(store, whole=True)
    killed = store.with_name("killed")
    killed.mkdir()
    for path in store.parent.glob("feedback.db*"):
        shutil.copy(path, killed / path.name)
    database.close()
    check_sqlite(killed / "feedback.db", whole=True)


def test_no_file_yet_is_no_damage(tmp_path: Path) -> None:
    check_sqlite(tmp_path / "feedback.db")
    assert list(tmp_path.iterdir()) == []


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(DamagedStoreError, match=r"theirs\.db is a database of another program"):
        check_sqlite(path)


def test_a_store_of_a_later_version_is_refused_with_the_way_back(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = store.read_bytes()
    database = Database(f"sqlite:///{store}")
    with pytest.raises(
        DamagedStoreError, match=r"a later version than this one.*'9999'.*Install that version again"
    ):
        upgrade(database)
    database.close()
    assert store.read_bytes() == before


def test_damage_that_shows_while_the_service_runs_is_told_as_such(
    client: TestClient, sqlite_url: str
) -> None:
    add_one(client, "De premie is hoog.")
    database: Database = client.app_state["database"]
    database.engine.dispose()
    path = sqlite_file(sqlite_url)
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'feedback'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(random.Random(1).randbytes(size))
    answer = client.get("/v1/feedback")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:feedback-nlp:problem:store-damaged"
    assert "backup" in answer.json()["detail"]
