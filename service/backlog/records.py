"""What the backlog works with: plain values without HTTP and SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

__all__ = [
    "STATUSES",
    "BacklogFilter",
    "Change",
    "Measured",
    "NewImprovement",
    "Priority",
    "Status",
    "Suggestion",
    "priority",
]

Status = Literal["proposed", "chosen", "in_progress", "done", "told"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
"""In the order of the work: voorgesteld, gekozen, in uitvoering, klaar, teruggekoppeld."""

Change = Mapping[str, Any]
"""Fields of an improvement to set."""


@dataclass(frozen=True, slots=True)
class NewImprovement:
    """An improvement to be kept; None is: not said.

    Attributes:
        title: What is to be better.
        description: How, and why.
        theme: A code of the taxonomy.
        journey: A code of the taxonomy.
        owner_id: The user who sees to it.
        effort: Days of work, above 0.
        due_on: When it should be done.
        feedback_ids: Items that ask for it.
    """

    title: str
    description: str = ""
    theme: str | None = None
    journey: str | None = None
    owner_id: int | None = None
    effort: float | None = None
    due_on: date | None = None
    feedback_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What an improvement is worth, as the answers of a period say.

    Attributes:
        gain: Points of the journey's NPS that would be won if nobody had reason to complain; None when too few gave a
            score to tell.
        low: Lower bound of its 95 % interval, or None.
        high: Upper bound, or None.
        answers: Scores that the gain rests on.
        volume: Items of the period that speak ill of the theme in the journey.
        reach: Items a year in the journey, at the rate of the period.
        start: First day of the period.
        end: Its last day.
    """

    gain: float | None
    low: float | None
    high: float | None
    answers: int
    volume: int
    reach: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that customers would like to be better.

    Attributes:
        theme: Of the complaints.
        journey: Where they have them.
        measured: What it is worth.
        quotes: Words of customers, redacted, with the item they come from.
        known_as: An improvement that is already about it and not yet told, or None.
    """

    theme: str
    journey: str
    measured: Measured
    quotes: tuple[tuple[int, str], ...] = ()
    known_as: int | None = None


@dataclass(frozen=True, slots=True)
class Priority:
    """Rank of an improvement, with its arithmetic: `gain` times `reach` over `effort`."""

    gain: float
    reach: int
    effort: float

    @property
    def score(self) -> float:
        """The higher, the sooner."""
        return self.gain * self.reach / self.effort


def priority(gain: float | None, reach: int | None, effort: float | None) -> Priority | None:
    """The rank of an improvement.

    Args:
        gain: Points of NPS; below 0 counts as 0.
        reach: Items a year.
        effort: Days of work.

    Returns:
        The rank, or None while one of the three is not known.
    """
    if gain is None or reach is None or effort is None:
        return None
    return Priority(max(0.0, gain), reach, effort)


@dataclass(frozen=True, slots=True)
class BacklogFilter:
    """Which improvements; several values of one field are alternatives, fields are combined with *and*."""

    statuses: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    journeys: tuple[str, ...] = ()
    owner_id: int | None = None
