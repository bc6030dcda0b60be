"""`/inbox`: the list, its filters, saved views, and what is done to many items at once."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Query, Request
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from service.backlog.dependencies import BacklogDep
from service.backlog.linking import PREFIX, add_items, choices
from service.demo.corpus import demo_corpus
from service.demo.repository import DemoRepository
from service.feedback.dependencies import FeedbackDep
from service.feedback.repository import FeedbackRepository
from service.fields import MAX_ID
from service.inbox import bulk
from service.inbox.query import InboxQuery
from service.inbox.repository import COUNT_LIMIT, InboxRepository
from service.inbox.tables import SavedViewRow
from service.inbox.views import InboxView, View, active_filters, row_of
from service.pages.forms import FormDep, back, local
from service.pages.frame import Frame, FrameDep
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import Option, Wording
from service.state import DatabaseDep, SettingsDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 40
_LONGEST_NAME: Final = 60


@router.get("/inbox")
def inbox(
    request: Request, frame: FrameDep, database: DatabaseDep, taxonomy: TaxonomyDep, settings: SettingsDep
) -> HTMLResponse:
    """The list."""
    tr, words = frame.tr, Wording(frame.tr, taxonomy)
    query = InboxQuery.read(request.query_params, taxonomy)
    asked = query.to_filter(frame.visitor.id)
    with database.read() as session:
        inbox, feedback = InboxRepository(session), FeedbackRepository(session)
        page = inbox.page(asked, sort=query.sort, after=query.after, limit=PAGE_SIZE)
        rows = feedback.by_ids(page.ids)
        advocacy = feedback.newest_advocacy(page.ids)
        names = inbox.user_names([row.assigned_to for row in rows.values()])
        handlers = tuple(Option(str(user.id), user.display_name or user.name) for user in inbox.users())
        count = inbox.count(asked)
        newest = inbox.newest_id()
        saved = inbox.views(frame.visitor.name)
        demo = DemoRepository(session).is_there()
        improvements = choices(session)
    shown = tuple(
        row_of(
            rows[id_],
            advocacy.get(id_),
            words=words,
            tr=tr,
            handlers=names,
            search=query.q,
            days=settings.complaint_term_days,
            now=frame.now,
        )
        for id_ in page.ids
        if id_ in rows
    )
    view = InboxView(
        rows=shown,
        query=query,
        total=count,
        count=tr.number(min(count, COUNT_LIMIT)),
        count_is_more=count > COUNT_LIMIT,
        next_url=query.url(after=page.next_after) if page.next_after else None,
        first_url=query.url(after="") if query.after else None,
        active=tuple(active_filters(query, words, tr, handlers)),
        views=_views(query, frame, saved),
        themes=words.options(taxonomy.themes),
        signals=words.options(taxonomy.signals),
        journeys=words.options(taxonomy.journeys),
        channels=words.options(taxonomy.channels),
        statuses=words.statuses(),
        handlers=handlers,
        improvements=improvements,
        newest_id=newest,
        here=query.url(),
        empty=newest == 0,
        demo_possible=newest == 0 and demo_corpus() is not None,
        demo=demo,
    )
    return render("inbox/page.html", frame, view)


@router.get("/inbox/new")
def new_items(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    since: Annotated[int, Query(ge=0, le=MAX_ID)],
) -> JSONResponse:
    """How many items that match came in since; the page announces them without moving the list."""
    query = InboxQuery.read(request.query_params, taxonomy)
    with database.read() as session:
        count = InboxRepository(session).count_since(query.to_filter(frame.visitor.id), since)
    said = frame.tr.ngettext("%(num)s new item", "%(num)s new items", count)
    return JSONResponse({"count": count, "text": said}, headers={"Cache-Control": "no-store"})


@router.post("/inbox/bulk")
def bulk_change(
    form: FormDep,
    frame: FrameDep,
    database: DatabaseDep,
    backlog: BacklogDep,
    taxonomy: TaxonomyDep,
    feedback: FeedbackDep,
) -> RedirectResponse:
    """Do one thing to the ticked items, or to all that match the filters; all of them or none."""
    here = local(form.one("here"))
    action = form.one("action")
    if not action:
        return back(here, "no-action")
    with database.write() as session:
        if form.one("all") == "1":
            params = _params(here)
            query = InboxQuery.read(params, taxonomy)
            ids = InboxRepository(session).all_ids(query.to_filter(frame.visitor.id))
        else:
            ids = [int(value) for value in form.many("id") if value.isascii() and value.isdigit()]
        if not ids:
            return back(here, "none-chosen")
        if action.startswith(PREFIX):
            which = action.removeprefix(PREFIX)
            improvements = backlog(session)
            query = InboxQuery.read(_params(here), taxonomy)
            words = Wording(frame.tr, taxonomy)
            made = add_items(session, improvements, ids, which, query, words, frame.tr)
            return back(f"/backlog/{made}" if which == "new" else here, "improvement-linked")
        bulk.apply(feedback(session), ids, action)
    return back(here, "bulk")


@router.post("/inbox/views")
def save_view(
    form: FormDep, frame: FrameDep, database: DatabaseDep, taxonomy: TaxonomyDep
) -> RedirectResponse:
    """Keep the present filters under a name."""
    here = local(form.one("here"))
    name = form.one("name").strip()[:_LONGEST_NAME]
    if not name:
        return back(here)
    query = InboxQuery.read(_params(here), taxonomy)
    with database.write() as session:
        InboxRepository(session).save_view(frame.visitor.name, name, query.query_string())
    return back(here, "view-saved")


@router.post("/inbox/views/remove")
def remove_view(form: FormDep, frame: FrameDep, database: DatabaseDep) -> RedirectResponse:
    """Forget a saved view."""
    with database.write() as session:
        InboxRepository(session).remove_view(frame.visitor.name, form.whole("id", 1, MAX_ID))
    return back(local(form.one("here")), "view-removed")


def _params(address: str) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(parse_qsl(urlsplit(address).query))


def _views(query: InboxQuery, frame: Frame, saved: list[SavedViewRow]) -> tuple[View, ...]:
    tr = frame.tr
    ready = (
        (tr.gettext("All open"), InboxQuery()),
        (tr.gettext("Mine"), InboxQuery(handler="me")),
        (tr.gettext("Without handler"), InboxQuery(handler="none")),
        (tr.gettext("To be reviewed"), InboxQuery(review=True)),
        (tr.gettext("Answered"), InboxQuery(status=("answered",), sort="newest")),
    )
    current = query.query_string()
    views = [View(label, one.url(), one.query_string() == current) for label, one in ready]
    views += [
        View(row.name, f"/inbox?{row.query}" if row.query else "/inbox", row.query == current, row.id)
        for row in saved
    ]
    return tuple(views)
