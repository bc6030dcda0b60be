"""`/v1/feedback` and `/v1/corrections`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from service import cursors
from service.actor import ActorDep
from service.audit.log import record
from service.bodies import JsonBody
from service.errors import NotFoundError
from service.feedback.dependencies import FeedbackDep
from service.feedback.erasure import erase
from service.feedback.export import training_row
from service.feedback.repository import FeedbackRepository
from service.feedback.schemas import (
    Added,
    AddFeedback,
    CorrectFeedback,
    CorrectionOut,
    FeedbackDetail,
    FeedbackOut,
    FeedbackPage,
    FeedbackQuery,
    OutcomeOut,
    PatchFeedback,
)
from service.fields import MAX_ID, Moment
from service.models.registry import models_folder
from service.privacy.repository import EXPORTED
from service.problems import describe
from service.state import DatabaseDep, SettingsDep
from service.versions import version_of

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["feedback"])

IdPath = Annotated[int, Path(ge=1, le=MAX_ID)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A repeat with the same key and body changes nothing and answers the same.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(description='The version you saw, such as `"3"`; 409 when somebody has changed the item since.'),
]


@router.post(
    "/feedback",
    summary="Take in feedback",
    status_code=201,
    dependencies=[JsonBody],
    responses={
        200: {"model": Added, "description": "Everything was there already"},
        **describe(400, 409, 413, 415, 422, 503),
    },
)
def add_feedback(
    request: AddFeedback,
    response: Response,
    database: DatabaseDep,
    feedback: FeedbackDep,
    idempotency_key: IdempotencyKey = None,
) -> Added:
    """Redact, analyse and store 1 to 1,000 items.

    A repeat of `source` and `external_id`, or of the `Idempotency-Key` header, stores nothing anew; with another
    content it is a 409 that shows the differences, and nothing of the request is stored. A text that cannot be analysed
    has its error in its place.
    """
    items = [item.to_record() for item in request.items]
    with database.write() as session:
        outcomes = feedback(session).add(items, idempotency_key=idempotency_key)
        ids = [outcome.id for outcome in outcomes if outcome.id is not None]
        rows = FeedbackRepository(session).by_ids(ids)
        added = Added(results=[OutcomeOut.of(outcome, rows) for outcome in outcomes])
    if not any(outcome.outcome == "created" for outcome in outcomes):
        response.status_code = 200
    return added


@router.get("/feedback", summary="Find feedback", responses=describe(422))
def list_feedback(query: Annotated[FeedbackQuery, Query()], database: DatabaseDep) -> FeedbackPage:
    """Items that match all filters, the newest first. Pages stay right while items arrive."""
    after = cursors.decode(query.cursor)
    with database.read() as session:
        repository = FeedbackRepository(session)
        newest_first = query.order == "newest"
        page = repository.page(query.to_filter(), limit=query.limit, after=after, newest_first=newest_first)
        rows = repository.by_ids(page.ids)
        return FeedbackPage(
            items=[FeedbackOut.of(rows[id_]) for id_ in page.ids if id_ in rows],
            next_cursor=cursors.encode(page.next_after),
        )


@router.get("/feedback/{id}", summary="One item", responses=describe(404, 422))
def get_feedback(
    id_: Annotated[IdPath, Path(alias="id")], response: Response, database: DatabaseDep
) -> FeedbackDetail:
    """The item, the newest analysis with evidence, and all corrections."""
    with database.read() as session:
        repository = FeedbackRepository(session)
        row = repository.get(id_)
        analysis = repository.newest_analysis(id_)
        if row is None or analysis is None:
            raise NotFoundError(f"There is no feedback {id_}.")
        response.headers["ETag"] = f'"{row.version}"'
        return FeedbackDetail.with_history(row, analysis, repository.corrections(id_))


@router.patch(
    "/feedback/{id}",
    summary="Change an item",
    dependencies=[JsonBody],
    responses=describe(400, 404, 409, 413, 415, 422, 503),
)
def patch_feedback(
    id_: Annotated[IdPath, Path(alias="id")],
    request: PatchFeedback,
    response: Response,
    database: DatabaseDep,
    feedback: FeedbackDep,
    if_match: IfMatch = None,
) -> FeedbackOut:
    """Set status, handler or context. The audit log keeps what it was before."""
    version = version_of(if_match)
    with database.write() as session:
        row = feedback(session).change(id_, request.to_change(), if_version=version)
        response.headers["ETag"] = f'"{row.version}"'
        return FeedbackOut.of(row)


@router.post(
    "/feedback/{id}/corrections",
    summary="Correct or confirm the labels",
    status_code=201,
    dependencies=[JsonBody],
    responses=describe(400, 404, 413, 415, 422, 503),
)
def correct_feedback(
    id_: Annotated[IdPath, Path(alias="id")],
    request: CorrectFeedback,
    database: DatabaseDep,
    feedback: FeedbackDep,
) -> CorrectionOut:
    """What a person says counts from now on; what the model said stays on record."""
    with database.write() as session:
        return CorrectionOut.model_validate(feedback(session).correct(id_, request.to_record()))


@router.delete("/feedback/{id}", summary="Erase an item", status_code=204, responses=describe(404, 422))
def erase_feedback(
    id_: Annotated[IdPath, Path(alias="id")], database: DatabaseDep, settings: SettingsDep, actor: ActorDep
) -> None:
    """The item, its text, analyses, corrections and index entries are gone; the log keeps only that it happened."""
    with database.write() as session:
        erase(session, actor, id_, training_sets=settings.training_sets, models=models_folder(settings))


@router.get(
    "/corrections/export",
    summary="Corrected items as training data",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One JSON object a line, as the codebook describes it",
            "content": {"application/jsonl": {"schema": {"type": "string"}}},
        },
        **describe(422),
    },
)
def export_corrections(
    database: DatabaseDep,
    actor: ActorDep,
    since: Annotated[Moment | None, Query(description="Only items corrected from here on.")] = None,
) -> StreamingResponse:
    """Every item that a person corrected or confirmed, with the labels that count now."""

    def lines() -> Iterator[str]:
        sent: list[int] = []
        try:
            with database.read() as session:
                for row in FeedbackRepository(session).corrected(since):
                    sent.append(row.id)
                    yield json.dumps(training_row(row), ensure_ascii=False) + "\n"
        finally:
            with database.write() as session:
                record(session, actor, EXPORTED, "corrections", "export", ids=sent)

    headers = {"Content-Disposition": 'attachment; filename="corrections.jsonl"'}
    return StreamingResponse(lines(), media_type="application/jsonl", headers=headers)
