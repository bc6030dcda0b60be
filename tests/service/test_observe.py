from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator

import pytest
import structlog
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from service import logs
from service.models.live import ModelHost
from tests.service.test_feedback import add_one

SECRET = "Zeldzaamwoord in de wacht"


@pytest.fixture
def log_as_it_was() -> Iterator[None]:
    """Leaves logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def metrics(api: TestClient) -> dict[tuple[str, ...], float]:
    response = api.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain"), response.text
    return {
        (
            sample.name.removeprefix("feedback_nlp_"),
            *(sample.labels[name] for name in sorted(sample.labels)),
        ): (sample.value)
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_a_harmless_request_id_is_kept_and_any_other_replaced(client: TestClient) -> None:
    kept = client.get("/health/live", headers={"X-Request-ID": "abc-123"})
    assert kept.headers["x-request-id"] == "abc-123"
    replaced = client.get("/health/live", headers={"X-Request-ID": 'a"b{'})
    assert re.fullmatch(r"[0-9a-f]{16}", replaced.headers["x-request-id"])


def test_problems_carry_a_request_id_too(client: TestClient) -> None:
    assert client.get("/nothing").headers["x-request-id"]


@pytest.fixture
def fresh(client_for: Callable[[ModelHost], TestClient], host: ModelHost) -> TestClient:
    """An application that has counted nothing yet."""
    return client_for(host)


def test_requests_texts_themes_and_queues_are_counted(fresh: TestClient) -> None:
    api = fresh
    add_one(api, "In de wacht gestaan.")
    api.post("/v1/classify", json={"items": [{"text": "Geen idee."}, {"text": ""}]})
    api.post("/v1/jobs", files={"file": ("a.csv", b"text\nDe premie\n")})
    api.get("/v1/feedback/1")
    found = metrics(api)
    assert found["requests_total", "GET", "/v1/feedback/{id}", "200"] == 1
    assert found["requests_total", "POST", "/v1/classify", "200"] == 1
    assert found["request_seconds_count", "POST", "/v1/feedback"] == 1
    assert found["texts_total", "1", "analysed"] == 1
    assert found["texts_total", "1", "review"] == 1
    assert found["themes_total", "bereikbaarheid"] == 1
    assert found["queue_depth", "jobs", "queued"] == 1
    assert found["queue_depth", "deliveries", "pending"] == 0
    assert found["model_info", "sha256:" + "0" * 64, "feedback-words", "1"] == 1


def test_paths_that_do_not_exist_do_not_become_metrics(fresh: TestClient) -> None:
    client = fresh
    for n in range(3):
        client.get(f"/scan/{n}")
    names = {name for name, *_ in metrics(client)}
    assert metrics(client)["requests_total", "GET", "unmatched", "404"] == 3
    assert "requests_total" in names


def test_the_log_is_json_with_the_request_id_and_without_any_text(
    client: TestClient, capsys: pytest.CaptureFixture[str], log_as_it_was: None
) -> None:
    logs.configure()
    client.post(
        "/v1/feedback",
        json={"items": [{"text": SECRET, "meta": {"a": SECRET}}]},
        headers={"X-Request-ID": "r1"},
    )
    client.post("/v1/classify", json={"items": [{"text": SECRET, "nps": SECRET}]})
    client.get("/v1/feedback", params={"q": SECRET})
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert {"request_id": "r1", "route": "/v1/feedback", "status": 201}.items() <= next(
        line for line in lines if line.get("request_id") == "r1"
    ).items()
    assert "eldzaam" not in written


def test_of_an_error_the_log_has_its_kind_and_place_but_not_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    written = capsys.readouterr().err
    line = json.loads(written)
    assert line["error"] == "ValueError"
    assert line["trace"][-1].startswith("test_observe.py:")
    assert "eldzaam" not in written
