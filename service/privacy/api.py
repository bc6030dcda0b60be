"""`/v1/erasures`, `/v1/disclosures` and `/v1/feedback/{id}/original`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import PlainTextResponse

from service.actor import ActorDep
from service.audit.log import record
from service.bodies import JsonBody
from service.errors import NotFoundError
from service.fields import MAX_ID
from service.models.registry import live_model, models_folder
from service.privacy.disclosure import disclose
from service.privacy.erasure import erase_by_external_id
from service.privacy.repository import PrivacyRepository
from service.privacy.schemas import DisclosureOut, ErasureOut, OriginalOut, Subject
from service.problems import describe
from service.state import DatabaseDep, OriginalsDep, SettingsDep

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["privacy"])

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]


@router.post(
    "/erasures",
    summary="Erase a person's items everywhere",
    dependencies=[JsonBody],
    responses=describe(400, 413, 415, 422),
)
def erase(subject: Subject, database: DatabaseDep, settings: SettingsDep, actor: ActorDep) -> ErasureOut:
    """Store, search index, corrections, notes, events, originals, refused rows and exported training sets.

    Subscribers of `feedback.erased` are told. A repeat finds nothing and is fine.
    """
    with database.write() as session:
        report = erase_by_external_id(
            session,
            actor,
            subject.external_ids,
            source=subject.source,
            training_sets=settings.training_sets,
            models=models_folder(settings),
        )
    return ErasureOut.of_report(report, actor.name, live_model(settings))


@router.get("/erasures", summary="All erasures")
def list_erasures(database: DatabaseDep, settings: SettingsDep) -> list[ErasureOut]:
    """What was erased, the newest first; nothing that names a person.

    `in_use` is looked up anew each time: null once a model that never had the items has taken over.
    """
    live = live_model(settings)
    with database.read() as session:
        return [ErasureOut.of_row(row, live) for row in PrivacyRepository(session).erasures()]


@router.get(
    "/erasures/ids",
    summary="Rows that no model may learn from any more",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def list_erased_ids(database: DatabaseDep) -> PlainTextResponse:
    """Ids as in `/v1/corrections/export`, one a line, for training sets that are kept elsewhere."""
    with database.read() as session:
        ids = sorted({id_ for row in PrivacyRepository(session).erasures() for id_ in row.feedback_ids})
    return PlainTextResponse("".join(f"feedback-{id_}\n" for id_ in ids))


@router.post(
    "/disclosures",
    summary="All that is held about a person",
    dependencies=[JsonBody],
    responses=describe(400, 413, 415, 422),
)
def disclose_subject(
    subject: Subject, database: DatabaseDep, originals: OriginalsDep, actor: ActorDep
) -> DisclosureOut:
    """Everything about the items with these external ids. That it was asked for is noted with each item."""
    with database.write() as session:
        held = disclose(session, actor, subject.external_ids, source=subject.source, originals=originals)
        return DisclosureOut.model_validate(held)


@router.get("/feedback/{id}/original", summary="The text as it came in", responses=describe(404, 422))
def get_original(id_: IdPath, database: DatabaseDep, originals: OriginalsDep, actor: ActorDep) -> OriginalOut:
    """Before redaction. Only kept when `FEEDBACK_NLP_ORIGINALS_KEYS` is set; each reading is noted."""
    with database.write() as session:
        row = PrivacyRepository(session).original(id_)
        if row is None or originals is None:
            raise NotFoundError(f"No original of feedback {id_} is kept.")
        record(session, actor, "original.read", "feedback", id_)
        return OriginalOut(text=originals.open(row))
