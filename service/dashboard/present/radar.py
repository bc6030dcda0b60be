"""What rises by more than noise, and how every theme stands against its limit."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from math import ceil
from typing import Final

from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import columns
from service.dashboard.radar import Radar
from service.dashboard.svg import Interval, intervals
from service.dashboard.views import Cell, Grid, Section

__all__ = ["radar_sections"]

_WEEK: Final = timedelta(days=6)


def radar_sections(phrasing: Phrasing, board: Radar) -> tuple[Section, ...]:
    """The alarms, and the themes in the last week."""
    tr = phrasing.tr
    heads = (
        tr.gettext("Theme"), tr.gettext("Alarm"), tr.gettext("Stage"), tr.gettext("Period"),
        tr.gettext("Dissatisfied mentions"), tr.gettext("expected"), tr.gettext("alarm from"),
        tr.gettext("of items"),
    )  # fmt: skip
    return _alarms(phrasing, board, heads), _themes(phrasing, board, (heads[0], *heads[4:]))


def _alarms(phrasing: Phrasing, board: Radar, heads: tuple[str, ...]) -> Section:
    tr = phrasing.tr
    title = tr.gettext("Alarms")
    rows = []
    for alarm in board.alarms:
        url = phrasing.asked.inbox(
            theme=(alarm.theme,),
            polarity="negative",
            journey=(alarm.journey,) if alarm.journey else (),
            since=alarm.since,
            until=alarm.until,
        )
        rows.append(
            (
                Cell(phrasing.words.theme(alarm.theme), url),
                Cell(tr.gettext("new") if alarm.new else tr.gettext("since before")),
                Cell(phrasing.journey(alarm.journey) if alarm.journey else tr.gettext("the whole journey")),
                Cell(f"{tr.day(alarm.since)} – {tr.day(alarm.until)}"), Cell(tr.number(alarm.count), url),
                Cell(tr.number(alarm.expected)), Cell(tr.number(alarm.limit)), Cell(tr.number(alarm.volume)),
            )
        )  # fmt: skip
    data = tuple(asdict(alarm) for alarm in board.alarms)
    empty = tr.gettext("Nothing rises by more than noise.")
    if board.week is None:
        empty = tr.gettext("The radar needs 14 weeks of feedback; there are %(weeks)s.", weeks=board.weeks)
    return Section(
        title,
        tr.gettext(
            "Weekly dissatisfied mentions per theme, and per theme and stage, against limits that allow for "
            "volume and season: at most %(bound)s false alarm a quarter is to be expected. An alarm that stood "
            "the week before is the same alarm.",
            bound=tr.number(board.false_alarms_per_quarter),
        ),
        None,
        Grid(title, heads, tuple(rows), columns(data), data),
        folded=False,
        empty="" if rows else empty,
    )


def _themes(phrasing: Phrasing, board: Radar, heads: tuple[str, ...]) -> Section:
    tr = phrasing.tr
    title = tr.gettext("Themes in the last week")
    bars, rows = [], []
    for one in board.themes:
        week = board.week
        assert week is not None
        url = phrasing.asked.inbox(theme=(one.theme,), polarity="negative", since=week, until=week + _WEEK)
        told = tr.gettext(
            "%(count)s (expected %(expected)s, alarm from %(limit)s)", count=tr.number(one.count),
            expected=tr.number(one.expected), limit=tr.number(one.limit),
        )  # fmt: skip
        label, kind = phrasing.words.theme(one.theme), "neg" if one.count >= one.limit else "dot"
        bars.append(Interval(label, one.count, one.expected, one.limit, told, url, kind, one.limit))
        numbers = (one.count, one.expected, one.limit, one.volume)
        smallest = "–" if one.smallest_rise is None else f"+{tr.number(ceil(one.smallest_rise))} %"
        rows.append((Cell(label, url), *(Cell(tr.number(number)) for number in numbers), Cell(smallest)))
    data = tuple(asdict(one) for one in board.themes)
    described = tr.gettext(
        "For each theme the count of the week as a point, a line from what is expected to the alarm limit, dashed."
    )
    lead = ""
    if board.week:
        lead = tr.gettext(
            "The week from %(day)s. The smallest rise that shows: if a theme rises by so much, the radar tells "
            "within two weeks in four cases of five. The more a theme is spoken of, the smaller a rise that "
            "can be told from chance.",
            day=tr.day(board.week),
        )
    return Section(
        title,
        lead,
        intervals("radar", title, described, bars) if bars else None,
        Grid(title, (*heads, tr.gettext("smallest rise that shows")), tuple(rows), columns(data), data),
    )
