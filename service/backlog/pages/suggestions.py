"""How an improvement begins: what customers would like to be better, and the form for another one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse

from service.backlog.dependencies import BacklogDep
from service.backlog.measuring import WEEKS, suggest
from service.backlog.pages.parts import day, number, owners_of
from service.backlog.records import NewImprovement, Suggestion
from service.backlog.repository import BacklogRepository
from service.backlog.views import NewView, Quote, SuggestionCard, SuggestionsView
from service.backlog.wording import BacklogWording
from service.counts.facts import day_of
from service.fields import MAX_ID
from service.pages.forms import Form, FormDep, back
from service.pages.frame import Frame, FrameDep
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import Wording
from service.state import DatabaseDep

__all__ = ["router"]

router = APIRouter(prefix="/backlog", include_in_schema=False)

_PERIODS: Final = (4, 8, 13, 26, 52)


@router.get("/suggestions")
def suggestions(
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    weeks: Annotated[int, Query(ge=1, le=104)] = WEEKS,
) -> HTMLResponse:
    """What customers would like to be better."""
    words = Wording(frame.tr, taxonomy)
    wording = BacklogWording(frame.tr, words)
    with database.read() as session:
        found = suggest(BacklogRepository(session), taxonomy, day_of(frame.now), weeks=weeks)
    view = SuggestionsView(
        tuple(_suggestion(one, words, wording, frame) for one in found),
        weeks,
        tuple(sorted({*_PERIODS, weeks})),
    )
    return render("backlog/suggestions.html", frame, view)


@router.get("/new")
def new(
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    theme: Annotated[str, Query(max_length=50)] = "",
    journey: Annotated[str, Query(max_length=50)] = "",
) -> HTMLResponse:
    """The form for another improvement."""
    words = Wording(frame.tr, taxonomy)
    with database.read() as session:
        owners = owners_of(session)
    view = NewView(words.options(taxonomy.themes), words.options(taxonomy.journeys), owners, theme, journey)
    return render("backlog/new.html", frame, view)


@router.post("/new")
def add(
    form: FormDep,
    frame: FrameDep,
    database: DatabaseDep,
    backlog: BacklogDep,
    taxonomy: TaxonomyDep,
) -> RedirectResponse:
    """Make an improvement by hand; from a suggestion, with the items it rests on."""
    theme, journey = form.one("theme") or None, form.one("journey") or None
    words = Wording(frame.tr, taxonomy)
    title = form.one("title")
    with database.write() as session:
        ids: tuple[int, ...] = ()
        if form.one("suggested") == "1" and theme and journey:
            ids = _evidence(session, theme, journey, form, day_of(frame.now))
            title = title or frame.tr.gettext(
                "%(theme)s in %(journey)s", theme=words.theme(theme), journey=words.journey(journey)
            )
        fresh = NewImprovement(
            title=title,
            description=form.one("description"),
            theme=theme,
            journey=journey,
            owner_id=form.whole("owner", 1, MAX_ID) if form.one("owner") else None,
            effort=number(form, "effort"),
            due_on=day(form, "due_on"),
            feedback_ids=ids,
        )
        row = backlog(session).create(fresh)
        return back(f"/backlog/{row.id}", "improvement-made")


def _suggestion(one: Suggestion, words: Wording, wording: BacklogWording, frame: Frame) -> SuggestionCard:
    tr, worth = frame.tr, one.measured
    journey = words.journey(one.journey) or one.journey
    query = {"theme": one.theme, "polarity": "negative", "journey": one.journey}
    every = [("status", status) for status in ("new", "in_progress", "answered", "closed")]
    return SuggestionCard(
        theme=one.theme,
        journey=one.journey,
        label=f"{words.theme(one.theme)} · {journey}",
        volume=tr.number(worth.volume),
        gain=wording.gain(worth.gain, worth.low, worth.high),
        reach=tr.number(worth.reach),
        answers=tr.number(worth.answers),
        quotes=tuple(Quote(id_, text) for id_, text in one.quotes),
        known_as=one.known_as,
        items_url="/inbox?" + urlencode([*query.items(), *every]),
    )


def _evidence(session: Session, theme: str, journey: str, form: Form, today: date) -> tuple[int, ...]:
    weeks = form.whole("weeks", 1, 104)
    start = today - timedelta(weeks=weeks) + timedelta(days=1)
    return tuple(BacklogRepository(session).complaining_ids(theme, journey, start, today, 1000))
