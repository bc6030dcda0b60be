"""All SQL about improvements and the items that ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from service.access.tables import UserRow
from service.backlog.records import BacklogFilter
from service.backlog.tables import EffectRow, ImprovementEventRow, ImprovementItemRow, ImprovementRow
from service.feedback.repository import NEUTRAL
from service.feedback.tables import AnalysisRow, FeedbackRow, ThemeRow

__all__ = ["BacklogRepository"]

_BATCH: Final = 500


class BacklogRepository:
    """The backlog within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    def add(self, row: ImprovementRow) -> ImprovementRow:
        """Keep an improvement."""
        self._session.add(row)
        self._session.flush()
        return row

    def get(self, id_: int, *, lock: bool = False) -> ImprovementRow | None:
        """One improvement; `lock` keeps others from changing it until the unit of work ends."""
        return self._session.get(
            ImprovementRow, id_, with_for_update=True if lock else None, populate_existing=lock
        )

    def page(
        self, asked: BacklogFilter, *, limit: int, after: int | None
    ) -> tuple[list[ImprovementRow], int | None]:
        """Improvements, the newest first, and where the next page begins."""
        statement = _filtered(select(ImprovementRow), asked).order_by(ImprovementRow.id.desc())
        if after is not None:
            statement = statement.where(ImprovementRow.id < after)
        rows = list(self._session.scalars(statement.limit(limit + 1)))
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

    def everything(self, asked: BacklogFilter, limit: int) -> list[ImprovementRow]:
        """Improvements, the newest first."""
        return self.page(asked, limit=limit, after=None)[0]

    def open_ones(self, limit: int = 100) -> list[ImprovementRow]:
        """Improvements that items can be added to: those that are not done yet, the newest first."""
        return self.everything(BacklogFilter(statuses=("proposed", "chosen", "in_progress")), limit)

    def about(self, theme: str, journey: str) -> ImprovementRow | None:
        """The newest improvement about a theme in a journey that is not yet done."""
        asked = BacklogFilter(("proposed", "chosen", "in_progress"), (theme,), (journey,))
        return next(iter(self.everything(asked, 1)), None)

    def known(self) -> dict[tuple[str, str], int]:
        """Improvements that are not yet done, by theme and journey."""
        return {
            (row.theme, row.journey): row.id
            for row in reversed(self.open_ones(1000))
            if row.theme is not None and row.journey is not None
        }

    def published(self, limit: int) -> list[ImprovementRow]:
        """What the public may read, the newest first."""
        statement = (
            select(ImprovementRow)
            .where(ImprovementRow.published_at.is_not(None), ImprovementRow.merged_into.is_(None))
            .order_by(ImprovementRow.published_at.desc(), ImprovementRow.id.desc())
            .limit(limit)
        )
        return list(self._session.scalars(statement))

    def link(self, id_: int, feedback_ids: Sequence[int], moment: datetime, by: str) -> list[int]:
        """Add items; those that were new to it."""
        added: list[int] = []
        build = sqlite_insert if self._sqlite else postgresql_insert
        for batch in _batches(feedback_ids):
            rows = [
                {"improvement_id": id_, "feedback_id": one, "added_at": moment, "added_by": by}
                for one in batch
            ]
            statement = (
                build(ImprovementItemRow)
                .values(rows)
                .on_conflict_do_nothing()
                .returning(ImprovementItemRow.feedback_id)
            )
            added += self._session.scalars(statement)
        return sorted(added)

    def unlink(self, id_: int, feedback_ids: Sequence[int]) -> list[int]:
        """Take items off; those that were there."""
        gone: list[int] = []
        for batch in _batches(feedback_ids):
            statement = (
                delete(ImprovementItemRow)
                .where(ImprovementItemRow.improvement_id == id_, ImprovementItemRow.feedback_id.in_(batch))
                .returning(ImprovementItemRow.feedback_id)
                .execution_options(synchronize_session=False)
            )
            gone += self._session.scalars(statement)
        return sorted(gone)

    def move(self, from_id: int, to_id: int, feedback_ids: Sequence[int]) -> list[int]:
        """Let items of one improvement become another's; those that moved or were there already."""
        here = set(self.item_ids(to_id))
        wanted = set(feedback_ids) & set(self.item_ids(from_id))
        self.unlink(from_id, sorted(wanted & here))
        for batch in _batches(sorted(wanted - here)):
            self._session.execute(
                update(ImprovementItemRow)
                .where(
                    ImprovementItemRow.improvement_id == from_id, ImprovementItemRow.feedback_id.in_(batch)
                )
                .values(improvement_id=to_id)
                .execution_options(synchronize_session=False)
            )
        return sorted(wanted)

    def existing(self, feedback_ids: Sequence[int]) -> set[int]:
        """Which of these items there are."""
        found: set[int] = set()
        for batch in _batches(feedback_ids):
            found |= set(self._session.scalars(select(FeedbackRow.id).where(FeedbackRow.id.in_(batch))))
        return found

    def item_ids(self, id_: int, *, limit: int | None = None, after: int | None = None) -> list[int]:
        """Items of an improvement, the newest first."""
        statement = (
            select(ImprovementItemRow.feedback_id)
            .where(ImprovementItemRow.improvement_id == id_)
            .order_by(ImprovementItemRow.feedback_id.desc())
        )
        if after is not None:
            statement = statement.where(ImprovementItemRow.feedback_id < after)
        if limit is not None:
            statement = statement.limit(limit)
        return list(self._session.scalars(statement))

    def item_counts(self, ids: Sequence[int]) -> dict[int, int]:
        """How many items ask for each of these improvements."""
        statement = (
            select(ImprovementItemRow.improvement_id, func.count())
            .where(ImprovementItemRow.improvement_id.in_(list(ids)))
            .group_by(ImprovementItemRow.improvement_id)
        )
        return {row[0]: row[1] for row in self._session.execute(statement)}

    def of_item(self, feedback_id: int) -> list[ImprovementRow]:
        """The improvements that an item asks for."""
        statement = (
            select(ImprovementRow)
            .join(ImprovementItemRow, ImprovementItemRow.improvement_id == ImprovementRow.id)
            .where(ImprovementItemRow.feedback_id == feedback_id)
            .order_by(ImprovementRow.id)
        )
        return list(self._session.scalars(statement))

    def customers(self, id_: int) -> list[tuple[int, str, str, datetime | None]]:
        """Item, source, external id and when it was told, of every item of an improvement that has an external id."""
        statement = (
            select(FeedbackRow.id, FeedbackRow.source, FeedbackRow.external_id, ImprovementItemRow.told_at)
            .join(ImprovementItemRow, ImprovementItemRow.feedback_id == FeedbackRow.id)
            .where(ImprovementItemRow.improvement_id == id_, FeedbackRow.external_id.is_not(None))
            .order_by(FeedbackRow.id)
        )
        return [(row[0], row[1], row[2] or "", row[3]) for row in self._session.execute(statement)]

    def mark_told(self, id_: int, feedback_ids: Sequence[int], moment: datetime) -> None:
        """Note that these items' customers are told."""
        for batch in _batches(feedback_ids):
            self._session.execute(
                update(ImprovementItemRow)
                .where(ImprovementItemRow.improvement_id == id_, ImprovementItemRow.feedback_id.in_(batch))
                .values(told_at=moment)
                .execution_options(synchronize_session=False)
            )

    def add_history(self, id_: int, by: str, action: str, details: dict[str, Any]) -> None:
        """Note what was done."""
        self._session.add(ImprovementEventRow(improvement_id=id_, by=by, action=action, details=details))

    def history(self, id_: int) -> list[ImprovementEventRow]:
        """What was done, the oldest first."""
        statement = select(ImprovementEventRow).where(ImprovementEventRow.improvement_id == id_)
        return list(self._session.scalars(statement.order_by(ImprovementEventRow.id)))

    def add_effect(self, row: EffectRow) -> EffectRow:
        """Keep a look at the effect."""
        self._session.add(row)
        self._session.flush()
        return row

    def effects(self, id_: int) -> list[EffectRow]:
        """Looks at the effect, the newest first."""
        statement = select(EffectRow).where(EffectRow.improvement_id == id_)
        return list(self._session.scalars(statement.order_by(EffectRow.id.desc())))

    def touched_journeys(self, besides: int, start: date, end: date) -> dict[str, int]:
        """Journeys that another improvement touched from one day to another, each with that improvement."""
        row = ImprovementRow
        statement = select(row.journey, row.id).where(
            row.id != besides,
            row.merged_into.is_(None),
            row.journey.is_not(None),
            row.done_on.between(start, end),
            row.status.in_(("done", "told")),
        )
        return {journey or "": id_ for journey, id_ in self._session.execute(statement)}

    def user_exists(self, id_: int) -> bool:
        """Whether there is an active user with this id."""
        user = self._session.get(UserRow, id_)
        return user is not None and user.active

    def results(self, ids: Sequence[int]) -> dict[int, tuple[str, dict[str, Any]]]:
        """Text and newest analysis of items."""
        found: dict[int, tuple[str, dict[str, Any]]] = {}
        for batch in _batches(ids):
            statement = (
                select(FeedbackRow.id, FeedbackRow.text, AnalysisRow.result)
                .join(AnalysisRow, AnalysisRow.feedback_id == FeedbackRow.id)
                .where(FeedbackRow.id.in_(batch))
                .order_by(AnalysisRow.id)
            )
            found |= {row[0]: (row[1], row[2]) for row in self._session.execute(statement)}
        return found

    # What improvements are worth, and what they did

    def items_by_journey(self, start: date, end: date) -> dict[str, int]:
        """How many items there are of each journey from one day to another."""
        statement = (
            select(FeedbackRow.journey, func.count())
            .where(FeedbackRow.journey.is_not(None), *_days(start, end))
            .group_by(FeedbackRow.journey)
        )
        return {journey or "": count for journey, count in self._session.execute(statement)}

    def complaints(self, start: date, end: date) -> dict[tuple[str, str], int]:
        """How many items speak ill, by theme and journey, from one day to another."""
        statement = (
            select(ThemeRow.theme, FeedbackRow.journey, func.count())
            .join(FeedbackRow, FeedbackRow.id == ThemeRow.feedback_id)
            .where(ThemeRow.polarity <= -NEUTRAL, FeedbackRow.journey.is_not(None), *_days(start, end))
            .group_by(ThemeRow.theme, FeedbackRow.journey)
        )
        return {(theme, journey or ""): count for theme, journey, count in self._session.execute(statement)}

    def complaining_ids(self, theme: str, journey: str, start: date, end: date, limit: int) -> list[int]:
        """The newest items that speak ill of a theme in a journey."""
        statement = (
            select(FeedbackRow.id)
            .join(ThemeRow, ThemeRow.feedback_id == FeedbackRow.id)
            .where(
                ThemeRow.theme == theme,
                ThemeRow.polarity <= -NEUTRAL,
                FeedbackRow.journey == journey,
                *_days(start, end),
            )
            .order_by(FeedbackRow.id.desc())
            .limit(limit)
        )
        return list(self._session.scalars(statement))

    def scored(
        self, journeys: Sequence[str], start: date, end: date, limit: int
    ) -> tuple[list[tuple[int, str, float]], list[tuple[int, str, float]]]:
        """Items with a score, the newest first: id, journey and NPS answer; and their themes: id, code and polarity."""
        chosen = (
            select(FeedbackRow.id, FeedbackRow.journey, FeedbackRow.nps)
            .where(FeedbackRow.journey.in_(list(journeys)), FeedbackRow.nps.is_not(None), *_days(start, end))
            .order_by(FeedbackRow.id.desc())
            .limit(limit)
        )
        items = [(row[0], row[1] or "", float(row[2] or 0)) for row in self._session.execute(chosen)]
        inner = chosen.subquery()
        said = select(ThemeRow.feedback_id, ThemeRow.theme, ThemeRow.polarity).join(
            inner, inner.c.id == ThemeRow.feedback_id
        )
        return items, [(row[0], row[1], row[2]) for row in self._session.execute(said)]

    def daily(self, theme: str | None, start: date, end: date) -> list[Any]:
        """Sums a day, journey and channel: day, journey, channel, items, complaints, scores, promoters, detractors.

        Args:
            theme: Whose complaints are counted; None counts none.
            start: First day.
            end: Last day.
        """
        day = func.date(
            FeedbackRow.occurred_at if self._sqlite else func.timezone("UTC", FeedbackRow.occurred_at)
        )
        nps = FeedbackRow.nps
        ill = (
            select(ThemeRow.feedback_id)
            .where(
                ThemeRow.feedback_id == FeedbackRow.id,
                ThemeRow.theme == (theme or ""),
                ThemeRow.polarity <= -NEUTRAL,
            )
            .exists()
        )
        statement = (
            select(
                day,
                FeedbackRow.journey,
                FeedbackRow.channel,
                func.count(),
                func.count().filter(ill),
                func.count(nps),
                func.count().filter(nps >= 8.5),
                func.count().filter(nps < 6.5),
            )
            .where(FeedbackRow.journey.is_not(None), *_days(start, end))
            .group_by(day, FeedbackRow.journey, FeedbackRow.channel)
        )
        return [tuple(row) for row in self._session.execute(statement)]


def _filtered(statement: Select[ImprovementRow], asked: BacklogFilter) -> Select[ImprovementRow]:
    row = ImprovementRow
    statement = statement.where(row.merged_into.is_(None))
    for column, values in (
        (row.status, asked.statuses),
        (row.theme, asked.themes),
        (row.journey, asked.journeys),
    ):
        if values:
            statement = statement.where(column.in_(values))
    if asked.owner_id is not None:
        statement = statement.where(row.owner_id == asked.owner_id)
    return statement


def _days(start: date, end: date) -> tuple[ColumnElement[bool], ...]:
    at = FeedbackRow.occurred_at
    return (
        at >= datetime.combine(start, time.min, UTC),
        at <= datetime.combine(end, time.max, UTC),
    )


def _batches(values: Sequence[int]) -> list[list[int]]:
    return [list(values[start : start + _BATCH]) for start in range(0, len(values), _BATCH)]
