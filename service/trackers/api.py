"""`/v1/trackers`, and the issues of improvements there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from service.actor import ActorDep
from service.backlog.repository import BacklogRepository
from service.bodies import JsonBody
from service.errors import NotFoundError
from service.fields import MAX_ID
from service.pages.i18n import translator
from service.problems import describe
from service.state import DatabaseDep, SettingsDep, TargetsDep
from service.trackers.repository import TrackersRepository
from service.trackers.schemas import AddTracker, IssueOut, SendIssue, TrackerOut
from service.trackers.service import TrackerService
from service.trackers.tokens import TokensDep

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["trackers"])

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]


@router.post(
    "/trackers",
    summary="Add a tracker",
    status_code=201,
    dependencies=[JsonBody],
    responses=describe(400, 409, 413, 415, 422),
)
def add_tracker(
    request: AddTracker, database: DatabaseDep, targets: TargetsDep, tokens: TokensDep, actor: ActorDep
) -> TrackerOut:
    """GitHub, Jira Cloud or Azure DevOps. Nothing is sent there until an improvement is."""
    values = {name: getattr(request, name) for name in type(request).model_fields if name != "token"}
    with database.write() as session:
        service = TrackerService(session, actor)
        row = service.add(targets, tokens, **values, token=request.token.get_secret_value())
        return TrackerOut.of(row)


@router.get("/trackers", summary="All trackers")
def list_trackers(database: DatabaseDep) -> list[TrackerOut]:
    """All trackers, without their tokens."""
    with database.read() as session:
        return [TrackerOut.of(row) for row in TrackersRepository(session).trackers()]


@router.delete("/trackers/{id}", summary="Forget a tracker", status_code=204, responses=describe(404, 422))
def remove_tracker(id_: IdPath, database: DatabaseDep, actor: ActorDep) -> None:
    """Nothing more is sent there; its issues stay where they are."""
    with database.write() as session:
        TrackerService(session, actor).remove(id_)


@router.get("/backlog/{id}/issues", summary="Issues of an improvement", responses=describe(404, 422))
def list_issues(id_: IdPath, database: DatabaseDep) -> list[IssueOut]:
    """Where they are, in which state, and what went wrong."""
    with database.read() as session:
        if BacklogRepository(session).get(id_) is None:
            raise NotFoundError(f"There is no improvement {id_}.")
        return [IssueOut.of(row, tracker) for row, tracker in TrackersRepository(session).issues(id_)]


@router.post(
    "/backlog/{id}/issues",
    summary="Make an issue of an improvement",
    status_code=202,
    dependencies=[JsonBody],
    responses={
        200: {"model": IssueOut, "description": "A dry run"},
        **describe(400, 404, 409, 413, 415, 422),
    },
)
def send_issue(
    id_: IdPath,
    request: SendIssue,
    response: Response,
    database: DatabaseDep,
    settings: SettingsDep,
    actor: ActorDep,
) -> IssueOut:
    """Queued, and tried again over some three days; from then on words and status are kept in line, both ways."""
    with database.write() as session:
        service = TrackerService(session, actor)
        if request.dry_run:
            draft = service.draft(id_, request.tracker, settings.public_url, translator(settings.language))
            tracker = TrackersRepository(session).tracker(request.tracker)
            response.status_code = 200
            return IssueOut(
                tracker=tracker.name if tracker else "",
                tracker_id=request.tracker,
                status="dry run",
                request=draft,
            )
        row = service.send(id_, request.tracker)
        tracker = TrackersRepository(session).tracker(request.tracker)
        if tracker is None:
            raise NotFoundError(f"There is no tracker {request.tracker}.")
        session.flush()
        return IssueOut.of(row, tracker)
