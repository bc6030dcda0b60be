"""In which order items ask for attention."""

from __future__ import annotations

from typing import Final

from service.feedback.tables import FeedbackRow

__all__ = ["DONE", "NEW", "OPEN_STATUSES", "REVIEW", "SIGNALLED", "urgency", "urgency_of"]

DONE: Final = 0
NEW: Final = 1
REVIEW: Final = 2
SIGNALLED: Final = 3
OPEN_STATUSES: Final = ("new", "in_progress")


def urgency(status: str, *, signalled: bool, needs_review: bool) -> int:
    """3 open with a signal, 2 open and to be reviewed, 1 otherwise open, 0 answered or closed."""
    if status not in OPEN_STATUSES:
        return DONE
    if signalled:
        return SIGNALLED
    return REVIEW if needs_review else NEW


def urgency_of(row: FeedbackRow) -> int:
    """The urgency of an item as it is now."""
    return urgency(row.status, signalled=bool(row.signals), needs_review=row.needs_review)
