from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from feedback_nlp.errors import ModelAlteredError
from feedback_nlp.registry import Registry
from service.app import create_app
from service.database.engine import Database
from service.events.tables import EventRow
from service.models.activations import note_activation
from service.models.live import ModelHost
from service.models.registry import registry_host
from service.models.tables import ActivationRow
from service.settings import Settings
from tests.service.support import WordAnalyzer, fake_load


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder with two models, the first of which is live."""
    folder = tmp_path / "models"
    for version in ("1", "2", "3"):
        (folder / "feedback-words" / version).mkdir(parents=True)
        (folder / "feedback-words" / version / "manifest.json").write_text("{}")
    Registry.load(folder).activate("feedback-words/1", by="test", why="first", action="first")
    return folder


def promote(models: Path, version: str) -> None:
    Registry.load(models).activate(f"feedback-words/{version}", by="ann", why="better", action="promote")


@pytest.fixture
def settings(models: Path, store_url: str) -> Settings:
    return Settings(
        models=models,
        database_url=store_url,
        background=False,
        model_poll_seconds=0.05,
        require_keys=False,
    )


@pytest.fixture
def host(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> ModelHost:
    monkeypatch.setattr("feedback_nlp.analyzer.FeedbackAnalyzer.load", lambda folder, **_: fake_load(folder))
    return registry_host(settings, database)


@pytest.fixture
def client(settings: Settings, host: ModelHost) -> Iterator[TestClient]:
    with TestClient(create_app(settings, models_host=host)) as client:
        assert host.wait(30)
        yield client


def classify(client: TestClient) -> str:
    response = client.post("/v1/classify", json={"items": [{"text": "De premie is hoog."}]})
    assert response.status_code == 200, response.text
    body = response.json()
    version: str = body["model"]["version"]
    assert body["results"][0]["model"]["version"] == version
    return version


def await_version(client: TestClient, version: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while classify(client) != version:
        assert time.monotonic() < deadline, f"version {version} was not live within {seconds} s"
        time.sleep(0.02)


def test_a_promoted_model_goes_live_under_load_without_a_failed_request(
    client: TestClient, models: Path
) -> None:
    stop = threading.Event()
    versions: list[list[str]] = [[], []]

    def load(seen: list[str]) -> None:
        while not stop.is_set():
            seen.append(classify(client))

    threads = [threading.Thread(target=load, args=(seen,)) for seen in versions]
    for thread in threads:
        thread.start()
    promote(models, "2")
    try:
        await_version(client, "2", 5)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for seen in versions:
        assert seen == sorted(seen), "each request has one version, and it never goes back"


def test_items_keep_the_version_that_analysed_them(client: TestClient, models: Path) -> None:
    def add(text: str) -> int:
        id_: int = client.post("/v1/feedback", json={"items": [{"text": text}]}).json()["results"][0]["id"]
        return id_

    before = add("De premie.")
    promote(models, "2")
    await_version(client, "2", 5)
    after = add("De website.")
    versions = [
        client.get(f"/v1/feedback/{id_}").json()["analysis"]["model"]["version"] for id_ in (before, after)
    ]
    assert versions == ["1", "2"]


def await_noted(database: Database, times: int) -> None:
    """The version is there a moment before it is noted that it is."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with database.read() as session:
            if len(session.scalars(select(ActivationRow.id)).all()) == times:
                return
        time.sleep(0.02)
    raise AssertionError(f"{times} activations were not noted in time")


def test_a_promotion_is_kept_and_announced_once_however_many_processes_see_it(
    client: TestClient, models: Path, database: Database, host: ModelHost
) -> None:
    subscription = {"url": "https://93.184.216.34/hook", "types": ["model.promoted"]}
    assert client.post("/v1/subscriptions", json=subscription).status_code == 201
    promote(models, "2")
    await_noted(database, 2)
    activation = Registry.load(models).activations[-1]
    with database.write() as session:
        assert note_activation(session, activation, WordAnalyzer("2").info) is False
    with database.read() as session:
        rows = session.scalars(select(ActivationRow).order_by(ActivationRow.id)).all()
        assert [(row.model, row.action, row.by) for row in rows] == [
            ("feedback-words/1", "first", "test"),
            ("feedback-words/2", "promote", "ann"),
        ]
        (event,) = session.scalars(select(EventRow)).all()
    assert event.type == "model.promoted"
    assert event.data["model"] == "feedback-words/2"


def test_what_a_model_in_use_consists_of_is_kept_from_the_garbage_collector(host: ModelHost) -> None:
    try:
        host.refresh()
        assert host.failure == ""
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_a_model_that_is_refused_leaves_the_one_in_use_in_place() -> None:
    live = ["1"]
    loads: list[str] = []

    def load(folder: Path) -> WordAnalyzer:
        loads.append(folder.name)
        if folder.name == "2":
            raise ModelAlteredError("themes.joblib is not the file the manifest describes")
        return WordAnalyzer(folder.name)

    host = ModelHost(lambda: Path("m", live[-1]), load)
    host.refresh()
    live.append("2")
    for _ in range(5):
        host.refresh()
    assert host.current().analyzer.info.version == "1"
    assert "themes.joblib" in host.failure
    assert loads == ["1", "2"], "a refused model is not tried again at once"
    live.append("3")
    host.refresh()
    assert host.current().analyzer.info.version == "3"
    assert host.failure == ""
