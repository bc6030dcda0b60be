"""What rises by more than noise: dissatisfied mentions per week, of each theme and of each theme in each journey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from feedback_nlp.metrics import RadarRules, WeeklyCounts, limits, shared_out, watch
from feedback_nlp.metrics.checks import FloatArray
from service.dashboard.repository import DashboardRepository

__all__ = ["RULES", "Alarm", "Radar", "Watched", "last_week", "radar", "weekly"]

RULES: Final = RadarRules()
_LEAST_WEEKS: Final = 14
_SHOWN, _RISING = 1, 2
"""Weeks of the chart, and weeks within which a rise is to be found."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A theme in the last week that is over: dissatisfied mentions, those to be expected, and the limit.

    Attributes:
        theme: Its code.
        count: Dissatisfied mentions in the week.
        volume: Items in the week.
        expected: Mentions to be expected at this volume.
        limit: The smallest count that raises an alarm.
        smallest_rise: From which rise on, in per cent, two weeks of it raise an alarm in four cases of five; None
            where not even a mention in every item would.
    """

    theme: str
    count: int
    volume: int
    expected: float
    limit: int
    smallest_rise: float | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A theme, or a theme in a journey, that rises by more than noise.

    Attributes:
        theme: Its code.
        journey: The journey's code; empty for all of them together.
        since: First day of the weeks that are judged together.
        until: Last day.
        count: Dissatisfied mentions in those weeks.
        volume: Items in those weeks.
        expected: Mentions to be expected at this volume.
        limit: The smallest count that raises an alarm.
        p_value: Chance of a count at least this high if nothing changed.
        new: Whether it did not stand a week before.
    """

    theme: str
    journey: str
    since: date
    until: date
    count: int
    volume: int
    expected: float
    limit: int
    p_value: float
    new: bool


@dataclass(frozen=True, slots=True)
class Radar:
    """The last week that is over; None, and nothing else, while the history is shorter than 14 weeks.

    Attributes:
        week: Its Monday.
        false_alarms_per_quarter: How many false alarms are to be expected a quarter at most, of all series together.
        weeks: How many weeks of history there are.
        series: How many series are watched.
        themes: All themes, as they stand in the week.
        alarms: What rises, the least likely first.
    """

    week: date | None
    false_alarms_per_quarter: float
    weeks: int
    series: int
    themes: tuple[Watched, ...]
    alarms: tuple[Alarm, ...]


def last_week(today: date) -> date:
    """The Monday of the last week that is over."""
    return today - timedelta(days=today.weekday() + 7)


def radar(counts: DashboardRepository, today: date, themes: Sequence[str]) -> Radar:
    """Judge the last week that is over.

    Args:
        counts: The daily counts.
        today: A day in Dutch time.
        themes: Codes of all themes.
    """
    whole, parts = weekly(counts, today, themes)
    weeks = len(whole.weeks)
    if weeks < _LEAST_WEEKS:
        return Radar(None, RULES.false_alarms_per_quarter, weeks, 0, (), ())
    sets = [whole, parts] if parts.keys else [whole]
    windows = {one.window: one for one in limits(whole, shared_out(RULES, len(sets))[0])}
    judged, smallest = windows[_SHOWN], windows[_RISING].smallest_rise()
    watched = tuple(
        Watched(
            key[0],
            int(judged.counts[i]),
            int(judged.volumes[i]),
            float(judged.expected[i]),
            int(judged.limit[i]),
            None if np.isnan(smallest[i]) else 100.0 * float(smallest[i]),
        )
        for i, key in enumerate(whole.keys)
    )
    alarms = []
    for rise in watch(sets, RULES):
        monday = rise.week.astype("datetime64[D]").item()
        alarms.append(
            Alarm(
                theme=rise.key[0],
                journey=rise.key[1] if len(rise.key) > 1 else "",
                since=monday - timedelta(days=7 * (rise.window - 1)),
                until=monday + timedelta(days=6),
                count=rise.count,
                volume=rise.volume,
                expected=rise.expected,
                limit=rise.limit,
                p_value=rise.p_value,
                new=rise.new,
            )
        )
    series = sum(len(one.keys) for one in sets)
    return Radar(last_week(today), RULES.false_alarms_per_quarter, weeks, series, watched, tuple(alarms))


def weekly(
    counts: DashboardRepository, today: date, themes: Sequence[str]
) -> tuple[WeeklyCounts, WeeklyCounts]:
    """Dissatisfied mentions of each theme, and of each theme in each journey, up to the last week that is over.

    Weeks before the first item are left out; so are themes that no item of a journey ever was dissatisfied with.
    """
    last = last_week(today)
    first = last - timedelta(days=7 * (RULES.most_weeks + 1))
    volumes, mentions = counts.weekly(first, last + timedelta(days=6))
    start = min((week for week, _ in volumes), default=last + timedelta(days=7))
    mondays = np.arange(np.datetime64(start), np.datetime64(last + timedelta(days=7)), 7)
    place = {week.item(): index for index, week in enumerate(mondays)}
    journeys = sorted({journey for _, journey in volumes} - {""})
    whole_volume = np.zeros(len(mondays))
    volume = {journey: np.zeros(len(mondays)) for journey in journeys}
    for (week, journey), n in volumes.items():
        whole_volume[place[week]] += n
        if journey:
            volume[journey][place[week]] += n
    count: dict[tuple[str, ...], FloatArray] = {(theme,): np.zeros(len(mondays)) for theme in themes}
    for (week, theme, journey), n in mentions.items():
        for key in ((theme,), (theme, journey)) if journey else ((theme,),):
            count.setdefault(key, np.zeros(len(mondays)))[place[week]] += n
    single = sorted(key for key in count if len(key) == 1)
    double = sorted(key for key in count if len(key) == 2)

    def table(rows: Sequence[FloatArray]) -> FloatArray:
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(mondays))

    return (
        WeeklyCounts(
            ("theme",),
            tuple(single),
            mondays,
            table([count[key] for key in single]),
            table([whole_volume for _ in single]),
        ),
        WeeklyCounts(
            ("theme", "journey"),
            tuple(double),
            mondays,
            table([count[key] for key in double]),
            table([volume[key[1]] for key in double]),
        ),
    )
