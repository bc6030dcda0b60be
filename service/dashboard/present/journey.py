"""The customer journey as a line of stages, with its moments of truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.dashboard.boards import Journey, Stage
from service.dashboard.charts import LineMark, line
from service.dashboard.figures import Scores
from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import columns, flat
from service.dashboard.views import Cell, Grid, Section, Stat

__all__ = ["journey_sections", "journey_stats"]


def journey_stats(phrasing: Phrasing, scores: Scores) -> tuple[Stat, ...]:
    """The figures at the head of the page; those that are not there are left out."""
    tr = phrasing.tr
    named = (
        (tr.gettext("NPS, given"), scores.nps),
        (tr.gettext("NPS, given and estimated"), scores.nps_all),
        (tr.gettext("CES 1-7, high is easy"), scores.ces),
        (tr.gettext("CAS, % that agrees"), scores.cas),
        (tr.gettext("EPS, employees"), scores.eps),
        (tr.gettext("Settled at first contact, %"), scores.fcr),
    )
    return tuple(
        Stat(label, tr.number(one.value), phrasing.span(one), phrasing.basis(one))
        for label, one in named
        if one
    )


def journey_sections(phrasing: Phrasing, board: Journey) -> tuple[Section, ...]:
    """The line of stages, and the moments of truth where items name any."""
    tr = phrasing.tr
    title = tr.gettext("NPS along the customer journey")
    marks = [_mark(phrasing, stage) for stage in board.stages]
    chart = line("journey", title, phrasing.described(), marks, tr.number)
    sections = [
        Section(
            title,
            tr.gettext(
                "Each stage with its NPS of given scores and 95% interval, CES, CAS, volume and main theme."
            ),
            chart,
            _grid(phrasing, tr.gettext("Stages of the journey"), board.stages),
            folded=False,
        )
    ]
    if board.moments:
        caption = tr.gettext("Moments of truth")
        lead = tr.gettext("Moments that came with the items, in the order of the journey.")
        sections.append(Section(caption, lead, None, _grid(phrasing, caption, board.moments), folded=False))
    return tuple(sections)


def _mark(phrasing: Phrasing, stage: Stage) -> LineMark:
    scores, theme = stage.scores, stage.main_theme
    under = (
        phrasing.journey(stage.journey),
        phrasing.points("NPS", scores.nps),
        phrasing.points("CES", scores.ces),
        phrasing.points("CAS", scores.cas),
        phrasing.tr.ngettext("%(num)s item", "%(num)s items", scores.items),
        phrasing.words.theme(theme.theme) if theme else "–",
    )
    said = "; ".join((*under[:1], phrasing.told("NPS", scores.nps), *under[2:]))
    return LineMark(under, scores.nps, said, _url(phrasing, stage))


def _grid(phrasing: Phrasing, caption: str, stages: Sequence[Stage]) -> Grid:
    tr = phrasing.tr
    rows = []
    for stage in stages:
        name = " · ".join(filter(None, (stage.moment, phrasing.journey(stage.journey))))
        theme = stage.main_theme
        said = "–"
        if theme:
            said = tr.gettext(
                "%(theme)s, %(share)s%% of items, %(count)s dissatisfied",
                theme=phrasing.words.theme(theme.theme), share=tr.number(theme.share.value),
                count=tr.number(theme.dissatisfied),
            )  # fmt: skip
        url = _url(phrasing, stage, theme=(theme.theme,)) if theme else ""
        cells = phrasing.score_cells(stage.scores)
        rows.append((Cell(name, _url(phrasing, stage)), *cells, Cell(said, url)))
    data = tuple(
        flat(journey=one.journey, moment=one.moment, scores=one.scores,
             main_theme=one.main_theme and one.main_theme.theme)
        for one in stages
    )  # fmt: skip
    heads = (tr.gettext("Stage"), *phrasing.score_heads(), tr.gettext("Main theme"))
    return Grid(caption, heads, tuple(rows), columns(data), data)


def _url(phrasing: Phrasing, stage: Stage, **further: Any) -> str:
    given: dict[str, Any] = {"journey": (stage.journey,)} if stage.journey else {}
    if stage.moment:
        given["moment"] = stage.moment
    return phrasing.asked.inbox(**given, **further)
