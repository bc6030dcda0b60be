"""All SQL of the dashboards: sums over the daily counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Select, cast, func, select
from sqlalchemy.orm import Session

from feedback_nlp.metrics import Moments
from service.counts.facts import Counted
from service.counts.tables import DIMENSIONS, GuessCount, PatternCount, ScoreCount, ThemeCount
from service.dashboard.query import DashboardQuery, Period

__all__ = ["DashboardRepository"]

Key = tuple[Any, ...]
_SUMS = ("n", "promoter", "detractor", "promoter_squared", "product", "detractor_squared")


class DashboardRepository:
    """The counts within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def scores(
        self, asked: DashboardQuery, by: Sequence[str] = (), period: Period | None = None
    ) -> dict[Key, dict[str, dict[int, int]]]:
        """How often each answer was given: by key, question and answer.

        Args:
            asked: Which feedback.
            by: Columns of the key: `journey`, `day`, or `value` for all values of the dimension that is asked for.
            period: Another period than the one that is asked for.
        """
        found: dict[Key, dict[str, dict[int, int]]] = {}
        for *key, measure, level, n in self._sum(
            ScoreCount, asked, (*by, "measure", "level"), ("n",), period
        ):
            found.setdefault(tuple(key), {}).setdefault(measure, {})[level] = n
        return found

    def themes(
        self, asked: DashboardQuery, by: Sequence[str], period: Period | None = None
    ) -> dict[Key, int]:
        """How many items speak of themes: by columns such as `theme`, `side`, `score`, `journey`, `day`."""
        return {tuple(key): n for *key, n in self._sum(ThemeCount, asked, by, ("n",), period)}

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
        """How many items have exactly which themes (and answer, with `scored`: only those with one)."""
        columns = (*by, "pattern", *(("answer",) if scored else ()))
        statement = self._statement(PatternCount, asked, columns, ("n",), period)
        if scored:
            statement = statement.where(PatternCount.answer >= 0)
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

    def weekly(
        self, since: date, until: date
    ) -> tuple[dict[tuple[date, str], int], dict[tuple[date, str, str], int]]:
        """Items by Monday and journey, and dissatisfied mentions by Monday, theme and journey."""
        items = self._by_week(ScoreCount, since, until, ("journey",)).where(ScoreCount.measure == "items")
        said = self._by_week(ThemeCount, since, until, ("theme", "journey")).where(ThemeCount.side == -1)
        volumes = {(_monday(week), journey): int(n) for week, journey, n in self._session.execute(items)}
        mentions = {
            (_monday(week), theme, journey): int(n) for week, theme, journey, n in self._session.execute(said)
        }
        return volumes, mentions

    def _by_week(self, table: Counted, since: date, until: date, by: Sequence[str]) -> Select[Any]:
        if self._session.get_bind().dialect.name == "sqlite":
            week: ColumnElement[Any] = func.date(table.day, "weekday 0", "-6 days")
        else:
            week = cast(func.date_trunc("week", cast(table.day, DateTime)), Date)
        columns = [getattr(table, name) for name in by]
        return (
            select(week, *columns, func.sum(table.n))
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
        return [[*row[: len(by)], *map(int, row[len(by) :])] for row in rows]

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
