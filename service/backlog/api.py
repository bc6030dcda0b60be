"""`/v1/backlog`: suggestions, improvements, the items that ask for them, their effect, and who is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from service import cursors
from service.actor import ActorDep
from service.backlog.dependencies import BacklogDep
from service.backlog.effect import look
from service.backlog.measuring import WEEKS, suggest
from service.backlog.repository import BacklogRepository
from service.backlog.schemas import (
    AddImprovement,
    BacklogPage,
    BacklogQuery,
    CustomerOut,
    EffectOut,
    ImprovementDetail,
    ImprovementOut,
    ItemsPage,
    Linked,
    LinkItems,
    MergeImprovements,
    PatchImprovement,
    SplitImprovement,
    SuggestionOut,
    ToldOut,
)
from service.backlog.tables import ImprovementRow
from service.bodies import JsonBody
from service.counts.facts import day_of
from service.database.base import now
from service.fields import MAX_ID, Cursor
from service.pages.taxonomy import TaxonomyDep
from service.problems import describe
from service.state import DatabaseDep
from service.versions import version_of

__all__ = ["router"]

router = APIRouter(prefix="/v1/backlog", tags=["backlog"])

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]
IfMatch = Annotated[str | None, Header(description="A version: change only what you saw.")]
_LINES = {"application/jsonl": {"schema": {"type": "string"}}}


@router.get("/suggestions", summary="What customers would like to be better", responses=describe(422))
def list_suggestions(
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    weeks: Annotated[int, Query(ge=1, le=104, description="How far back.")] = WEEKS,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[SuggestionOut]:
    """Complaints by theme and journey, with what it would be worth if nobody had reason to complain; the best first."""
    with database.read() as session:
        found = suggest(BacklogRepository(session), taxonomy, day_of(now()), weeks=weeks, limit=limit)
    return [SuggestionOut.of(one) for one in found]


@router.get("", summary="Find improvements", responses=describe(422))
def list_improvements(query: Annotated[BacklogQuery, Query()], database: DatabaseDep) -> BacklogPage:
    """Improvements, the newest first; those that went up in another are left out."""
    with database.read() as session:
        repository = BacklogRepository(session)
        rows, after = repository.page(
            query.to_filter(), limit=query.limit, after=cursors.decode(query.cursor)
        )
        counts = repository.item_counts([row.id for row in rows])
        items = [ImprovementOut.of(row, counts.get(row.id, 0)) for row in rows]
    return BacklogPage(items=items, next_cursor=cursors.encode(after))


@router.post(
    "",
    summary="Keep an improvement",
    status_code=201,
    dependencies=[JsonBody],
    responses=describe(400, 404, 413, 415, 422),
)
def add_improvement(
    request: AddImprovement,
    response: Response,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> ImprovementOut:
    """It is measured at once when it names a theme and a journey."""
    with database.write() as session:
        row = backlog(session).create(request.to_record())
        return _answer(session, row, response)


@router.get("/{id}", summary="One improvement", responses=describe(404, 422))
def get_improvement(
    id_: IdPath,
    response: Response,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> ImprovementDetail:
    """With its history and the looks at its effect."""
    with database.read() as session:
        row = backlog(session).found(id_)
        repository = BacklogRepository(session)
        response.headers["ETag"] = f'"{row.version}"'
        count = repository.item_counts([id_]).get(id_, 0)
        return ImprovementDetail.whole(row, count, repository.history(id_), repository.effects(id_))


@router.patch(
    "/{id}",
    summary="Change an improvement",
    dependencies=[JsonBody],
    responses=describe(400, 404, 409, 413, 415, 422),
)
def patch_improvement(
    id_: IdPath,
    request: PatchImprovement,
    response: Response,
    database: DatabaseDep,
    backlog: BacklogDep,
    if_match: IfMatch = None,
) -> ImprovementOut:
    """Set status, words, owner, effort, dates; `done_on` is today when the status becomes done without one."""
    version = version_of(if_match)
    with database.write() as session:
        service = backlog(session)
        return _answer(session, service.change(id_, request.to_change(), if_version=version), response)


@router.post("/{id}/measure", summary="Measure anew what it is worth", responses=describe(404, 409, 422))
def measure_improvement(
    id_: IdPath,
    response: Response,
    database: DatabaseDep,
    backlog: BacklogDep,
    weeks: Annotated[int, Query(ge=1, le=104, description="How far back.")] = WEEKS,
) -> ImprovementOut:
    """Gain and reach from the answers of the last weeks."""
    with database.write() as session:
        row = backlog(session).measure(id_, weeks=weeks)
        return _answer(session, row, response)


@router.get("/{id}/items", summary="Items that ask for it", responses=describe(404, 422))
def list_items(
    id_: IdPath,
    database: DatabaseDep,
    backlog: BacklogDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> ItemsPage:
    """Their ids, the newest first; `/v1/feedback/{id}` has the rest."""
    with database.read() as session:
        backlog(session).found(id_)
        ids = BacklogRepository(session).item_ids(id_, limit=limit + 1, after=cursors.decode(cursor))
    after = ids[limit - 1] if len(ids) > limit else None
    return ItemsPage(items=ids[:limit], next_cursor=cursors.encode(after))


@router.post(
    "/{id}/items",
    summary="Add and take off items",
    dependencies=[JsonBody],
    responses=describe(400, 404, 409, 413, 415, 422),
)
def link_items(
    id_: IdPath,
    request: LinkItems,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> Linked:
    """All of it happens or none."""
    with database.write() as session:
        service = backlog(session)
        return Linked(
            added=service.link(id_, request.add) if request.add else 0,
            removed=service.unlink(id_, request.remove) if request.remove else 0,
        )


@router.post(
    "/{id}/merge",
    summary="Let others go up in it",
    dependencies=[JsonBody],
    responses=describe(400, 404, 409, 413, 415, 422),
)
def merge_improvements(
    id_: IdPath,
    request: MergeImprovements,
    response: Response,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> ImprovementOut:
    """Their items become its items; they lead here from now on."""
    with database.write() as session:
        row = backlog(session).merge(id_, request.from_)
        return _answer(session, row, response)


@router.post(
    "/{id}/split",
    summary="Make another of some of its items",
    status_code=201,
    dependencies=[JsonBody],
    responses=describe(400, 404, 409, 413, 415, 422),
)
def split_improvement(
    id_: IdPath,
    request: SplitImprovement,
    response: Response,
    database: DatabaseDep,
    backlog: BacklogDep,
) -> ImprovementOut:
    """The items leave it for an improvement of their own."""
    with database.write() as session:
        service = backlog(session)
        return _answer(session, service.split(id_, request.feedback_ids, request.title), response)


@router.post("/{id}/effect", summary="Did it work?", responses=describe(404, 409, 422))
def see_effect(
    id_: IdPath, database: DatabaseDep, backlog: BacklogDep, taxonomy: TaxonomyDep, actor: ActorDep
) -> EffectOut:
    """One look: better, worse or cannot tell yet, and then what is lacking. Within a week it is the same look."""
    with database.write() as session:
        row = backlog(session).found(id_, lock=True)
        journeys = [entry.code for entry in taxonomy.journeys]
        return EffectOut.model_validate(look(BacklogRepository(session), row, journeys, actor, day_of(now())))


@router.post("/{id}/tell", summary="Have the customers told", responses=describe(404, 409, 422))
def tell_customers(id_: IdPath, database: DatabaseDep, backlog: BacklogDep) -> ToldOut:
    """An `improvement.told` event for each customer who was not told before; nobody is told twice."""
    with database.write() as session:
        return ToldOut.model_validate(backlog(session).tell(id_))


@router.get(
    "/{id}/customers",
    summary="Customers to be told",
    response_class=StreamingResponse,
    responses={200: {"description": "One customer a line", "content": _LINES}, **describe(404, 422)},
)
def list_customers(id_: IdPath, database: DatabaseDep, backlog: BacklogDep) -> StreamingResponse:
    """By the ids that the senders gave, and nothing else of them."""
    with database.read() as session:
        backlog(session).found(id_)
        customers = BacklogRepository(session).customers(id_)

    def lines() -> Iterator[str]:
        for _, source, external_id, told_at in customers:
            one = CustomerOut(source=source, external_id=external_id, told_at=told_at)
            yield json.dumps(one.model_dump(mode="json"), ensure_ascii=False) + "\n"

    headers = {"Content-Disposition": f'attachment; filename="improvement-{id_}-customers.jsonl"'}
    return StreamingResponse(lines(), media_type="application/jsonl", headers=headers)


def _answer(session: Session, row: ImprovementRow, response: Response) -> ImprovementOut:
    session.flush()
    response.headers["ETag"] = f'"{row.version}"'
    return ImprovementOut.of(row, BacklogRepository(session).item_counts([row.id]).get(row.id, 0))
