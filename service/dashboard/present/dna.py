"""The Customer Centric DNA index of organisations or branches."""

from __future__ import annotations

from service.dashboard.boards import Dna, Organisation
from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import Missing, columns, flat
from service.dashboard.svg import Interval, intervals
from service.dashboard.views import Cell, Grid, Section

__all__ = ["dna_sections"]


def dna_sections(phrasing: Phrasing, board: Dna) -> tuple[Section, ...]:
    """The index of each with its pillars, and the places that the data allow."""
    tr = phrasing.tr
    bars, rows = [], []
    for one in board.organisations:
        url = phrasing.asked.inbox(organisation=one.name)
        if one.index:
            said = f"{tr.number(one.index.value)} ({phrasing.span(one.index)})"
            bars.append(Interval(one.name, one.index.value, one.index.low, one.index.high, said, url))
        thin = ", ".join(phrasing.words.theme(theme) for theme in one.thin)
        pillars = [Cell(phrasing.told("", own)) for own in one.pillars.values()]
        index = Cell(phrasing.told("", one.index))
        rows.append((Cell(one.name, url), Cell(_place(phrasing, one)), index, *pillars, Cell(thin)))
    title = tr.gettext("Customer Centric DNA index")
    names = next((tuple(one.pillars) for one in board.organisations), ())
    heads = (tr.gettext("Organisation or branch"), tr.gettext("Place"), tr.gettext("Index 0-100"),
             *(phrasing.words.pillar(name) for name in names), tr.gettext("Too few mentions of"))  # fmt: skip
    data = tuple(
        flat(organisation=one.name, best=one.best, worst=one.worst, index=one.index or Missing(),
             **{name: own or Missing() for name, own in one.pillars.items()}, thin=" ".join(one.thin))
        for one in board.organisations
    )  # fmt: skip
    return (
        Section(
            title,
            tr.gettext(
                "How customers speak of processes and employees, every theme weighing alike: 50 is as much praise "
                "as blame. A single place is claimed only where the data carry it."
            ),
            intervals("dna", title, phrasing.described(), bars) if bars else None,
            Grid(title, heads, tuple(rows), columns(data), data),
            folded=False,
            empty="" if rows else tr.gettext(
                "No item names its organisation or branch; send it along as the fact “organisation” or “branch”."
            ),
        ),
    )  # fmt: skip


def _place(phrasing: Phrasing, one: Organisation) -> str:
    tr = phrasing.tr
    if one.best != one.worst and one.worst is not None:
        best = "–" if one.best is None else tr.number(one.best)
        return tr.gettext("%(best)s to %(worst)s", best=best, worst=tr.number(one.worst))
    return "–" if one.best is None else tr.number(one.best)
