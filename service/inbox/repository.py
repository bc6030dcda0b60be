"""All SQL of the inbox: its order, counts, handlers' names and saved views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from service.access.tables import UserRow
from service.database.base import now
from service.feedback.records import FeedbackFilter
from service.feedback.repository import FeedbackRepository
from service.feedback.tables import FeedbackRow
from service.feedback.urgency import urgency_of
from service.inbox.tables import SavedViewRow

__all__ = ["COUNT_LIMIT", "InboxPage", "InboxRepository"]

COUNT_LIMIT: Final = 10_000
"""Counting stops here, so that a filter's answer does not wait for the size of the store."""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Ids of one page in their order, and the cursor of the next one, or None."""

    ids: tuple[int, ...]
    next_after: str | None


class InboxRepository:
    """The inbox within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._feedback = FeedbackRepository(session)

    def page(self, asked: FeedbackFilter, *, sort: str, after: str, limit: int) -> InboxPage:
        """One page; what arrives in between neither shifts nor repeats anything. A wrong cursor is the first page."""
        statement = self._feedback.filtered(select(FeedbackRow.id, FeedbackRow.urgency), asked)
        level, id_ = _cursor(after)
        if sort == "oldest":
            statement = statement.order_by(FeedbackRow.id)
            statement = statement.where(FeedbackRow.id > id_) if id_ else statement
        elif sort == "newest":
            statement = statement.order_by(FeedbackRow.id.desc())
            statement = statement.where(FeedbackRow.id < id_) if id_ else statement
        else:
            statement = statement.order_by(FeedbackRow.urgency.desc(), FeedbackRow.id.desc())
            if id_:
                rest = and_(FeedbackRow.urgency == level, FeedbackRow.id < id_)
                statement = statement.where(
                    FeedbackRow.urgency <= level, or_(FeedbackRow.urgency < level, rest)
                )
        rows = self._session.execute(statement.limit(limit + 1)).all()
        shown = rows[:limit]
        following = f"{shown[-1].urgency}.{shown[-1].id}" if len(rows) > limit else None
        return InboxPage(tuple(row.id for row in shown), following)

    def count(self, asked: FeedbackFilter) -> int:
        """How many items match, counted up to `COUNT_LIMIT` + 1."""
        some = self._feedback.filtered(select(FeedbackRow.id), asked).limit(COUNT_LIMIT + 1).subquery()
        return self._session.scalar(select(func.count()).select_from(some)) or 0

    def all_ids(self, asked: FeedbackFilter) -> list[int]:
        """Every item that matches, up to `COUNT_LIMIT`."""
        statement = self._feedback.filtered(select(FeedbackRow.id), asked).order_by(FeedbackRow.id)
        return list(self._session.scalars(statement.limit(COUNT_LIMIT)))

    def newest_id(self) -> int:
        """The id of the item that came in last; 0 when there is none."""
        return self._session.scalar(select(func.max(FeedbackRow.id))) or 0

    def count_since(self, asked: FeedbackFilter, id_: int) -> int:
        """How many items that match came in after this one, counted up to 100."""
        statement = self._feedback.filtered(select(FeedbackRow.id), asked).where(FeedbackRow.id > id_)
        return len(self._session.scalars(statement.limit(100)).all())

    def neighbours(self, row: FeedbackRow) -> tuple[int | None, int | None]:
        """The open items before and after an item, in the order of the inbox."""
        level = urgency_of(row)
        at, key = FeedbackRow.urgency, FeedbackRow.id
        before = select(key).where(at >= max(level, 1), or_(at > level, and_(at == level, key > row.id)))
        after = select(key).where(at >= 1, at <= level, or_(at < level, and_(at == level, key < row.id)))
        return (
            self._session.scalar(before.order_by(at, key).limit(1)),
            self._session.scalar(after.order_by(at.desc(), key.desc()).limit(1)),
        )

    def users(self) -> list[UserRow]:
        """Everybody who can handle items, by name."""
        statement = select(UserRow).where(UserRow.active).order_by(UserRow.name)
        return list(self._session.scalars(statement))

    def user_names(self, ids: Sequence[int | None]) -> dict[int, str]:
        """How the pages call these users."""
        wanted = [id_ for id_ in set(ids) if id_ is not None]
        if not wanted:
            return {}
        rows = self._session.scalars(select(UserRow).where(UserRow.id.in_(wanted)))
        return {row.id: row.display_name or row.name for row in rows}

    def views(self, owner: str) -> list[SavedViewRow]:
        """A person's saved views, by name."""
        statement = select(SavedViewRow).where(SavedViewRow.owner == owner).order_by(SavedViewRow.name)
        return list(self._session.scalars(statement))

    def save_view(self, owner: str, name: str, query: str) -> None:
        """Keep a view; one of the same name is replaced."""
        statement = select(SavedViewRow).where(SavedViewRow.owner == owner, SavedViewRow.name == name)
        row = self._session.scalars(statement).first()
        if row is None:
            row = SavedViewRow(owner=owner, name=name, created_at=now())
            self._session.add(row)
        row.query = query

    def remove_view(self, owner: str, id_: int) -> None:
        """Forget a view."""
        self._session.execute(delete(SavedViewRow).where(SavedViewRow.id == id_, SavedViewRow.owner == owner))


def _cursor(after: str) -> tuple[int, int]:
    level, _, id_ = after.partition(".")
    if all(part.isascii() and part.isdigit() and len(part) < 19 for part in (level, id_)):
        return int(level), int(id_)
    return 0, 0
