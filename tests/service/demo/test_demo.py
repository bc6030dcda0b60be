from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from service.actor import LOCAL
from service.database.engine import Database
from service.demo.service import add_demo, remove_demo
from service.demo.year import draw
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from service.feedback.tables import AnalysisRow, FeedbackRow, ThemeRow
from service.redaction import default_redactor
from tests.labelled import CORPUS, LabelledAnalyzer

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fill(database: Database, count: int = 120) -> list[int]:
    return list(add_demo(database, LabelledAnalyzer(), default_redactor(), LOCAL, CORPUS, count))


def test_the_year_is_spread_over_time_journeys_and_channels_and_always_the_same() -> None:
    items = draw(CORPUS, 600, NOW)
    assert items == draw(CORPUS, 600, NOW)
    moments = [item.feedback.occurred_at for item in items]
    assert all(moment is not None and NOW - timedelta(days=366) <= moment <= NOW for moment in moments)
    assert len({moment.month for moment in moments if moment is not None}) == 12
    assert len({item.feedback.journey for item in items}) == 8
    assert len({item.feedback.channel for item in items}) == 9
    assert set(Counter(item.status for item in items)) == {"new", "in_progress", "answered", "closed"}


def test_putting_it_in_again_adds_nothing_and_taking_it_out_leaves_nothing_behind(database: Database) -> None:
    with database.write() as session:
        kept = NewFeedback(text="Een echte klant", source="enquete", external_id="1")
        FeedbackService(session, LabelledAnalyzer(), default_redactor(), LOCAL).add([kept])
    assert fill(database) == [100, 120]
    fill(database)
    with database.read() as session:
        assert session.scalar(select(func.count(FeedbackRow.id))) == 121
        demo = session.scalars(select(FeedbackRow).where(FeedbackRow.source == "demo")).all()
        assert all(row.received_at == row.occurred_at and row.meta["demo"] for row in demo)
        assert {row.meta["filiaal"] for row in demo} == {"Noord", "Oost", "Zuid", "West"}
        assert any(row.corrected_at for row in demo)
    assert remove_demo(database, LOCAL) == 120
    with database.read() as session:
        assert [row.source for row in session.scalars(select(FeedbackRow))] == ["enquete"]
        assert session.scalar(select(func.count(AnalysisRow.id))) == 1
        assert session.scalar(select(func.count()).select_from(ThemeRow)) == 0
