from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from service.app import create_app
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.support import fake_load

DEPENDS_ON_MORE = [
    ("POST", "/v1/feedback"),  # codes of the taxonomy in use
    ("PATCH", "/v1/feedback/{id}"),  # likewise, and a user who is there
    ("POST", "/v1/feedback/{id}/corrections"),  # codes of the taxonomy
    ("POST", "/v1/jobs"),  # a file with something in it
    ("POST", "/v1/subscriptions"),  # a target that resolves to a public address
    ("POST", "/v2/models/{model_name}/infer"),  # a shape that fits the data
    ("POST", "/v2/models/{model_name}/versions/{model_version}/infer"),
    ("POST", "/signals_mltool/predict"),  # a text that is not blank
    *(("GET", f"/v1/dashboard/{board}") for board in ("journey", "trend", "themes")),  # codes of the taxonomy
    *(("GET", f"/v1/dashboard/{board}") for board in ("drivers", "change", "dna")),  # likewise, and no cut
]
"""Operations that may refuse with a 422 what fits their schema, for a schema cannot say all they need."""


def _may_refuse(method: str, path: str) -> dict[str, Any]:
    statuses = ["2xx", "404", "409", "422"]
    return {
        "include-method": method,
        "include-path": path,
        "checks": {"positive_data_acceptance": {"expected-statuses": statuses}},
    }


@pytest.fixture(scope="module")
def described(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The OpenAPI description of an application that runs."""
    path = tmp_path_factory.mktemp("openapi") / "feedback.db"
    path.write_bytes(sqlite_template.read_bytes())
    host = ModelHost(lambda: Path("models/feedback-words/1"), fake_load)
    app = create_app(
        Settings(database_url=f"sqlite:///{path}", background=False, require_keys=False), models_host=host
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        assert host.wait(10)
        (added,) = client.post("/v1/feedback", json={"items": [{"text": "De premie."}]}).json()["results"]
        assert added["id"] == 1
        client.post("/v1/jobs", files={"file": ("a.csv", b"text\nDe premie\n")})
        config = schemathesis.Config.from_dict({"operations": [_may_refuse(*one) for one in DEPENDS_ON_MORE]})
        yield schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


OPERATIONS = [
    (path, method.upper())
    for path, operations in create_app(Settings()).openapi()["paths"].items()
    for method in operations
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_operation_answers_as_it_is_described(described: Any, path: str, method: str) -> None:
    operation = described[path][method]

    @given(case=st.one_of(operation.as_strategy(mode) for mode in GenerationMode))
    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers_as_described(case: Any) -> None:
        response = case.call_and_validate()
        if response.status_code >= 400:
            assert response.headers["content-type"][0] == "application/problem+json"
            problem = response.json()
            assert problem["status"] == response.status_code
            assert problem["detail"]

    answers_as_described()


def test_there_are_operations_to_check() -> None:
    assert len(OPERATIONS) > 25
