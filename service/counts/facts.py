"""What an item adds to the daily counts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from feedback_nlp.metrics import CasScale
from feedback_nlp.metrics.cuts import EMPLOYEE
from service.counts.tables import COUNTS, DIMENSIONS, NONE, GuessCount, PatternCount, ScoreCount, ThemeCount
from service.feedback.repository import MOMENT_KEYS, NEUTRAL, ORGANISATION_KEYS

__all__ = [
    "COUNTED_FIELDS",
    "ZONE",
    "Counted",
    "Fact",
    "Sums",
    "day_of",
    "group_of",
    "side_of",
    "start_of",
    "whole",
]

ZONE: Final = ZoneInfo("Europe/Amsterdam")
COUNTED_FIELDS: Final = (
    "occurred_at",
    "journey",
    "channel",
    "segment",
    "domain",
    "meta",
    "nps",
    "cas",
    "ces",
)
"""Columns of an item that it is counted by."""
_FIRST_CONTACT: Final = "first_contact"
_LONGEST: Final = 100
_SIGNS: Final = {-1: "-", 0: "=", 1: "+"}

Counted = type[ScoreCount] | type[ThemeCount] | type[PatternCount] | type[GuessCount]
Key = tuple[Any, ...]


def day_of(moment: datetime) -> date:
    """The day of a moment in Dutch time."""
    return moment.astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The moment at which a day begins in Dutch time."""
    return datetime.combine(day, time(), ZONE)


def side_of(polarity: float) -> int:
    """-1, 0 or 1, as the inbox filters."""
    return -1 if polarity <= -NEUTRAL else 1 if polarity >= NEUTRAL else 0


def whole(answer: float) -> int:
    """A whole answer; a half counts upwards."""
    return math.floor(answer + 0.5)


def group_of(answer: float | None) -> int:
    """0 promoter, 1 passive, 2 detractor; `NONE` when none was given."""
    if answer is None:
        return NONE
    return 0 if answer >= 8.5 else 1 if answer >= 6.5 else 2


@dataclass(frozen=True, slots=True)
class Fact:
    """What the counts need to know of an item; themes with their polarity, advocacy as the newest analysis has it."""

    occurred_at: datetime
    journey: str | None
    channel: str | None
    segment: str | None
    domain: str | None
    meta: Mapping[str, Any]
    nps: float | None
    cas: float | None
    ces: float | None
    themes: tuple[tuple[str, float], ...]
    advocacy: Mapping[str, Any] | None

    def rows(self) -> Iterator[tuple[Counted, Key, tuple[int, ...]]]:
        """Every row of the counts that it adds to: table, key, and what it adds."""
        employee = self.segment == EMPLOYEE
        nps = None if employee else self.nps
        groups = _one_of(group_of(nps), 3)
        sides = sorted((theme, side_of(polarity)) for theme, polarity in self.themes)
        pattern = " ".join(theme + _SIGNS[side] for theme, side in sides)
        scores = (1, *groups, *self._scores(employee))
        guess = None if employee or self.advocacy is None else _guess(self.advocacy)
        day, journey = day_of(self.occurred_at), self.journey or ""
        for dimension, value in self._places():
            place = (dimension, value, day, journey)
            yield ScoreCount, place, scores
            for theme, side in sides:
                yield ThemeCount, (*place, theme), (*_one_of(side + 1, 3), *groups)
            if nps is not None:
                yield PatternCount, (*place, pattern, whole(nps)), (1,)
            if dimension == "organisation":
                yield PatternCount, (dimension, value, day, "", pattern, NONE), (1,)
            if guess is not None:
                yield GuessCount, (*place, group_of(nps)), guess

    def _places(self) -> Iterator[tuple[str, str]]:
        said = {
            "channel": self.channel,
            "segment": self.segment,
            "product": self.domain,
            "organisation": self._meta(ORGANISATION_KEYS),
            "moment": self._meta(MOMENT_KEYS),
        }
        yield "", ""
        for dimension in DIMENSIONS:
            value = said[dimension]
            if value:
                yield dimension, value

    def _meta(self, names: Iterable[str]) -> str | None:
        said = (self.meta.get(name) for name in names)
        return next((value[:_LONGEST] for value in said if isinstance(value, str) and value), None)

    def _scores(self, employee: bool) -> Iterator[int]:
        yield from _one_of(group_of(self.nps) if employee else NONE, 3)
        cas = NONE if employee or self.cas is None else int(self.cas < CasScale.ZERO_TO_TEN.agrees_from)
        yield from _one_of(cas, 2)
        yield from _one_of(NONE if employee or self.ces is None else whole(self.ces) - 1, 7)
        solved = self.meta.get(_FIRST_CONTACT)
        yield from _one_of(int(not solved) if isinstance(solved, bool) else NONE, 2)


def _one_of(place: int, places: int) -> tuple[int, ...]:
    """1 at a place and 0 at the others; none at all for `NONE`."""
    return tuple(int(one == place) for one in range(places))


def _guess(advocacy: Mapping[str, Any]) -> tuple[int, ...]:
    up, down = round(1000 * advocacy["promoter"]), round(1000 * advocacy["detractor"])
    return 1, up, down, up * up, up * down, down * down


class Sums:
    """Counts that are being added up."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._of: dict[Counted, dict[Key, list[int]]] = {table: defaultdict(list) for table in COUNTS}

    def add(self, facts: Iterable[Fact], times: int = 1) -> None:
        """Add what items count for, `times` times; -1 takes it back."""
        for fact in facts:
            for table, key, values in fact.rows():
                held = self._of[table][key]
                if held:
                    for place, value in enumerate(values):
                        held[place] += times * value
                else:
                    held.extend(times * value for value in values)

    def rows(self) -> Iterator[tuple[Counted, list[tuple[Key, list[int]]]]]:
        """What there is to change, per table, always in the same order, so that no two writers wait for each other."""
        for table, held in self._of.items():
            yield table, sorted((key, values) for key, values in held.items() if any(values))

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def clear(self) -> None:
        """Begin again."""
        for held in self._of.values():
            held.clear()
