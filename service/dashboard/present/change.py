"""Why the NPS of two periods differs."""

from __future__ import annotations

from service.dashboard.boards import Change
from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import columns, flat
from service.dashboard.svg import Interval, intervals
from service.dashboard.views import Cell, Grid, Section, Stat

__all__ = ["change_sections", "change_stats"]


def change_stats(phrasing: Phrasing, board: Change) -> tuple[Stat, ...]:
    """Both periods and their difference; those that are not there are left out."""
    tr = phrasing.tr
    named = [
        (f"{tr.day(part.since)} – {tr.day(part.until)}", part.nps)
        for part in (board.before, board.after)
        if part
    ]
    if board.difference:
        named.append((tr.gettext("Difference"), board.difference))
    return tuple(
        Stat(label, tr.number(one.value), phrasing.span(one), phrasing.basis(one)) for label, one in named
    )


def change_sections(phrasing: Phrasing, board: Change) -> tuple[Section, ...]:
    """What each theme adds to the difference, by mix and level."""
    tr = phrasing.tr
    bars: list[Interval] = []
    rows: list[tuple[Cell, ...]] = []
    for one in board.contributions:
        label = phrasing.words.theme(one.theme) if one.theme else tr.gettext("no theme")
        url = phrasing.asked.inbox(theme=(one.theme,) if one.theme else ())
        kind = "neg" if one.total < 0 else "pos"
        low, high = min(0.0, one.total), max(0.0, one.total)
        bars.append(Interval(label, one.total, low, high, tr.number(one.total), url, kind))
        rows.append(
            (
                Cell(label, url), Cell(tr.decimal(one.total, 2)), Cell(phrasing.told("", one.mix, 2)),
                Cell(phrasing.told("", one.level, 2)), Cell(tr.number(one.share_before)),
                Cell(tr.number(one.share_after)),
            )
        )  # fmt: skip
    if board.difference:
        together = Cell(tr.decimal(board.difference.value, 2))
        rows.append((Cell(tr.gettext("Together")), together, *(Cell("") for _ in range(4))))
    title = tr.gettext("What the change is made of")
    heads = (
        tr.gettext("Theme"), tr.gettext("Points of NPS"), tr.gettext("of which mix"), tr.gettext("of which level"),
        tr.gettext("% of speaking before"), tr.gettext("% of speaking after"),
    )  # fmt: skip
    data = tuple(
        flat(theme=one.theme, total=one.total, mix=one.mix, level=one.level, share_before=one.share_before,
             share_after=one.share_after)
        for one in board.contributions
    )  # fmt: skip
    return (
        Section(
            title,
            tr.gettext(
                "Mix: a theme is spoken of more or less than before. Level: those who speak of it score otherwise. "
                "An item with several themes counts for a part in each, so that the parts add up to the change."
            ),
            intervals("change", title, phrasing.described(), bars) if bars else None,
            Grid(title, heads, tuple(rows), columns(data), data),
            empty="" if bars else tr.gettext("One of the two periods has no given scores."),
        ),
    )
