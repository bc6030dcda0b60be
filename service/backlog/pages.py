"""`/backlog`: board and list, suggestions, and the page of one improvement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse

from service.actor import ActorDep
from service.backlog.dependencies import BacklogDep
from service.backlog.effect import look
from service.backlog.export import COLUMNS, CUSTOMER_COLUMNS, customer_rows, entry_rows
from service.backlog.measuring import WEEKS, suggest
from service.backlog.quotes import quote_of
from service.backlog.readability import Readability, readability
from service.backlog.reading import effect_view
from service.backlog.records import BacklogFilter, NewImprovement, Suggestion
from service.backlog.repository import BacklogRepository
from service.backlog.tables import ImprovementRow
from service.backlog.views import (
    BoardView,
    EntryView,
    Line,
    NewView,
    Quote,
    SuggestionCard,
    SuggestionsView,
    cards,
    columns,
)
from service.backlog.wording import BacklogWording
from service.errors import Fault, InvalidError
from service.fields import MAX_ID
from service.inbox.repository import InboxRepository
from service.pages.forms import Form, FormDep, back, local
from service.pages.frame import Frame, FrameDep
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import Option, Wording
from service.sheets import MEDIA_TYPES, Format, write
from service.state import DatabaseDep, SettingsDep
from service.trackers.pages import Shown, shown_issues

__all__ = ["router"]

router = APIRouter(prefix="/backlog", include_in_schema=False)

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]
_MOST: Final = 500
_LINES: Final = 12
_LONGEST: Final = 5000
_PERIODS: Final = (4, 8, 13, 26, 52)


@router.get("")
def board(
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    view: Annotated[str, Query(max_length=10)] = "board",
    theme: Annotated[str, Query(max_length=50)] = "",
    journey: Annotated[str, Query(max_length=50)] = "",
) -> HTMLResponse:
    """Board or list, the highest rank first."""
    words = Wording(frame.tr, taxonomy)
    wording = BacklogWording(frame.tr, words)
    asked = BacklogFilter(themes=(theme,) if theme else (), journeys=(journey,) if journey else ())
    with database.read() as session:
        repository = BacklogRepository(session)
        rows = repository.everything(asked, _MOST)
        counts = repository.item_counts([row.id for row in rows])
        owners = InboxRepository(session).user_names([row.owner_id for row in rows])
        shown = cards(rows, counts, owners, wording, frame.tr, frame.now.date().isoformat())
    ranked = tuple(sorted(shown, key=lambda card: (card.score is None, -(card.score or 0.0), -card.id)))
    kept = {name: value for name, value in (("theme", theme), ("journey", journey)) if value}
    return render(
        "backlog/board.html",
        frame,
        BoardView(
            columns=columns(shown, wording),
            ranked=ranked,
            as_list=view == "list",
            here=frame.here,
            board_url=f"/backlog?{urlencode(kept)}" if kept else "/backlog",
            list_url="/backlog?" + urlencode({"view": "list", **kept}),
            themes=words.options(taxonomy.themes),
            journeys=words.options(taxonomy.journeys),
            theme=theme,
            journey=journey,
            more=len(rows) == _MOST,
        ),
    )


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
        found = suggest(BacklogRepository(session), taxonomy, frame.now.date(), weeks=weeks)
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
        owners = _owners(session)
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
            ids = _evidence(session, theme, journey, form, frame.now.date())
            title = title or frame.tr.gettext(
                "%(theme)s in %(journey)s", theme=words.theme(theme), journey=words.journey(journey)
            )
        fresh = NewImprovement(
            title=title,
            description=form.one("description"),
            theme=theme,
            journey=journey,
            owner_id=form.whole("owner", 1, MAX_ID) if form.one("owner") else None,
            effort=_number(form, "effort"),
            due_on=_day(form, "due_on"),
            feedback_ids=ids,
        )
        row = backlog(session).create(fresh)
        return back(f"/backlog/{row.id}", "improvement-made")


@router.get("/export")
def export(
    database: DatabaseDep, format_: Annotated[Format, Query(alias="format")] = "csv"
) -> StreamingResponse:
    """All improvements as a table."""
    with database.read() as session:
        rows = list(entry_rows(BacklogRepository(session)))
    headers = {"Content-Disposition": f'attachment; filename="backlog.{format_}"'}
    return StreamingResponse(write(rows, COLUMNS, format_), media_type=MEDIA_TYPES[format_], headers=headers)


@router.post("/readability")
def judge(form: FormDep, frame: FrameDep, taxonomy: TaxonomyDep) -> JSONResponse:
    """How plainly the words for customers are written, while somebody writes them; nothing is kept."""
    wording = BacklogWording(frame.tr, Wording(frame.tr, taxonomy))
    found = _judged(form.one("public_title")[:_LONGEST], form.one("public_text")[:_LONGEST])
    content = {"verdict": wording.plain(found), "hints": list(wording.hints(found))}
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


@router.get("/{id}")
def entry(
    id_: IdPath,
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    settings: SettingsDep,
    draft: Annotated[int | None, Query(ge=1, le=MAX_ID, description="A tracker: what would be sent.")] = None,
) -> HTMLResponse:
    """One improvement."""
    words = Wording(frame.tr, taxonomy)
    with database.read() as session:
        row = _found(session, id_)
        issues = shown_issues(session, row, settings, frame.tr, draft)
        view = _entry(session, row, words, _Surroundings(frame, taxonomy, settings.public_page), issues)
    return render("backlog/entry.html", frame, view)


@router.post("/{id}/change")
def change(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> RedirectResponse:
    """Set the fields of the form; refused when somebody changed them meanwhile."""
    fields: dict[str, Any] = {
        "title": form.one("title"),
        "description": form.one("description"),
        "theme": form.one("theme") or None,
        "journey": form.one("journey") or None,
        "owner_id": form.whole("owner", 1, MAX_ID) if form.one("owner") else None,
        "effort": _number(form, "effort"),
        "due_on": _day(form, "due_on"),
        "done_on": _day(form, "done_on"),
    }
    version = form.whole("version", 1, MAX_ID)
    with database.write() as session:
        backlog(session).change(id_, fields, if_version=version)
    return back(f"/backlog/{id_}", "saved")


@router.post("/{id}/status")
def set_status(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> RedirectResponse:
    """Move it along."""
    with database.write() as session:
        service = backlog(session)
        service.change(id_, {"status": form.one("status")})
    return back(local(form.one("here"), f"/backlog/{id_}"), "status")


@router.post("/{id}/items")
def change_items(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> RedirectResponse:
    """Take the ticked items off, or give them an improvement of their own."""
    ids = [int(value) for value in form.many("id") if value.isascii() and value.isdigit()]
    if not ids:
        return back(f"/backlog/{id_}", "none-chosen", anchor="items")
    with database.write() as session:
        service = backlog(session)
        if form.one("do") == "split":
            part = service.split(id_, ids, form.one("title"))
            return back(f"/backlog/{part.id}", "improvement-made")
        service.unlink(id_, ids)
    return back(f"/backlog/{id_}", "saved", anchor="items")


@router.post("/{id}/merge")
def merge(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> RedirectResponse:
    """Let another go up in it."""
    other = form.whole("from", 1, MAX_ID)
    with database.write() as session:
        backlog(session).merge(id_, [other])
    return back(f"/backlog/{id_}", "saved")


@router.post("/{id}/measure")
def measure_again(id_: IdPath, database: DatabaseDep, backlog: BacklogDep) -> RedirectResponse:
    """Measure anew what it is worth."""
    with database.write() as session:
        backlog(session).measure(id_)
    return back(f"/backlog/{id_}", "measured")


@router.post("/{id}/effect")
def see_effect(
    id_: IdPath, database: DatabaseDep, taxonomy: TaxonomyDep, actor: ActorDep, frame: FrameDep
) -> RedirectResponse:
    """One look at whether it worked."""
    journeys = [entry.code for entry in taxonomy.journeys]
    with database.write() as session:
        row = _found(session, id_)
        look(BacklogRepository(session), row, journeys, actor, frame.now.date())
    return back(f"/backlog/{id_}", anchor="effect")


@router.post("/{id}/public")
def set_public(
    id_: IdPath,
    form: FormDep,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> RedirectResponse:
    """Keep the words for customers, and put them before the public or take them away."""
    fields: dict[str, Any] = {
        "public_title": form.one("public_title") or None,
        "public_text": form.one("public_text") or None,
    }
    if form.one("do") in ("publish", "withdraw"):
        fields["published"] = form.one("do") == "publish"
    with database.write() as session:
        backlog(session).change(id_, fields)
    return back(f"/backlog/{id_}", "saved", anchor="public")


@router.post("/{id}/tell")
def tell(id_: IdPath, database: DatabaseDep, backlog: BacklogDep) -> RedirectResponse:
    """Have the customers told."""
    with database.write() as session:
        backlog(session).tell(id_)
    return back(f"/backlog/{id_}", "customers-told", anchor="public")


@router.get("/{id}/customers")
def customers(
    id_: IdPath, database: DatabaseDep, format_: Annotated[Format, Query(alias="format")] = "csv"
) -> StreamingResponse:
    """Who is to be told, as a table of external ids."""
    with database.read() as session:
        _found(session, id_)
        rows = list(customer_rows(BacklogRepository(session), id_))
    headers = {"Content-Disposition": f'attachment; filename="improvement-{id_}-customers.{format_}"'}
    return StreamingResponse(
        write(rows, CUSTOMER_COLUMNS, format_), media_type=MEDIA_TYPES[format_], headers=headers
    )


@dataclass(frozen=True, slots=True)
class _Surroundings:
    frame: Frame
    taxonomy: Any
    public_on: bool


def _entry(
    session: Session, row: ImprovementRow, words: Wording, around: _Surroundings, issues: Shown
) -> EntryView:
    frame, tr = around.frame, around.frame.tr
    wording = BacklogWording(tr, words)
    repository, inbox = BacklogRepository(session), InboxRepository(session)
    count = repository.item_counts([row.id]).get(row.id, 0)
    owners = _owners(session)
    names = {int(option.code): option.label for option in owners}
    names |= inbox.user_names([row.owner_id])
    (card,) = cards([row], {row.id: count}, names, wording, tr, frame.now.date().isoformat())
    ids = repository.item_ids(row.id, limit=_LINES)
    said = repository.results(ids)
    reached = repository.customers(row.id)
    told = {item for item, _, _, at in reached if at is not None}
    effects = repository.effects(row.id)
    found = _judged(row.public_title, row.public_text)
    others = repository.everything(BacklogFilter(), _MOST)
    return EntryView(
        card=card,
        version=row.version,
        description=row.description,
        theme=row.theme or "",
        journey=row.journey or "",
        owner=row.owner_id,
        effort="" if row.effort is None else f"{row.effort:g}",
        due_on=row.due_on.isoformat() if row.due_on else "",
        done_on=row.done_on.isoformat() if row.done_on else "",
        statuses=wording.statuses(),
        themes=words.options(around.taxonomy.themes),
        journeys=words.options(around.taxonomy.journeys),
        owners=owners,
        lines=tuple(Line(id_, quote_of(*said[id_], row.theme), id_ in told) for id_ in ids if id_ in said),
        more_items=max(0, count - len(ids)),
        others=tuple(Option(str(one.id), f"{one.id}. {one.title}") for one in others if one.id != row.id),
        merged_into=row.merged_into,
        effect=effect_view(effects[0].result, wording, words, tr) if effects else None,
        earlier=tuple(
            tr.gettext(
                "Look %(look)s, %(day)s: %(verdict)s",
                look=one.look,
                day=tr.day(one.at),
                verdict=wording.verdict(one.result["verdict"]),
            )
            for one in effects[1:]
        ),
        can_look=row.status in ("done", "told") and row.done_on is not None and row.journey is not None,
        public_title=row.public_title or "",
        public_text=row.public_text or "",
        published=row.published_at is not None,
        public_on=around.public_on,
        plain=wording.plain(found),
        hints=wording.hints(found),
        reachable=len(reached),
        untold=len(reached) - len(told),
        issues=issues.lines,
        trackers=issues.trackers,
        draft=issues.draft,
        draft_of=issues.draft_of,
        can_tell=frame.visitor.role != "handler",
        history=wording.history(repository.history(row.id), names),
    )


def _judged(title: str | None, text: str | None) -> Readability | None:
    return readability(". ".join(part for part in (title, text) if part))


def _suggestion(one: Suggestion, words: Wording, wording: BacklogWording, frame: Frame) -> SuggestionCard:
    tr, worth = frame.tr, one.measured
    gain = None
    if worth.gain is not None and worth.low is not None and worth.high is not None:
        gain = tr.gettext(
            "%(gain)s points of NPS (%(low)s to %(high)s)",
            gain=wording.points(worth.gain),
            low=wording.points(worth.low),
            high=wording.points(worth.high),
        )
    journey = words.journey(one.journey) or one.journey
    query = {"theme": one.theme, "polarity": "negative", "journey": one.journey}
    every = [("status", status) for status in ("new", "in_progress", "answered", "closed")]
    return SuggestionCard(
        theme=one.theme,
        journey=one.journey,
        label=f"{words.theme(one.theme)} · {journey}",
        volume=tr.number(worth.volume),
        gain=gain,
        reach=tr.number(worth.reach),
        answers=tr.number(worth.answers),
        quotes=tuple(Quote(id_, text) for id_, text in one.quotes),
        known_as=one.known_as,
        items_url="/inbox?" + urlencode([*query.items(), *every]),
    )


def _evidence(session: Session, theme: str, journey: str, form: Form, today: date) -> tuple[int, ...]:
    from datetime import timedelta

    weeks = form.whole("weeks", 1, 104)
    start = today - timedelta(weeks=weeks) + timedelta(days=1)
    return tuple(BacklogRepository(session).complaining_ids(theme, journey, start, today, 1000))


def _found(session: Session, id_: int) -> ImprovementRow:
    from service.errors import NotFoundError

    row = BacklogRepository(session).get(id_)
    if row is None:
        raise NotFoundError(f"There is no improvement {id_}.")
    return row


def _owners(session: Session) -> tuple[Option, ...]:
    users = InboxRepository(session).users()
    return tuple(Option(str(user.id), user.display_name or user.name) for user in users)


def _number(form: Form, name: str) -> float | None:
    value = form.one(name).strip().replace(",", ".")
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number <= 10_000:
        raise InvalidError([Fault(f"/{name}", f"must be a number above 0, got {form.one(name)!r}")])
    return number


def _day(form: Form, name: str) -> date | None:
    value = form.one(name).strip()
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        raise InvalidError([Fault(f"/{name}", f"must be a date such as 2026-03-01, got {value!r}")]) from exc
