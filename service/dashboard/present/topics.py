"""What comes up among texts that no theme covers."""

from __future__ import annotations

from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import columns
from service.dashboard.topics import Topics
from service.dashboard.views import Cell, Grid, Section

__all__ = ["topic_section"]


def topic_section(phrasing: Phrasing, board: Topics) -> Section:
    """The groups of like texts that grew, each with its latest item."""
    tr = phrasing.tr
    title = tr.gettext("New topics")
    rows = tuple(
        (
            Cell(", ".join(one.phrases), f"/items/{one.id}"), Cell(tr.number(one.recent)),
            Cell(tr.number(one.expected)), Cell(tr.number(len(one.items))),
            *(Cell(tr.gettext("item %(id)s", id=item), f"/items/{item}") for item in one.items[-1:]),
        )
        for one in board.topics
    )  # fmt: skip
    heads = (
        tr.gettext("What it is about"), tr.gettext("in the last four weeks"), tr.gettext("expected"),
        tr.gettext("in half a year"), tr.gettext("Latest"),
    )  # fmt: skip
    data = tuple(
        {"id": one.id, "phrases": ", ".join(one.phrases), "recent": one.recent, "expected": one.expected,
         "items": " ".join(map(str, one.items)), "p_value": one.p_value}
        for one in board.topics
    )  # fmt: skip
    lead = tr.gettext(
        "Groups of like texts among the latest %(count)s that no theme covers, of which %(recent)s of the last "
        "four weeks; only groups that grew by more than noise.",
        count=tr.number(board.texts), recent=tr.number(board.recent),
    )  # fmt: skip
    compared = (
        tr.gettext("Compared by what they mean, and by their words.")
        if board.by_meaning
        else tr.gettext("Compared by their words alone.")
    )
    empty = "" if rows else tr.gettext("Nothing new comes up.")
    grid = Grid(title, heads, rows, columns(data), data)
    return Section(title, f"{lead} {compared}", None, grid, folded=False, empty=empty)
