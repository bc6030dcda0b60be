from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.models.live import ModelHost
from service.settings import Settings


@pytest.fixture
def fresh(sqlite_url: str, host: ModelHost) -> Iterator[TestClient]:
    """A service as it is without any setting, asked by a browser on the same machine."""
    app = create_app(Settings(database_url=sqlite_url, background=False), models_host=host)
    with TestClient(app, base_url="http://localhost:8000") as client:
        yield client


def test_every_operation_is_on_the_page_with_its_scope(fresh: TestClient) -> None:
    page = fresh.get("/docs").text
    schema = fresh.get("/openapi.json").json()
    operations = [(method.upper(), path) for path, found in schema["paths"].items() for method in found]
    assert len(operations) > 25
    for method, path in operations:
        assert f"<code>{method} {path}</code>" in page
    assert "Scope: classify; none on this machine" in page
    assert "Scope: erase." in page
    assert "&#34;items&#34;" in page or '"items"' in page


def test_the_schema_says_who_may_and_how_refusals_look(fresh: TestClient) -> None:
    schema = fresh.get("/openapi.json").json()
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    listing = schema["paths"]["/v1/feedback"]["get"]
    assert listing["security"] == [{"key": []}]
    assert listing["x-scopes"] == ["read"]
    assert {"401", "403", "429"} <= listing["responses"].keys()
    assert {} in schema["paths"]["/v1/classify"]["post"]["security"]
    assert "security" not in schema["paths"]["/health/live"]["get"]
