"""`/dashboard`: the journey, the trend, the themes, the drivers, a change explained, and the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from feedback_nlp.encoder import Encoder
from feedback_nlp.taxonomy import Taxonomy
from service.counts.facts import day_of
from service.dashboard import boards, present
from service.dashboard.query import DashboardQuery
from service.dashboard.radar import radar
from service.dashboard.repository import DashboardRepository
from service.dashboard.topics import encoder_of, new_topics
from service.dashboard.views import BoardView, Section, Stat, Tab
from service.errors import NotFoundError
from service.pages.frame import Frame, FrameDep
from service.pages.i18n import Translator
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import N_, Option, Wording
from service.sheets import MEDIA_TYPES, write
from service.state import DatabaseDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

Shown = tuple[tuple[Stat, ...], tuple[Section, ...]]


@dataclass(frozen=True, slots=True)
class _About:
    """What a dashboard is made of; the encoder is that of the model in use, or None."""

    counts: DashboardRepository
    asked: DashboardQuery
    taxonomy: Taxonomy
    phrasing: present.Phrasing
    encoder: Encoder | None


Show = Callable[[_About], Shown]
Kind = Literal["csv", "xlsx", "svg", "png"]


@dataclass(frozen=True, slots=True)
class _Board:
    """A dashboard: its words, the dimensions it can be cut by, and what it shows."""

    title: str
    intro: str
    show: Show
    cuts: tuple[str, ...]
    by_journey: bool = True


@router.get("/dashboard")
def journey(request: Request, frame: FrameDep, database: DatabaseDep, taxonomy: TaxonomyDep) -> HTMLResponse:
    """The customer journey."""
    return _page("journey", request, frame, database, taxonomy)


@router.get("/dashboard/{board}")
def board(
    board: str, request: Request, frame: FrameDep, database: DatabaseDep, taxonomy: TaxonomyDep
) -> HTMLResponse:
    """Any of the dashboards."""
    return _page(board, request, frame, database, taxonomy)


@router.get("/dashboard/{board}/export")
def export(
    board: str,
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    kind: Annotated[Kind, Query(alias="format")] = "csv",
    number: Annotated[int, Query(alias="part", ge=0, le=9)] = 0,
) -> Response:
    """A part of a dashboard as a file: its table, or its chart."""
    _, sections, asked = _shown(board, request, frame, database, taxonomy)
    if number >= len(sections):
        raise NotFoundError(f"The dashboard {board} has {len(sections)} parts.")
    part = sections[number]
    name = f"{board}-{number}-{asked.since}-{asked.until}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if kind in ("csv", "xlsx"):
        rows = part.grid.data if kind == "xlsx" else [present.dutch(row) for row in part.grid.data]
        content = b"".join(write(rows, part.grid.columns, kind))
        return Response(content, media_type=MEDIA_TYPES[kind], headers=headers)
    if part.chart is None:
        raise NotFoundError("This part has no chart.")
    if kind == "png":
        return Response(part.chart.png(), media_type="image/png", headers=headers)
    return Response(
        part.chart.file(str(request.base_url).rstrip("/")), media_type="image/svg+xml", headers=headers
    )


def _page(
    name: str, request: Request, frame: Frame, database: DatabaseDep, taxonomy: Taxonomy
) -> HTMLResponse:
    stats, sections, asked = _shown(name, request, frame, database, taxonomy)
    tr, words, chosen = frame.tr, Wording(frame.tr, taxonomy), _chosen(name)
    with database.read() as session:
        counts = DashboardRepository(session)
        values = counts.values()
        items = sum(own["items"] for own in counts.scores(asked).values())
    labels = {"channel": words.channel, "segment": words.segment}
    cuts = tuple(
        (
            tr.gettext(_DIMENSIONS[dimension]),
            tuple(
                Option(f"{dimension}:{value}", labels.get(dimension, str)(value) or value) for value in held
            ),
        )
        for dimension, held in values.items()
        if dimension in chosen.cuts
    )
    exports = [
        (
            f"{section.title} ({kind.upper()})",
            asked.url(f"/dashboard/{name}/export", format=kind, part=number),
        )
        for number, section in enumerate(sections)
        for kind in ("csv", "xlsx", "svg", "png")
        if (section.chart if kind in ("svg", "png") else section.grid.data)
    ]
    view = BoardView(
        title=tr.gettext(chosen.title),
        intro=tr.gettext(chosen.intro),
        path="/dashboard" if name == "journey" else f"/dashboard/{name}",
        tabs=_tabs(name, asked, tr),
        stats=stats,
        sections=sections,
        exports=tuple(exports),
        since=asked.since.isoformat(),
        until=asked.until.isoformat(),
        base=asked.compared.since.isoformat(),
        asks_base=name == "change",
        journey=asked.journey,
        cut=asked.cut,
        journeys=words.options(taxonomy.journeys) if chosen.by_journey else (),
        cuts=cuts,
        inbox_url=asked.inbox(),
        items=items,
    )
    return render("dashboard/page.html", frame, view)


def _shown(
    name: str, request: Request, frame: Frame, database: DatabaseDep, taxonomy: Taxonomy
) -> tuple[tuple[Stat, ...], tuple[Section, ...], DashboardQuery]:
    chosen = _chosen(name)
    asked = DashboardQuery.read(request.query_params, taxonomy, day_of(frame.now))
    if asked.dimension not in chosen.cuts:
        asked = replace(asked, dimension="", value="")
    if not chosen.by_journey:
        asked = replace(asked, journey="")
    phrasing = present.Phrasing(frame.tr, Wording(frame.tr, taxonomy), asked)
    with database.read() as session:
        about = _About(
            DashboardRepository(session), asked, taxonomy, phrasing, encoder_of(request.state.models)
        )
        stats, sections = chosen.show(about)
    return stats, sections, asked


def _chosen(name: str) -> _Board:
    if name not in _BOARDS:
        raise NotFoundError(f"There is no dashboard {name!r}; there are {', '.join(_BOARDS)}.")
    return _BOARDS[name]


def _tabs(name: str, asked: DashboardQuery, tr: Translator) -> tuple[Tab, ...]:
    return tuple(
        Tab(
            tr.gettext(one.title),
            asked.url("/dashboard" if key == "journey" else f"/dashboard/{key}"),
            key == name,
        )
        for key, one in _BOARDS.items()
    )


def _journey(about: _About) -> Shown:
    made = boards.journey(about.counts, about.asked, about.taxonomy)
    return present.journey_stats(about.phrasing, made.total), present.journey_sections(about.phrasing, made)


def _trend(about: _About) -> Shown:
    return (), present.trend_sections(about.phrasing, boards.trend(about.counts, about.asked))


def _themes(about: _About) -> Shown:
    made = boards.themes(about.counts, about.asked, about.taxonomy)
    return (), present.theme_sections(about.phrasing, made)


def _drivers(about: _About) -> Shown:
    made = boards.drivers(about.counts, about.asked, about.taxonomy)
    return (), present.driver_sections(about.phrasing, made)


def _change(about: _About) -> Shown:
    made = boards.change(about.counts, about.asked, about.taxonomy)
    return present.change_stats(about.phrasing, made), present.change_sections(about.phrasing, made)


def _dna(about: _About) -> Shown:
    made = boards.dna(about.counts, about.asked, about.taxonomy)
    return (), present.dna_sections(about.phrasing, made)


def _radar(about: _About) -> Shown:
    today = about.asked.until
    risen = present.radar_sections(about.phrasing, radar(about.counts, today, about.taxonomy.theme_codes))
    come_up = present.topic_section(about.phrasing, new_topics(about.counts, today, about.encoder))
    return (), (*risen, come_up)


_ALL: Final = ("", "channel", "segment", "product", "organisation", "moment")
_WHOLE: Final = ("",)
_DIMENSIONS: Final = {
    "channel": N_("Channel"),
    "segment": N_("Segment"),
    "product": N_("Product"),
    "organisation": N_("Organisation or branch"),
    "moment": N_("Moment of truth"),
}
_BOARDS: Final = {
    "journey": _Board(
        N_("Customer journey"),
        N_("What customers think of every stage, and what they speak of there."),
        _journey,
        _ALL,
    ),
    "trend": _Board(N_("Trend"), N_("How the scores move over time."), _trend, _ALL),
    "themes": _Board(N_("Themes"), N_("Which themes hurt where in the journey."), _themes, _ALL),
    "drivers": _Board(
        N_("Drivers"), N_("What lowers and lifts the NPS, and what to take up first."), _drivers, _ALL
    ),
    "change": _Board(
        N_("Why it changed"),
        N_("Why the NPS of two periods differs; the parts add up exactly."),
        _change,
        _ALL,
    ),
    "radar": _Board(N_("Radar"), N_("What rises by more than noise."), _radar, _WHOLE, False),
    "dna": _Board(
        N_("DNA index"),
        N_("How customer-centric organisations or branches are in their customers' words."),
        _dna,
        _WHOLE,
        False,
    ),
}
