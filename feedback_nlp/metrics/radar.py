"""Which themes rise by more than noise, as weekly counts against their limits tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from feedback_nlp.metrics.checks import moments
from feedback_nlp.metrics.counts import WeeklyCounts, weekly_counts
from feedback_nlp.metrics.limits import LEAST_HISTORY, RadarRules, limits

__all__ = ["Rise", "radar", "rises", "shared_out", "watch"]

FIRST_PART = 0.75
"""Part of the bound that the first of several sets gets: with many series in the others, giving them more would lower
their limits by little, and raise those of the first by much."""


@dataclass(frozen=True, slots=True)
class Rise:
    """A theme that rises by more than noise.

    Attributes:
        names: what the parts of the key are.
        key: the series, e.g. ``("snelheid", "betalen")``.
        week: Monday of the last week.
        window: weeks judged together, 1, 2, 4 or 8.
        count: mentions in the window.
        volume: items in the window.
        expected: mentions to be expected at this volume in this season.
        limit: the smallest count that raises an alarm.
        p_value: chance of a count at least this high if nothing changed.
        new: whether no alarm stood for the series a week before.
    """

    names: tuple[str, ...]
    key: tuple[str, ...]
    week: np.datetime64
    window: int
    count: int
    volume: int
    expected: float
    limit: int
    p_value: float
    new: bool

    @property
    def ratio(self) -> float:
        """Count over expectation."""
        return self.count / self.expected


def rises(counts: WeeklyCounts, rules: RadarRules | None = None) -> tuple[Rise, ...]:
    """The series that rise by more than noise at the end of the last week.

    Args:
        counts: weekly counts; only weeks that are over.
        rules: by what rules; None takes the defaults.

    Returns:
        At most one rise a series (that of the window in which it is the least likely by chance), the least likely
        first.

    Raises:
        MeasureError: the history is too short.
    """
    best: dict[int, Rise] = {}
    for judged in limits(counts, rules):
        for i in np.flatnonzero(judged.alarm).tolist():
            rise = Rise(
                names=counts.names,
                key=counts.keys[i],
                week=counts.weeks[-1],
                window=judged.window,
                count=int(judged.counts[i]),
                volume=int(judged.volumes[i]),
                expected=float(judged.expected[i]),
                limit=int(judged.limit[i]),
                p_value=float(judged.p_value[i]),
                new=True,
            )
            if i not in best or rise.p_value < best[i].p_value:
                best[i] = rise
    if best and len(counts.weeks) > LEAST_HISTORY + 2:
        before = np.any([one.alarm for one in limits(counts.until(-2), rules)], axis=0)
        best = {i: replace(rise, new=not before[i]) for i, rise in best.items()}
    return tuple(sorted(best.values(), key=lambda rise: rise.p_value))


def radar(
    frame: pd.DataFrame,
    *,
    at: str = "at",
    journey: str = "journey",
    until: pd.Timestamp | str | None = None,
    rules: RadarRules | None = None,
) -> tuple[Rise, ...]:
    """Watch dissatisfied mentions per theme, and per theme and journey (see `watch`).

    A theme as a whole is watched beside its journeys because the fewer the series, the smaller a rise that
    can be told from noise.

    Args:
        frame: analysed items (see `frames`) with a moment and a journey.
        at: column with the moments.
        journey: column with the journeys; rows without one count only in the whole.
        until: up to when items are known; None takes the last item.
        rules: by what rules; None takes the defaults.

    Returns:
        The rises, the least likely first.

    Raises:
        MeasureError: a column is missing or the history is too short.
    """
    placed = frame.loc[frame[journey].notna()] if journey in frame.columns else frame
    end = until if until is not None or at not in frame.columns else moments(frame, at).max()
    return watch(
        (
            weekly_counts(frame, ("theme",), at=at, until=end),
            weekly_counts(placed, ("theme", journey), at=at, until=end),
        ),
        rules,
    )


def shared_out(rules: RadarRules, sets: int) -> tuple[RadarRules, ...]:
    """The rules for each of several sets of series that are watched together; their bounds add up to the whole.

    Args:
        rules: the rules of all together.
        sets: how many sets there are, at least 1.

    Returns:
        The same rules for each set: three quarters of the false alarms for the first, the rest shared out equally
        over the others; all of them when there is one set.
    """
    parts = [1.0] if sets == 1 else [FIRST_PART, *([(1.0 - FIRST_PART) / (sets - 1)] * (sets - 1))]
    return tuple(
        replace(rules, false_alarms_per_quarter=rules.false_alarms_per_quarter * part) for part in parts
    )


def watch(sets: Sequence[WeeklyCounts], rules: RadarRules | None = None) -> tuple[Rise, ...]:
    """Watch several sets of series within one bound (see `shared_out`).

    Args:
        sets: weekly counts, first those of the fewest series, such as those per theme and then those per theme and
            journey; only weeks that are over.
        rules: by what rules; None takes the defaults.

    Returns:
        The rises, the least likely first.

    Raises:
        MeasureError: the history is too short.
    """
    parts = shared_out(rules or RadarRules(), len(sets))
    found = [rise for counts, part in zip(sets, parts, strict=True) for rise in rises(counts, part)]
    return tuple(sorted(found, key=lambda rise: rise.p_value))
