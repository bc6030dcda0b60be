"""When what failed is tried again, and how long such a wait can be at most."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, SQLColumnExpression, case, literal, or_

from service.database.base import UtcDateTime

__all__ = ["LONGEST", "RETRIES", "is_over", "pause_after"]

RETRIES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Pauses after each failed attempt: some three days in all; what fails after the last is dead."""

_SPREAD: Final = 1.2
_TOLERANCE: Final = timedelta(minutes=10)
"""The clocks of two hosts may differ by so much, and a lease may last so long."""

LONGEST: Final = (timedelta(0), *(pause * _SPREAD for pause in RETRIES))
"""By the number of attempts, the longest wait for the next."""


def pause_after(attempt: int) -> timedelta:
    """The pause after a failed attempt, from 1; spread, so that not all come back at once."""
    return RETRIES[attempt - 1] * random.uniform(1.0, _SPREAD)  # noqa: S311


def is_over(
    at: SQLColumnExpression[datetime],
    moment: datetime,
    attempts: SQLColumnExpression[int],
    longest: Sequence[timedelta] = LONGEST,
) -> ColumnElement[bool]:
    """Whether a wait until `at` is over.

    One that would go on for longer than any can was begun before the clock was put back, and is over too: else it would
    last for as long as the clock was put back.

    Args:
        at: What is waited for, by the clock of when the wait began.
        moment: Now.
        attempts: How many there were.
        longest: By the number of attempts, the longest wait; the last holds for all that follow.
    """
    limits = [literal(moment + wait + _TOLERANCE, UtcDateTime()) for wait in longest]
    latest = case(dict(enumerate(limits[:-1])), value=attempts, else_=limits[-1])
    return or_(at <= moment, at > latest)
