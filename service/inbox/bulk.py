"""The same thing done to many items at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.errors import Fault, InvalidError
from service.feedback.records import STATUSES, Correction
from service.feedback.service import FeedbackService
from service.fields import MAX_ID

__all__ = ["apply"]

_NOTHING: Final = Correction()


def apply(service: FeedbackService, ids: Sequence[int], action: str) -> int:
    """Set the status, set the handler or confirm the labels of items; how many there were.

    Args:
        service: Within the caller's unit of work, so that all items change or none does.
        ids: Which items.
        action: `status:STATUS`, `handler:ID`, `handler:` (nobody) or `confirm`.

    Raises:
        InvalidError: There is no such action, or no such user.
        NotFoundError: An item is gone.
    """
    kind, _, value = action.partition(":")
    change: dict[str, object] | None
    if kind == "confirm" and not value:
        change = None
    elif kind == "status" and value in STATUSES:
        change = {"status": value}
    elif kind == "handler" and (not value or (value.isascii() and value.isdigit() and int(value) <= MAX_ID)):
        change = {"assigned_to": int(value) if value else None}
    else:
        raise InvalidError([Fault("/action", f"must be status:…, handler:… or confirm, got {action!r}")])
    for id_ in ids:
        if change is None:
            service.correct(id_, _NOTHING)
        else:
            service.change(id_, change)
    return len(ids)
