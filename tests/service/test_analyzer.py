"""The service with a real model."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from feedback_nlp.registry import Registry
from service.app import create_app
from service.classify.schemas import ClassifyResponse
from service.settings import Settings

if TYPE_CHECKING:
    from training.train import TrainingRun

SENTENCE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."
any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=400)


@pytest.fixture(scope="module")
def real(small_model: TrainingRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        models=small_model.folder.parents[1],
        database_url=f"sqlite:///{tmp_path_factory.mktemp('real') / 'feedback.db'}",
        background=False,
        require_keys=False,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        deadline = time.monotonic() + 120
        while client.get("/health/ready").status_code != 200:
            assert time.monotonic() < deadline, client.get("/health/ready").text
            time.sleep(0.05)
        yield client


def classify(client: TestClient, *texts: str) -> list[dict[str, Any]]:
    body = json.dumps({"items": [{"text": text} for text in texts]})
    response = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    ClassifyResponse.model_validate(response.json())
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def test_the_example_is_classified_with_the_right_words_as_evidence(real: TestClient) -> None:
    (result,) = classify(real, SENTENCE)
    themes = {theme["code"]: theme for theme in result["themes"]}
    words = {
        code: " ".join(result["text"][span["start"] : span["end"]] for span in theme["evidence"])
        for code, theme in themes.items()
    }
    assert themes["bereikbaarheid"]["assigned"]
    assert themes["bereikbaarheid"]["polarity"] < 0
    assert "wacht" in words["bereikbaarheid"]
    assert themes["empathie"]["assigned"]
    assert themes["empathie"]["polarity"] > 0
    assert "begripvol" in words["empathie"]


@hypothesis_settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(any_text, min_size=1, max_size=4))
def test_any_text_at_all_is_answered_with_spans_inside_it(real: TestClient, texts: list[str]) -> None:
    for result in classify(real, *texts):
        for theme in result.get("themes", []):
            for span in theme["evidence"]:
                assert 0 <= span["start"] < span["end"] <= len(result["text"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "\0" * 100,
        "a" * 20_000,
        "wacht " * 3_333,
        "\u200b" * 50,
        "😡" * 500,
        "a" * 20_001,
        "\ud800",
        "\n" * 99,
    ],
    ids=[
        "empty",
        "null",
        "nulls",
        "longest",
        "many words",
        "invisible",
        "emoji",
        "too long",
        "half",
        "blank",
    ],
)
def test_odd_texts_are_answered_or_refused_by_themselves(real: TestClient, text: str) -> None:
    odd, plain = classify(real, text, SENTENCE)
    assert ("error" in odd) != ("themes" in odd)
    assert "themes" in plain


def test_what_the_command_line_and_the_service_say_is_the_same(
    real: TestClient, small_model: TrainingRun
) -> None:
    from feedback_nlp.analyzer import FeedbackAnalyzer

    analyzer = FeedbackAnalyzer.load(small_model.folder)
    (result,) = classify(real, SENTENCE)
    assert result == analyzer.analyze(SENTENCE).to_dict()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_served_process_answers_follows_a_promotion_and_stops_in_peace(
    small_model: TrainingRun, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    name = small_model.folder.relative_to(small_model.folder.parents[1])
    copy = name.with_name(f"{name.name}-again")
    for target in (name, copy):
        (models / target).mkdir(parents=True)
        for file in small_model.folder.iterdir():
            os.link(file, models / target / file.name)
    Registry.load(models).activate(name.as_posix(), by="test", why="first", action="first")
    port = free_port()
    environment = {
        **os.environ,
        "FEEDBACK_NLP_DATABASE_URL": f"sqlite:///{tmp_path / 'feedback.db'}",
        "FEEDBACK_NLP_REQUIRE_KEYS": "false",
        "OMP_NUM_THREADS": "1",
    }
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "feedback_nlp.cli", "serve", "--port", str(port), "--models", str(models)],
        env=environment,
        stderr=log,
        stdout=log,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            await_ready(client, process, tmp_path / "log")
            body = {"items": [{"text": SENTENCE}]}
            first = client.post("/v1/classify", json=body).json()["results"][0]
            assert [theme["code"] for theme in first["themes"] if theme["assigned"]] != []
            before = client.get("/v1/model").json()["since"]
            Registry.load(models).activate(copy.as_posix(), by="test", why="again", action="promote")
            promoted = time.monotonic()
            while client.get("/v1/model").json()["since"] == before:
                assert client.post("/v1/classify", json=body).status_code == 200
                assert time.monotonic() < promoted + 30
            assert client.post("/v1/feedback", json=body).status_code == 201
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
        log.close()
    written = (tmp_path / "log").read_text()
    assert "wacht" not in written
    assert "Traceback" not in written
    for line in written.splitlines():
        json.loads(line)


def await_ready(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None, log.read_text()
        try:
            if client.get("/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
