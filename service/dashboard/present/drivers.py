"""Impact of the themes on the NPS, and the matrix of impact and volume."""

from __future__ import annotations

from typing import Final

from service.dashboard.boards import Driver, Drivers
from service.dashboard.charts import MatrixMark, matrix
from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import Missing, columns, flat
from service.dashboard.svg import Interval, intervals
from service.dashboard.views import Cell, Grid, Section
from service.pages.wording import N_

__all__ = ["driver_sections"]

_QUADRANTS: Final = {
    "fix first": N_("fix first"),
    "fix next": N_("fix next"),
    "keep": N_("keep"),
    "build on": N_("build on"),
    "unclear": N_("unclear"),
}
_KINDS: Final = {"fix first": "neg", "fix next": "neg", "keep": "pos", "build on": "pos", "unclear": "neu"}


def driver_sections(phrasing: Phrasing, board: Drivers) -> tuple[Section, ...]:
    """The impact of each theme, and the priority matrix; a theme without an impact stands in the tables alone."""
    tr = phrasing.tr
    bars, marks = [], []
    for one in board.drivers:
        if one.impact is None:
            continue
        label, url = phrasing.words.theme(one.theme), phrasing.asked.inbox(theme=(one.theme,))
        kind, said = _KINDS[one.quadrant], f"{tr.number(one.impact.value)} ({phrasing.span(one.impact)})"
        bars.append(Interval(label, one.impact.value, one.impact.low, one.impact.high, said, url, kind))
        told = f"{label}: {said}, {tr.number(one.volume.value)} %, {tr.gettext(_QUADRANTS[one.quadrant])}"
        marks.append(MatrixMark(label, one.volume.value, one.impact.value, kind, told, url))
    title, second = tr.gettext("Impact on the NPS"), tr.gettext("Priority matrix")
    heads = (
        tr.gettext("Theme"), tr.gettext("Scores that mention it"), tr.gettext("% of scores"),
        tr.gettext("Impact, points of NPS"), tr.gettext("Share of the differences, %"), tr.gettext("Priority"),
    )  # fmt: skip
    rows = tuple(_row(phrasing, one) for one in board.drivers)
    data = tuple(
        flat(theme=one.theme, mentions=one.mentions, volume=one.volume, impact=one.impact or Missing(),
             share=one.share or Missing(), quadrant=one.quadrant)
        for one in board.drivers
    )  # fmt: skip
    axes = (tr.gettext("% of scores that mention it"), tr.gettext("Impact, points of NPS"))
    empty = "" if bars else tr.gettext("Drivers need at least two given scores.")
    return (
        Section(
            title,
            tr.gettext(
                "How much lower (−) or higher the NPS is because of the customers who mention a theme: NPS of all "
                "minus NPS without them, with a 95% bootstrap interval. It shows what goes together, not what "
                "causes it."
            ),
            intervals("impact", title, phrasing.described(), bars) if bars else None,
            Grid(title, heads, rows, columns(data), data),
            empty=empty,
        ),
        Section(
            second,
            tr.gettext(
                "Below the line and to the right: fix first. A theme whose interval holds 0, or that few mention, "
                "is unclear."
            ),
            matrix("matrix", second, phrasing.described(), marks, axes, tr.number) if bars else None,
            Grid(
                second,
                heads[:1] + heads[2:4] + heads[5:],
                tuple((*row[:1], *row[2:4], row[5]) for row in rows),
            ),
            empty=empty,
        ),
    )


def _row(phrasing: Phrasing, one: Driver) -> tuple[Cell, ...]:
    tr = phrasing.tr
    return (
        Cell(phrasing.words.theme(one.theme), phrasing.asked.inbox(theme=(one.theme,))),
        Cell(tr.number(one.mentions)),
        Cell(phrasing.told("", one.volume)),
        Cell(phrasing.told("", one.impact)),
        Cell(phrasing.told("", one.share)),
        Cell(tr.gettext(_QUADRANTS[one.quadrant])),
    )
