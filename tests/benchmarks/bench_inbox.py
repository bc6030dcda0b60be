"""How quickly the inbox answers with 100,000 items in the store, on both databases.

The texts are those of the project's synthetic corpus, again and again. Every figure is also told as a ratio to an
almost empty page of the same application, which has the same frame.
`BENCH_SMALL=1 python -m tests.benchmarks.bench_inbox` tries it on less.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, text

from feedback_nlp.records import Analysis, FeedbackItem
from service.app import create_app
from service.database.engine import Database
from service.database.migrate import upgrade
from service.feedback.tables import AnalysisRow, FeedbackRow, SignalRow, ThemeRow
from service.feedback.urgency import urgency
from service.models.live import ModelHost
from service.settings import Settings
from tests.benchmarks.bench_dashboard import postgresql_server
from tests.benchmarks.command_line import arguments
from tests.benchmarks.programs import small
from tests.benchmarks.tables import markdown, publish
from tests.labelled import LabelledAnalyzer

ITEMS = small(100_000, 2_000)
TIMES = small(25, 3)
FIRST_BYTE, FILTER = 0.100, 0.150
NAME = "python -m tests.benchmarks.bench_inbox --into docs/benchmarks.md"
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


@contextmanager
def pages(url: str) -> Iterator[TestClient]:
    """The application over a store that is filled first."""
    database = Database(url)
    upgrade(database)
    fill(database)
    database.close()
    host = ModelHost(lambda: None, lambda folder: LabelledAnalyzer())
    app = create_app(Settings(database_url=url, background=False, require_keys=False), models_host=host)
    with TestClient(app) as client:
        yield client


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """An address of each database."""
    # Not in pytest's own folder: PostgreSQL refuses to run as root and then needs a folder others may enter.
    folder = Path(tempfile.mkdtemp(prefix="feedback-nlp-inbox-"))
    try:
        with postgresql_server(folder) as url:
            yield {"SQLite": f"sqlite:///{folder / 'feedback.db'}", "PostgreSQL": url}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def median(client: TestClient, path: str) -> float:
    """Seconds to the whole answer, which is more than to its first byte."""
    seconds: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        assert client.get(path, headers={"accept": "text/html"}).status_code == 200
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def measure() -> dict[str, dict[str, float]]:
    """Median seconds by store and path."""
    with stores() as addresses:
        return {name: measured(url) for name, url in addresses.items()}


def measured(url: str) -> dict[str, float]:
    with pages(url) as client:
        return {path: median(client, path) for path in ("/help", "/inbox", *FILTERS)}


def limit(path: str) -> float:
    return FIRST_BYTE if path == "/inbox" else FILTER


def publish_all(into: Path | None = None) -> dict[str, dict[str, float]]:
    found = measure()
    header = ["page"]
    for name in found:
        header += [f"{name}, ms", "ratio to the almost empty page", "ratio to the limit"]
    rows = []
    for path in ("/help", "/inbox", *FILTERS):
        row = [f"`{path}`"]
        for seconds in found.values():
            row += [f"{1000 * seconds[path]:.1f}", f"{seconds[path] / seconds['/help']:.1f}",
                    "" if path == "/help" else f"{seconds[path] / limit(path):.2f}"]  # fmt: skip
        rows.append(row)
    note = (
        f"{ITEMS:,} items, one in eight open; median of {TIMES} whole answers of the application itself, without a "
        f"network. `/help` is\nthe almost empty page. Limits: {1000 * FIRST_BYTE:g} ms for the inbox, "
        f"{1000 * FILTER:g} ms with a filter."
    )
    publish("inbox", f"{markdown(header, rows)}\n\n{note}", command=NAME, into=into)
    return found


@pytest.mark.bench
def test_the_inbox_answers_at_once_among_a_hundred_thousand_items() -> None:
    slow = [
        (store, path)
        for store, seconds in publish_all().items()
        for path in ("/inbox", *FILTERS)
        if seconds[path] > limit(path)
    ]
    assert slow == []


def main() -> None:
    publish_all(arguments(__doc__, models=False).into)


if __name__ == "__main__":
    main()
