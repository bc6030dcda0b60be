"""All SQL that makes the daily counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from service.counts.facts import COUNTED_FIELDS, Counted, Fact, Sums
from service.counts.tables import COUNTS, CountedRow
from service.feedback.repository import FeedbackRepository
from service.feedback.tables import FeedbackRow, ThemeRow

__all__ = ["CountsRepository"]

_BATCH: Final = 1000


class CountsRepository:
    """Items as facts, and the counts, within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    def facts(self, ids: Sequence[int], *, lock: bool = False) -> Iterator[Fact]:
        """What the items with these ids count for; `lock` keeps others from changing them."""
        for start in range(0, len(ids), _BATCH):
            yield from self._facts(ids[start : start + _BATCH], lock=lock)

    def _facts(self, ids: Sequence[int], *, lock: bool) -> Iterator[Fact]:
        columns = [getattr(FeedbackRow, name) for name in COUNTED_FIELDS]
        asked = select(FeedbackRow.id, *columns).where(FeedbackRow.id.in_(ids)).order_by(FeedbackRow.id)
        rows = self._session.execute(asked.with_for_update() if lock else asked).all()
        said = select(ThemeRow.feedback_id, ThemeRow.theme, ThemeRow.polarity)
        themes: dict[int, list[tuple[str, float]]] = {}
        for id_, theme, polarity in self._session.execute(said.where(ThemeRow.feedback_id.in_(ids))):
            themes.setdefault(id_, []).append((theme, polarity))
        advocacy = FeedbackRepository(self._session).newest_advocacy(ids)
        for row in rows:
            said_of, thought = tuple(themes.get(row.id, ())), advocacy.get(row.id)
            yield Fact(**dict(zip(COUNTED_FIELDS, row[1:], strict=True)), themes=said_of, advocacy=thought)

    def all_facts(self) -> Iterator[list[Fact]]:
        """All items, batch by batch, in the order in which customers wrote them."""
        after: tuple[datetime, int] | None = None
        while True:
            statement = select(FeedbackRow.occurred_at, FeedbackRow.id)
            if after is not None:
                moment, id_ = after
                later = and_(FeedbackRow.occurred_at == moment, FeedbackRow.id > id_)
                statement = statement.where(
                    FeedbackRow.occurred_at >= moment, or_(FeedbackRow.occurred_at > moment, later)
                )
            ordered = statement.order_by(FeedbackRow.occurred_at, FeedbackRow.id).limit(_BATCH)
            rows = self._session.execute(ordered).all()
            if not rows:
                return
            after = rows[-1].occurred_at, rows[-1].id
            facts = self._facts([row.id for row in rows], lock=False)
            yield sorted(facts, key=lambda fact: fact.occurred_at)

    def items(self) -> int:
        """How many items there are."""
        return self._session.scalar(select(func.count(FeedbackRow.id))) or 0

    def write(self, sums: Sums) -> None:
        """Add sums to the counts; a row that then counts nothing goes."""
        build = sqlite_insert if self._sqlite else postgresql_insert
        for table, rows in sums.rows():
            if not rows:
                continue
            keys, values = _columns(table)
            given = [dict(zip((*keys, *values), (*key, *held), strict=True)) for key, held in rows]
            made = build(table)
            added = {name: getattr(table, name) + made.excluded[name] for name in values}
            self._session.execute(made.on_conflict_do_update(index_elements=keys, set_=added), given)
            less = [
                {f"k_{name}": part for name, part in zip(keys, key, strict=True)}
                for key, held in rows
                if min(held) < 0
            ]
            if less:
                same = [getattr(table, name) == bindparam(f"k_{name}") for name in keys]
                nothing = [getattr(table, name) == 0 for name in values]
                self._session.connection().execute(delete(table).where(*same, *nothing), less)

    def fill(self, sums: Sums) -> None:
        """Put sums in of which nothing is there yet; much quicker than `write`."""
        for table, rows in sums.rows():
            keys, values = _columns(table)
            connection = self._session.connection()
            if self._sqlite or not rows:
                given = [dict(zip((*keys, *values), (*key, *held), strict=True)) for key, held in rows]
                if given:
                    connection.execute(insert(table), given)
                continue
            cursor = connection.connection.cursor()
            with cursor.copy(
                f"COPY {table.__tablename__} ({', '.join((*keys, *values))}) FROM STDIN"
            ) as copy:
                for key, held in rows:
                    copy.write_row((*key, *held))

    def empty(self) -> None:
        """Forget all counts; until the unit of work ends nobody else changes any."""
        if not self._sqlite:
            names = ", ".join(table.__tablename__ for table in COUNTS)
            self._session.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        for table in COUNTS:
            self._session.execute(delete(table))

    def all(self) -> dict[Counted, dict[tuple[Any, ...], tuple[int, ...]]]:
        """Every count, to compare."""
        found: dict[Counted, dict[tuple[Any, ...], tuple[int, ...]]] = {}
        for table in COUNTS:
            keys, values = _columns(table)
            columns = [getattr(table, name) for name in (*keys, *values)]
            rows = self._session.execute(select(*columns)).all()
            found[table] = {tuple(row[: len(keys)]): tuple(row[len(keys) :]) for row in rows}
        return found

    def is_counted(self) -> bool:
        """Whether this store has been counted at all."""
        return self._session.get(CountedRow, 1) is not None

    def counted(self, items: int, moment: datetime) -> None:
        """Note that all items have been counted."""
        self._session.merge(CountedRow(id=1, at=moment, items=items))


def _columns(table: Counted) -> tuple[list[str], list[str]]:
    columns = table.__table__.columns
    return [one.key for one in columns if one.primary_key], [
        one.key for one in columns if not one.primary_key
    ]
