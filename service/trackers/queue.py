"""Says that what trackers know of an improvement may be out of date; the worker looks at it next."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.backlog.tables import ImprovementItemRow
from service.database.base import now
from service.trackers.tables import TrackerIssueRow

__all__ = ["touch", "touch_items"]


def touch(session: Session, improvement_id: int) -> None:
    """An improvement changed: its issues are looked at again, those that were given up included."""
    _wake(session, [improvement_id])


def touch_items(session: Session, feedback_ids: Sequence[int]) -> None:
    """Items are about to go: what quotes them elsewhere is written anew without them."""
    statement = select(ImprovementItemRow.improvement_id).where(
        ImprovementItemRow.feedback_id.in_(list(feedback_ids))
    )
    _wake(session, list(session.scalars(statement.distinct())))


def _wake(session: Session, ids: Sequence[int]) -> None:
    if ids:
        session.execute(
            update(TrackerIssueRow)
            .where(TrackerIssueRow.improvement_id.in_(list(ids)))
            .values(status="pending", attempts=0, next_attempt_at=now())
            .execution_options(synchronize_session=False)
        )
