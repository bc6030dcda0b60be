from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from feedback_nlp.errors import ModelAlteredError, TextError
from service.app import create_app
from service.models.live import PROBE, ModelHost
from service.settings import Settings
from tests.service.support import WordAnalyzer


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    response = client.get("/v1/nothing")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "There is nothing at /v1/nothing."


def test_a_wrong_method_is_a_problem_that_names_the_right_one(client: TestClient) -> None:
    response = client.get("/v1/classify")
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["allow"] == "POST"


def test_the_model_in_use_is_told_with_its_manifest(client: TestClient) -> None:
    body = client.get("/v1/model").json()
    assert (body["name"], body["version"]) == ("feedback-words", "1")
    assert body["manifest"]["version"] == "1"
    assert body["since"].endswith("Z")


def test_the_taxonomy_comes_with_labels_definitions_and_digest(client: TestClient) -> None:
    body = client.get("/v1/taxonomy").json()
    theme = next(theme for theme in body["themes"] if theme["code"] == "bereikbaarheid")
    assert theme["nl"] == "Bereikbaarheid"
    assert theme["definition_nl"]
    assert theme["pillar"] == "processen"
    assert body["digest"].startswith("sha256:")


def test_it_is_live_before_and_ready_after_a_model_is_loaded(
    client_for: Callable[[ModelHost], TestClient],
) -> None:
    found: list[Path] = []
    host = ModelHost(lambda: found[0] if found else None, lambda folder: WordAnalyzer(folder.name))
    client = client_for(host)
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").status_code == 503
    found.append(Path("models/feedback-words/7"))
    host.refresh()
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json()["model"]["version"] == "7"


def test_a_refused_model_keeps_it_unready_and_the_reason_is_told(
    client_for: Callable[[ModelHost], TestClient],
) -> None:
    def load(folder: Path) -> WordAnalyzer:
        raise ModelAlteredError("themes.joblib is not the file the manifest describes")

    response = client_for(ModelHost(lambda: Path("1"), load)).get("/health/ready")
    assert response.status_code == 503
    assert "themes.joblib" in response.json()["detail"]


def test_a_model_that_cannot_classify_the_probe_is_not_put_to_work(
    client_for: Callable[[ModelHost], TestClient],
) -> None:
    class Mute(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            assert [item.text for item in items] == [PROBE]
            return [TextError("cannot")]

    response = client_for(ModelHost(lambda: Path("1"), lambda folder: Mute())).get("/health/ready")
    assert response.status_code == 503


def test_the_model_is_loaded_once_for_all_requests(client_for: Callable[[ModelHost], TestClient]) -> None:
    loads: list[Path] = []

    def load(folder: Path) -> WordAnalyzer:
        loads.append(folder)
        return WordAnalyzer()

    host = ModelHost(lambda: Path("1"), load)
    client = client_for(host)
    for _ in range(5):
        assert client.post("/v1/classify", json={"items": [{"text": "Prima."}]}).status_code == 200
        host.refresh()
    assert len(loads) == 1


def test_no_operation_describes_an_error_other_than_as_a_problem() -> None:
    schema = create_app(Settings()).openapi()
    for path in schema["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], operation["summary"]


@pytest.mark.parametrize(("name", "value"), [("PORT", "70000"), ("LANGUAGE", "fr"), ("THREADS", "0")])
def test_a_wrong_setting_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"FEEDBACK_NLP_{name}", value)
    with pytest.raises(ValueError, match=name.lower()):
        Settings()
