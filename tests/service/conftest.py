from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.support import fake_load


@pytest.fixture
def settings() -> Settings:
    return Settings(max_body_bytes=1_000_000)


@pytest.fixture
def host() -> ModelHost:
    return ModelHost(lambda: Path("models/feedback-words/1"), fake_load)


@pytest.fixture
def client(settings: Settings, host: ModelHost) -> Iterator[TestClient]:
    with TestClient(create_app(settings, models_host=host), raise_server_exceptions=False) as client:
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
