from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from service.app import create_app
from service.models.live import ModelHost
from service.settings import Settings

COMPLAINT = "Ik stond in de wacht. Dit is een klacht, en ik ga opzeggen!"
MIXED = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."
PLAIN = "De website werkt prima."
DOUBT = "Tja, wat zal ik zeggen."


@dataclass(frozen=True)
class Visit:
    """A person at the pages, in a service without access control."""

    client: TestClient

    def get(self, path: str, **query: Any) -> Response:
        return self.client.get(path, params=query or None, headers={"accept": "text/html"})

    def page(self, path: str, **query: Any) -> str:
        response = self.get(path, **query)
        assert response.status_code == 200, response.text
        return response.text

    def send(self, path: str, **fields: Any) -> Response:
        return self.client.post(path, data=fields, headers={"accept": "text/html"}, follow_redirects=False)

    def add(self, text: str, **fields: Any) -> int:
        response = self.client.post("/v1/feedback", json={"items": [{"text": text, **fields}]})
        id_: int = response.json()["results"][0]["id"]
        return id_

    def item(self, id_: int) -> dict[str, Any]:
        item: dict[str, Any] = self.client.get(f"/v1/feedback/{id_}").json()
        return item

    def listed(self, path: str = "/inbox", **query: Any) -> list[int]:
        return [int(id_) for id_ in re.findall(r'class="open" href="/items/(\d+)"', self.page(path, **query))]


@pytest.fixture
def visit(store_url: str, host: ModelHost) -> Iterator[Visit]:
    """The pages, on each database."""
    settings = Settings(database_url=store_url, background=False, require_keys=False)
    with TestClient(create_app(settings, models_host=host), raise_server_exceptions=False) as client:
        assert host.wait(10)
        yield Visit(client)
