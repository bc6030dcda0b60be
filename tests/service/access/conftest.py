from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.database.engine import Database
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.access.support import browser


@pytest.fixture
def guarded_settings(sqlite_url: str) -> Settings:
    return Settings(
        database_url=sqlite_url,
        background=False,
        require_keys=True,
        password_rounds=1,
        password_memory_kib=64,
    )


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def guarded(guarded_settings: Settings, host: ModelHost) -> Iterator[TestClient]:
    """A running application that wants to know who asks."""
    app = create_app(guarded_settings, models_host=host)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        assert host.wait(10)
        yield client


@pytest.fixture
def visitor(guarded: TestClient) -> TestClient:
    """A browser without cookies."""
    return browser(guarded)
