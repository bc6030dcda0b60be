"""The scores over time."""

from __future__ import annotations

from service.dashboard.boards import Trend
from service.dashboard.charts import LineMark, line
from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import columns, flat
from service.dashboard.views import Cell, Grid, Section

__all__ = ["trend_sections"]


def trend_sections(phrasing: Phrasing, board: Trend) -> tuple[Section, ...]:
    """The NPS as a line of weeks or months, and all scores as a table."""
    tr = phrasing.tr
    week = board.unit == "week"
    marks, rows = [], []
    for point in board.points:
        nps = point.scores.nps
        url = phrasing.asked.inbox(since=point.since, until=point.until)
        when = tr.day(point.since)
        under = (
            tr.short_day(point.since) if week else tr.month(point.since),
            phrasing.points("NPS", nps),
            f"n = {tr.number(nps.n if nps else 0)}",
        )
        marks.append(LineMark(under, nps, f"{when}: {phrasing.told('NPS', nps)}", url))
        rows.append((Cell(f"{when} – {tr.day(point.until)}", url), *phrasing.score_cells(point.scores)))
    title = tr.gettext("NPS by week") if week else tr.gettext("NPS by month")
    data = tuple(flat(since=one.since, until=one.until, scores=one.scores) for one in board.points)
    heads = (tr.gettext("Week") if week else tr.gettext("Month"), *phrasing.score_heads())
    grid = Grid(title, heads, tuple(rows), columns(data), data)
    lead = tr.gettext("Given scores with their 95% intervals; a gap is a time without scores.")
    return (Section(title, lead, line("trend", title, phrasing.described(), marks, tr.number), grid),)
