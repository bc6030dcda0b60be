"""The page of one improvement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from service.backlog.pages.parts import MOST, IdPath, found, judged, owners_of
from service.backlog.quotes import quote_of
from service.backlog.reading import effect_view
from service.backlog.records import BacklogFilter
from service.backlog.repository import BacklogRepository
from service.backlog.tables import ImprovementRow
from service.backlog.views import EntryView, Line, cards
from service.backlog.wording import BacklogWording
from service.counts.facts import day_of
from service.fields import MAX_ID
from service.inbox.repository import InboxRepository
from service.pages.frame import Frame, FrameDep
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import Option, Wording
from service.state import DatabaseDep, SettingsDep
from service.trackers.pages import Shown, shown_issues

__all__ = ["router"]

router = APIRouter(prefix="/backlog", include_in_schema=False)

_LINES: Final = 12


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
        row = found(session, id_)
        issues = shown_issues(session, row, settings, frame.tr, draft)
        view = _entry(session, row, words, _Surroundings(frame, taxonomy, settings.public_page), issues)
    return render("backlog/entry.html", frame, view)


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
    owners = owners_of(session)
    names = {int(option.code): option.label for option in owners}
    names |= inbox.user_names([row.owner_id])
    (card,) = cards([row], {row.id: count}, names, wording, tr, day_of(frame.now).isoformat())
    ids = repository.item_ids(row.id, limit=_LINES)
    said = repository.results(ids)
    reached = repository.customers(row.id)
    told = {item for item, _, _, at in reached if at is not None}
    effects = repository.effects(row.id)
    plain = judged(row.public_title, row.public_text)
    others = repository.everything(BacklogFilter(), MOST)
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
        plain=wording.plain(plain),
        hints=wording.hints(plain),
        reachable=len(reached),
        untold=len(reached) - len(told),
        issues=issues.lines,
        trackers=issues.trackers,
        draft=issues.draft,
        draft_of=issues.draft_of,
        can_tell=frame.visitor.role != "handler",
        history=wording.history(repository.history(row.id), names),
    )
