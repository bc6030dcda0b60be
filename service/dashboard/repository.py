"""All SQL of the dashboards: sums over the daily counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Select, cast, delete, func, or_, select
from sqlalchemy.orm import Session

from feedback_nlp.metrics import Moments
from service.counts.facts import Counted
from service.counts.tables import DIMENSIONS, NONE, GuessCount, PatternCount, ScoreCount, ThemeCount
from service.dashboard.query import DashboardQuery, Period
from service.dashboard.tables import PointRow
from service.feedback.tables import FeedbackRow, ThemeRow

__all__ = ["Counts", "DashboardRepository", "Key"]

Key = tuple[Any, ...]
Counts = dict[str, int]
_SCORES = tuple(column.key for column in ScoreCount.__table__.columns if not column.primary_key)
_THEMES = tuple(column.key for column in ThemeCount.__table__.columns if not column.primary_key)
_JUDGING = 7310486
_SUMS = ("n", "promoter", "detractor", "promoter_squared", "product", "detractor_squared")


class DashboardRepository:
    """The counts within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def wait_for_others(self) -> None:
        """Let only one at a time judge a week; on SQLite a writer is alone anyway."""
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(_JUDGING)))

    def scores(
        self, asked: DashboardQuery, by: Sequence[str] = (), period: Period | None = None
    ) -> dict[Key, Counts]:
        """How the scores are spread, by key: the columns of `ScoreCount`.

        Args:
            asked: Which feedback.
            by: Columns of the key: `journey`, `day`, or `value` for all values of the dimension that is asked for.
            period: Another period than the one that is asked for.
        """
        return self._counts(ScoreCount, asked, by, _SCORES, period)

    def themes(self, asked: DashboardQuery, by: Sequence[str]) -> dict[Key, Counts]:
        """How themes are spoken of, by columns such as `theme` and `journey`: the columns of `ThemeCount`."""
        return self._counts(ThemeCount, asked, by, _THEMES, None)

    def _counts(
        self,
        table: Counted,
        asked: DashboardQuery,
        by: Sequence[str],
        sums: Sequence[str],
        period: Period | None,
    ) -> dict[Key, Counts]:
        return {
            tuple(row[: len(by)]): dict(zip(sums, row[len(by) :], strict=True))
            for row in self._sum(table, asked, by, sums, period)
        }

    def guesses(
        self, asked: DashboardQuery, by: Sequence[str] = (), period: Period | None = None
    ) -> dict[Key, dict[int, Moments]]:
        """What the model thought of customers: by key and the group of the score that they gave (-1: none)."""
        found: dict[Key, dict[int, Moments]] = {}
        for row in self._sum(GuessCount, asked, (*by, "score"), _SUMS, period):
            key, score, sums = tuple(row[: len(by)]), row[len(by)], row[len(by) + 1 :]
            found.setdefault(key, {})[score] = Moments.of_thousandths(*sums)
        return found

    def patterns(
        self, asked: DashboardQuery, *, scored: bool, by: Sequence[str] = (), period: Period | None = None
    ) -> dict[Key, int]:
        """How many items have exactly which themes: with `scored` those with an answer, and that answer too.

        Without it, all items of organisations; there are no such counts of anything else.
        """
        columns = (*by, "pattern", *(("answer",) if scored else ()))
        statement = self._statement(PatternCount, asked, columns, ("n",), period)
        statement = statement.where(PatternCount.answer >= 0 if scored else PatternCount.answer == NONE)
        return {tuple(key): int(n) for *key, n in self._session.execute(statement)}

    def values(self) -> dict[str, list[str]]:
        """The values that each dimension has."""
        statement = (
            select(ScoreCount.dimension, ScoreCount.value)
            .where(ScoreCount.dimension.in_(DIMENSIONS))
            .group_by(ScoreCount.dimension, ScoreCount.value)
            .order_by(ScoreCount.dimension, ScoreCount.value)
        )
        found: dict[str, list[str]] = {}
        for dimension, value in self._session.execute(statement):
            found.setdefault(dimension, []).append(value)
        return found

    def without_theme(self, since: datetime, until: datetime, limit: int) -> list[tuple[int, datetime, str]]:
        """The latest items that no theme covers: id, moment and text, the oldest first."""
        themed = select(ThemeRow.feedback_id).where(ThemeRow.feedback_id == FeedbackRow.id).exists()
        statement = (
            select(FeedbackRow.id, FeedbackRow.occurred_at, FeedbackRow.text)
            .where(FeedbackRow.occurred_at >= since, FeedbackRow.occurred_at < until, ~themed)
            .order_by(FeedbackRow.occurred_at.desc(), FeedbackRow.id.desc())
            .limit(limit)
        )
        return [(id_, moment, text) for id_, moment, text in self._session.execute(statement)][::-1]

    def points(self, encoder: str) -> dict[int, bytes]:
        """What this encoder made of items, by their ids."""
        rows = self._session.execute(
            select(PointRow.feedback_id, PointRow.point).where(PointRow.encoder == encoder)
        )
        return {row.feedback_id: row.point for row in rows}

    def put_points(self, encoder: str, points: Mapping[int, bytes]) -> None:
        """Keep what an encoder made of items; of those that have gone meanwhile nothing is kept."""
        there = select(FeedbackRow.id).where(FeedbackRow.id.in_(points)).with_for_update(key_share=True)
        for id_ in self._session.scalars(there).all():
            self._session.merge(PointRow(feedback_id=id_, encoder=encoder, point=points[id_]))

    def keep_points(self, encoder: str, ids: Collection[int]) -> int:
        """Forget all points but this encoder's of these items; how many went."""
        others = or_(PointRow.encoder != encoder, PointRow.feedback_id.not_in(ids))
        return len(
            self._session.scalars(delete(PointRow).where(others).returning(PointRow.feedback_id)).all()
        )

    def weekly(
        self, since: date, until: date
    ) -> tuple[dict[tuple[date, str], int], dict[tuple[date, str, str], int]]:
        """Items by Monday and journey, and dissatisfied mentions by Monday, theme and journey."""
        items = self._by_week(ScoreCount, "items", since, until, ("journey",))
        said = self._by_week(ThemeCount, "negative", since, until, ("theme", "journey"))
        volumes = {(_monday(week), journey): int(n) for week, journey, n in self._session.execute(items)}
        mentions = {
            (_monday(week), theme, journey): int(n)
            for week, theme, journey, n in self._session.execute(said)
            if n
        }
        return volumes, mentions

    def _by_week(
        self, table: Counted, summed: str, since: date, until: date, by: Sequence[str]
    ) -> Select[Any]:
        if self._session.get_bind().dialect.name == "sqlite":
            week: ColumnElement[Any] = func.date(table.day, "weekday 0", "-6 days")
        else:
            week = cast(func.date_trunc("week", cast(table.day, DateTime)), Date)
        columns = [getattr(table, name) for name in by]
        return (
            select(week, *columns, func.sum(getattr(table, summed)))
            .where(table.dimension == "", table.value == "", table.day.between(since, until))
            .group_by(week, *columns)
        )

    def _sum(
        self,
        table: Counted,
        asked: DashboardQuery,
        by: Sequence[str],
        sums: Sequence[str],
        period: Period | None,
    ) -> list[list[Any]]:
        rows = self._session.execute(self._statement(table, asked, by, sums, period))
        return [[*row[: len(by)], *map(int, row[len(by) :])] for row in rows if row[len(by)] is not None]

    def _statement(
        self,
        table: Counted,
        asked: DashboardQuery,
        by: Sequence[str],
        sums: Sequence[str],
        period: Period | None,
    ) -> Select[Any]:
        days = period or asked.period
        columns = [getattr(table, name) for name in by]
        statement = (
            select(*columns, *(func.sum(getattr(table, name)) for name in sums))
            .where(table.dimension == asked.dimension, table.day.between(days.since, days.until))
            .group_by(*columns)
        )
        if "value" not in by:
            statement = statement.where(table.value == asked.value)
        if asked.journey:
            statement = statement.where(table.journey == asked.journey)
        return statement


def _monday(week: date | str) -> date:
    """SQLite gives text."""
    return week if isinstance(week, date) else date.fromisoformat(week)
