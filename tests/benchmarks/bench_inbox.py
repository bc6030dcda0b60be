"""How quickly the inbox answers with 100,000 items in the store, on both databases.

The texts are those of the project's synthetic corpus, again and again. Every figure is also told as a ratio to an
almost empty page of the same application, which has the same frame.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, text

from feedback_nlp.records import Analysis, FeedbackItem
from service.app import create_app
from service.database.engine import Database
from service.feedback.tables import AnalysisRow, FeedbackRow, SignalRow, ThemeRow
from service.feedback.urgency import urgency
from service.models.live import ModelHost
from service.settings import Settings
from tests.labelled import LabelledAnalyzer
from tests.service.conftest import (
    postgresql,
    postgresql_url,
    shared_sqlite_url,
    sqlite,
    sqlite_template,
    store_url,
)

__all__ = ["postgresql", "postgresql_url", "shared_sqlite_url", "sqlite", "sqlite_template", "store_url"]

pytestmark = pytest.mark.bench

ITEMS = int(os.environ.get("INBOX_ITEMS", "100000"))
TIMES = 25
FIRST_BYTE, FILTER = 0.100, 0.150
FILTERS = (
    "/inbox?theme=empathie",
    "/inbox?theme=bereikbaarheid&polarity=negative&channel=telefoon",
    "/inbox?signal=klacht",
    "/inbox?status=closed&sort=newest",
    "/inbox?review=1",
    "/inbox?handler=none&journey=betalen",
    "/inbox?sort=oldest",
    "/inbox?q=wachtrij",
    "/mismatches",
)


def fill(database: Database) -> None:
    """Store items as the service would, without its checks; one in eight is still open."""
    analyzer = LabelledAnalyzer()
    rows = list(analyzer.rows.values())
    read = analyzer.analyze_batch([FeedbackItem(row["text"]) for row in rows])
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for start in range(0, ITEMS, 5000):
        numbers = range(start, min(start + 5000, ITEMS))
        feedback, analyses, themes, signals = [], [], [], []
        for number in numbers:
            row, said = rows[number % len(rows)], read[number % len(rows)]
            assert isinstance(said, Analysis)
            status = "closed" if number % 8 else ("new", "in_progress")[number % 16 // 8]
            found = [signal.code for signal in said.signals if signal.assigned]
            result = said.to_dict()
            at = began + timedelta(minutes=5 * number)
            feedback.append(
                {
                    "id": number + 1, "source": "bench", "external_id": str(number), "text": row["text"],
                    "language": "nl", "kind": row["kind"], "domain": row["domain"], "journey": row["journey"],
                    "channel": row["channel"], "segment": row["segment"], "nps": row["nps"],
                    "occurred_at": at, "received_at": at, "submitted": {}, "meta": {}, "status": status,
                    "sentiment": said.sentiment.score, "needs_review": said.needs_review,
                    "review_reasons": result["review_reasons"], "version": 1,
                    "urgency": urgency(
                        status, strongest=1.0 if found else None, needs_review=said.needs_review
                    ),
                }
            )  # fmt: skip
            analyses.append(
                {
                    "feedback_id": number + 1, "model_name": "feedback-nl", "model_version": "labels",
                    "model_digest": "sha256:0", "created_at": at, "result": result,
                }
            )  # fmt: skip
            themes += [
                {"feedback_id": number + 1, "theme": one.code, "polarity": one.polarity, "score": one.score,
                 "origin": "model"}
                for one in said.assigned_themes
            ]  # fmt: skip
            signals += [
                {"feedback_id": number + 1, "signal": code, "score": 0.9, "origin": "model"} for code in found
            ]
        with database.write() as session:
            for table, values in ((FeedbackRow, feedback), (AnalysisRow, analyses), (ThemeRow, themes),
                                  (SignalRow, signals)):  # fmt: skip
                session.execute(insert(table), values)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


@pytest.fixture
def pages(store_url: str) -> Iterator[TestClient]:
    database = Database(store_url)
    fill(database)
    database.close()
    host = ModelHost(lambda: None, lambda folder: LabelledAnalyzer())
    app = create_app(Settings(database_url=store_url, background=False, require_keys=False), models_host=host)
    with TestClient(app) as client:
        yield client


def median(client: TestClient, path: str) -> float:
    """Seconds to the whole answer, which is more than to its first byte."""
    seconds: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        assert client.get(path, headers={"accept": "text/html"}).status_code == 200
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def test_the_inbox_answers_at_once_among_a_hundred_thousand_items(pages: TestClient) -> None:
    empty = median(pages, "/help")
    inbox = median(pages, "/inbox")
    print(f"\n{ITEMS:,} items; an almost empty page takes {empty * 1000:.1f} ms")
    print(f"  {'/inbox':<62} {inbox * 1000:6.1f} ms  {inbox / empty:5.1f} x")
    slow = {"/inbox": inbox} if inbox > FIRST_BYTE else {}
    for path in FILTERS:
        seconds = median(pages, path)
        print(f"  {path:<62} {seconds * 1000:6.1f} ms  {seconds / empty:5.1f} x")
        if seconds > FILTER:
            slow[path] = seconds
    assert slow == {}
