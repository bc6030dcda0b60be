from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import event

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from service.app import create_app
from service.database.engine import Database
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.support import WordAnalyzer, fake_load

TEXT = {"items": [{"text": "Lang in de wacht."}]}
FEEDBACK = {"source": "bron", "external_id": "1", "text": "Lang in de wacht."}


class SlowAnalyzer(WordAnalyzer):
    """Answers when it is told to, but for the probe."""

    go = threading.Event()
    busy = threading.Semaphore(0)

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        if "kwartier" not in items[0].text:
            self.busy.release()
            assert self.go.wait(20)
        return super().analyze_batch(items)


@contextmanager
def serving(settings: Settings, load: Callable[[Path], Any] = fake_load) -> Iterator[TestClient]:
    host = ModelHost(lambda: Path("models/feedback-words/1"), load)
    with TestClient(create_app(settings, models_host=host), raise_server_exceptions=False) as client:
        assert host.wait(10)
        yield client


def settings_for(url: str, **more: Any) -> Settings:
    return Settings(database_url=url, background=False, require_keys=False, **more)


def test_more_requests_than_can_be_answered_are_told_to_come_back(sqlite_url: str) -> None:
    SlowAnalyzer.go.clear()
    with serving(settings_for(sqlite_url, max_requests=2), lambda folder: SlowAnalyzer()) as client:
        answers: list[int] = []

        def ask() -> None:
            answers.append(client.post("/v1/classify", json=TEXT).status_code)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert SlowAnalyzer.busy.acquire(timeout=20)
        refused = client.post("/v1/classify", json=TEXT)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["type"] == "urn:feedback-nlp:problem:busy"
        page = client.get("/inbox", headers={"accept": "text/html"})
        assert page.status_code == 429
        assert "text/html" in page.headers["content-type"]
        assert client.get("/health/live").status_code == 200
        assert client.get("/metrics").status_code == 200
        SlowAnalyzer.go.set()
        for thread in threads:
            thread.join(20)
        assert answers == [200, 200]
        assert client.post("/v1/classify", json=TEXT).status_code == 200


def test_a_body_that_stops_half_way_is_not_waited_for(sqlite_url: str) -> None:
    app = create_app(
        settings_for(sqlite_url, body_timeout_seconds=0.05),
        models_host=ModelHost(lambda: Path("models/feedback-words/1"), fake_load),
    )

    async def ask() -> list[Any]:
        sent: list[Any] = []
        parts = [{"type": "http.request", "body": b'{"items": [', "more_body": True}]

        async def receive() -> Any:
            if parts:
                return parts.pop()
            return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/v1/classify", "raw_path": b"/v1/classify", "query_string": b"", "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        }  # fmt: skip
        async with app.router.lifespan_context(app) as state:
            await asyncio.wait_for(app({**scope, "state": dict(state or {})}, receive, send), 10)
        return sent

    # In a thread of its own: where a browser was driven before, this one has a loop already.
    with ThreadPoolExecutor(1) as pool:
        start = pool.submit(asyncio.run, ask()).result()[0]
    assert start["status"] == 408
    assert (b"connection", b"close") in [(name.lower(), value) for name, value in start["headers"]]


def test_a_store_that_is_gone_is_an_orderly_503_and_work_goes_on_when_it_is_back(
    sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "feedback.db"
    with serving(settings_for(sqlite_url)) as client:
        database: Database = client.app_state["database"]
        kept = client.post("/v1/feedback", json={"items": [FEEDBACK]})
        assert kept.status_code in (200, 201), kept.text
        database.engine.dispose()
        aside = [path for path in tmp_path.iterdir() if path.name.startswith(file.name)]
        (tmp_path / "aside").mkdir()
        for path in aside:
            shutil.move(path, tmp_path / "aside" / path.name)
        file.mkdir()
        lost = client.post("/v1/feedback", json={"items": [{**FEEDBACK, "external_id": "2"}]})
        assert lost.status_code == 503
        assert lost.headers["retry-after"] == "5"
        assert lost.json()["type"] == "urn:feedback-nlp:problem:store-unavailable"
        assert "wacht" not in lost.text
        page = client.get("/inbox", headers={"accept": "text/html"})
        assert page.status_code == 503
        assert "De opslag is niet bereikbaar" in page.text
        keyed = client.get("/v1/feedback", headers={"authorization": "Bearer fnlp_unknown_key"})
        assert keyed.status_code in (401, 503)
        assert client.get("/health/ready").status_code == 503
        assert client.post("/v1/classify", json=TEXT).status_code == 200
        file.rmdir()
        for path in (tmp_path / "aside").iterdir():
            shutil.move(path, tmp_path / path.name)
        assert client.get("/health/ready").status_code == 200
        again = client.post("/v1/feedback", json={"items": [{**FEEDBACK, "external_id": "2"}]})
        assert again.status_code in (200, 201)
        items = client.get("/v1/feedback").json()["items"]
        assert sorted(item["external_id"] for item in items) == ["1", "2"]


def test_a_full_disk_is_an_orderly_503_and_loses_nothing_that_was_accepted(sqlite_url: str) -> None:
    with serving(settings_for(sqlite_url)) as client:
        database: Database = client.app_state["database"]
        full = True

        @event.listens_for(database.engine, "begin")
        def shrink(connection: Any) -> None:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages if full else 1 << 30}")

        accepted, refused = [], []
        for number in range(60):
            answer = client.post(
                "/v1/feedback",
                json={"items": [{**FEEDBACK, "external_id": str(number), "text": "In de wacht. " * 300}]},
            )
            (accepted if answer.is_success else refused).append(str(number))
            if not answer.is_success:
                assert answer.status_code == 503
                assert answer.json()["type"] == "urn:feedback-nlp:problem:disk-full"
                assert answer.headers["retry-after"] == "60"
        assert refused, "the disk must have been full"
        full = False
        for number in refused:
            answer = client.post("/v1/feedback", json={"items": [{**FEEDBACK, "external_id": number}]})
            assert answer.is_success
        items = client.get("/v1/feedback?limit=100").json()["items"]
        assert sorted(item["external_id"] for item in items) == sorted(accepted + refused)


def test_a_fault_of_the_program_is_not_taken_for_a_store_that_is_gone(sqlite_url: str) -> None:
    with serving(settings_for(sqlite_url)) as client:
        database: Database = client.app_state["database"]
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE feedback RENAME TO elsewhere")
        assert client.get("/v1/feedback").status_code == 500
