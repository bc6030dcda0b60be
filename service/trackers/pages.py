"""Trackers on the pages: `/admin/trackers`, and the issues on an improvement's own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Path
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.actor import LOCAL, ActorDep
from service.backlog.tables import ImprovementRow
from service.backlog.views import IssueLine
from service.database.engine import Database
from service.fields import MAX_ID
from service.pages.forms import FormDep, back
from service.pages.frame import Frame, FrameDep
from service.pages.i18n import Translator, translator
from service.pages.templating import render
from service.pages.wording import Option
from service.settings import Settings
from service.state import DatabaseDep, TargetsDep
from service.trackers.repository import TrackersRepository
from service.trackers.service import TrackerService
from service.trackers.tokens import NoKeyError, TokensDep

__all__ = ["Shown", "router", "shown_issues"]

router = APIRouter(include_in_schema=False)

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]
KIND_NAMES: Final = {"github": "GitHub", "jira": "Jira Cloud", "azure": "Azure DevOps"}
_URLS: Final = {"github": "https://api.github.com", "jira": "", "azure": "https://dev.azure.com"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What an improvement's page says of trackers."""

    lines: tuple[IssueLine, ...]
    trackers: tuple[Option, ...]
    draft: str | None
    draft_of: str


@dataclass(frozen=True, slots=True)
class TrackersView:
    """The page's context: id, name, kind, address and project of each.

    Attributes:
        title: Of the page.
        current: Which tab it is.
        trackers: Those that there are.
        kinds: Code and name of each kind.
        has_key: Whether there is a key to keep tokens under; without it none can be added, and it says how to set one.
        refused: Whether one was just sent that could not be kept for want of a key.
    """

    title: str
    current: str
    trackers: tuple[tuple[int, str, str, str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    has_key: bool
    refused: bool = False


def shown_issues(
    session: Session, row: ImprovementRow, settings: Settings, tr: Translator, draft: int | None
) -> Shown:
    """The issues of an improvement, where it could be sent, and what would be sent to tracker `draft`."""
    repository = TrackersRepository(session)
    words = {
        "pending": tr.gettext("waiting to be sent"),
        "synced": tr.gettext("in line"),
        "dead": tr.gettext("given up; send it again when the cause is gone"),
    }
    lines = tuple(
        IssueLine(
            tracker=tracker.name,
            url=issue.remote_url,
            key=issue.remote_id,
            state=" · ".join(filter(None, (issue.remote_state, words[issue.status]))),
            error=issue.last_error,
            dead=issue.status == "dead",
            tracker_id=tracker.id,
        )
        for issue, tracker in repository.issues(row.id)
    )
    trackers = repository.trackers() if row.merged_into is None else []
    text, name = None, ""
    if draft is not None:
        service = TrackerService(session, LOCAL)
        text = service.draft(row.id, draft, settings.public_url, translator(settings.language))
        found = repository.tracker(draft)
        name = tr.gettext("What would be sent to %(tracker)s", tracker=found.name if found else "")
    return Shown(
        lines,
        tuple(Option(str(one.id), f"{one.name} ({KIND_NAMES[one.kind]})") for one in trackers if one.active),
        text,
        name,
    )


@router.post("/backlog/{id}/issues")
def send(id_: IdPath, form: FormDep, database: DatabaseDep, actor: ActorDep) -> RedirectResponse:
    """Make an issue, or show what would be sent."""
    tracker = form.whole("tracker", 1, MAX_ID)
    if form.one("do") == "draft":
        return RedirectResponse(f"/backlog/{id_}?draft={tracker}#issues", 303)
    with database.write() as session:
        TrackerService(session, actor).send(id_, tracker)
    return back(f"/backlog/{id_}", "issue-queued", anchor="issues")


@router.get("/admin/trackers")
def trackers(frame: FrameDep, database: DatabaseDep, tokens: TokensDep) -> HTMLResponse:
    """Which there are, and the form for another one, or what is needed before there can be one."""
    return render("admin/trackers.html", frame, _view(frame, database, has_key=tokens.has_key))


@router.post("/admin/trackers")
def add(
    form: FormDep,
    frame: FrameDep,
    database: DatabaseDep,
    targets: TargetsDep,
    tokens: TokensDep,
    actor: ActorDep,
) -> Response:
    """Keep a tracker."""
    kind = form.one("kind")
    try:
        with database.write() as session:
            TrackerService(session, actor).add(
                targets,
                tokens,
                name=form.one("name").strip()[:200] or KIND_NAMES.get(kind, kind),
                kind=kind,
                url=form.one("url").strip()[:500] or _URLS.get(kind, ""),
                project=form.one("project").strip()[:200],
                token=form.one("token").strip()[:2000],
                account=form.one("account").strip()[:200] or None,
                issue_type=form.one("issue_type").strip()[:200] or None,
            )
    except NoKeyError:
        view = _view(frame, database, has_key=False, refused=True)
        return render("admin/trackers.html", frame, view, status=409)
    return back("/admin/trackers", "saved")


@router.post("/admin/trackers/remove")
def remove(form: FormDep, database: DatabaseDep, actor: ActorDep) -> RedirectResponse:
    """Forget a tracker."""
    with database.write() as session:
        TrackerService(session, actor).remove(form.whole("id", 1, MAX_ID))
    return back("/admin/trackers", "saved")


def _view(frame: Frame, database: Database, *, has_key: bool, refused: bool = False) -> TrackersView:
    with database.read() as session:
        rows = tuple(
            (row.id, row.name, KIND_NAMES[row.kind], row.url, row.project)
            for row in TrackersRepository(session).trackers()
        )
    kinds = tuple(KIND_NAMES.items())
    return TrackersView(frame.tr.gettext("Trackers"), "trackers", rows, kinds, has_key, refused)
