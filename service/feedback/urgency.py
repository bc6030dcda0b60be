"""In which order items ask for attention."""

from __future__ import annotations

from typing import Final

from service.feedback.tables import FeedbackRow, SignalRow

__all__ = [
    "DONE", "NEW", "OPEN_STATUSES", "POSSIBLE", "REVIEW", "SIGNALLED", "SURE", "is_sure", "urgency", "urgency_of",
]  # fmt: skip

DONE: Final = 0
NEW: Final = 1
REVIEW: Final = 2
POSSIBLE: Final = 3
SIGNALLED: Final = 4
OPEN_STATUSES: Final = ("new", "in_progress")

SURE: Final = 0.5
"""Probability from which on a signal is more likely there than not. Signals are flagged far below that, so that few are
missed; without this line the many that are only possible would bury the few that are likely."""


def urgency(status: str, *, strongest: float | None, needs_review: bool) -> int:
    """How urgent an item is.

    Args:
        status: Its status.
        strongest: The highest probability (0-1) of its flagged signals; None when it has none.
        needs_review: Whether a person should look.

    Returns:
        4 open with a likely signal, 3 open with a possible one, 2 open and to be reviewed, 1 otherwise open, 0 answered
        or closed.
    """
    if status not in OPEN_STATUSES:
        return DONE
    if strongest is not None:
        return SIGNALLED if strongest >= SURE else POSSIBLE
    return REVIEW if needs_review else NEW


def is_sure(signal: SignalRow) -> bool:
    """Whether a signal of an item was set by a person or is more likely there than not."""
    return signal.score is None or signal.origin == "person" or signal.score >= SURE


def urgency_of(row: FeedbackRow) -> int:
    """The urgency of an item as it is now."""
    strongest = max((1.0 if is_sure(signal) else signal.score or 0.0 for signal in row.signals), default=None)
    return urgency(row.status, strongest=strongest, needs_review=row.needs_review)
