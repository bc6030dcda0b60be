"""`/v1/jobs`: files of feedback, worked through in the background."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Path, Query, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import Field

from feedback_nlp.tables import sniff_format
from service import cursors
from service.actor import ActorDep
from service.audit.log import record
from service.database.base import now
from service.database.engine import Database
from service.errors import Fault, InvalidError, NotFoundError
from service.feedback.records import FeedbackFilter
from service.feedback.repository import FeedbackRepository
from service.feedback.schemas import FeedbackOut
from service.fields import MAX_ID, Cursor, Reference, Storable
from service.jobs.repository import JobsRepository
from service.jobs.schemas import JobOut, JobPage
from service.jobs.tables import JobRow
from service.problems import describe
from service.state import DatabaseDep

__all__ = ["UPLOAD_PATH", "router"]

UPLOAD_PATH = "/v1/jobs"

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]
FormText = Annotated[Storable, Field(max_length=200)]
"""A field of a form; browsers send an empty one where nothing was filled in."""

_LINES = {"application/jsonl": {"schema": {"type": "string"}}}


@router.post("", summary="Take in a file", status_code=202, responses=describe(400, 413, 422))
def create_job(
    file: Annotated[
        UploadFile, File(description="CSV (also Excel's), XLSX or JSON Lines; up to a million rows.")
    ],
    database: DatabaseDep,
    actor: ActorDep,
    source: Annotated[FormText, Form(description="The system it comes from.")] = "file",
    format_: Annotated[
        Literal["csv", "xlsx", "jsonl", ""] | None,
        Form(alias="format", description="By default told by the content."),
    ] = None,
    text_column: Annotated[FormText | None, Form(description="By default recognised by its name.")] = None,
    id_column: Annotated[
        FormText, Form(description="Column with the rows' own ids, if there is one.")
    ] = "id",
    keep: Annotated[
        list[Reference], Form(max_length=50), Field(description="Further columns to keep with the items.")
    ] = [],  # noqa: B006 - FastAPI copies it
) -> JobOut:
    """Queue a file; its rows become items of feedback as if each were sent to `/v1/feedback`.

    The columns kind, domain, journey, channel, segment, nps, cas, ces and occurred_at are taken where they are there;
    others only when named in `keep`. The file itself is removed when the job ends.
    """
    if file.size == 0:
        raise InvalidError([Fault("/file", "is empty")])
    options = {"source": source, "text_column": text_column, "id_column": id_column, "keep": keep}
    name = PurePath((file.filename or "upload").replace("\\", "/")).name.replace("\0", "")[:200] or "upload"
    with database.write() as session:
        row = JobRow(
            kind="import",
            created_by=actor.name,
            filename=name.encode("utf-8", "replace").decode(),
            format=format_ or sniff_format(file.file),
            options=options,
        )
        JobsRepository(session).add(row, file.file)
        record(session, actor, "job.created", "job", row.id)
        return JobOut.model_validate(row)


@router.get("", summary="All jobs", responses=describe(422))
def list_jobs(
    database: DatabaseDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> JobPage:
    """Jobs, the newest first."""
    with database.read() as session:
        rows, after = JobsRepository(session).page(limit=limit, after=cursors.decode(cursor))
        return JobPage(items=[JobOut.model_validate(row) for row in rows], next_cursor=cursors.encode(after))


@router.get("/{id}", summary="How far is it?", responses=describe(404, 422))
def get_job(id_: IdPath, database: DatabaseDep) -> JobOut:
    """A job's progress."""
    with database.read() as session:
        return JobOut.model_validate(_found(JobsRepository(session).get(id_), id_))


@router.post("/{id}/cancel", summary="Stop a job", status_code=202, responses=describe(404, 422))
def cancel_job(id_: IdPath, database: DatabaseDep, actor: ActorDep) -> JobOut:
    """Rows that are in stay; no further ones are taken. A job that has ended stays as it is."""
    with database.write() as session:
        repository = JobsRepository(session)
        row = _found(repository.get(id_, lock=True), id_)
        if row.status in ("queued", "running"):
            row.cancel_requested = True
            record(session, actor, "job.cancelled", "job", id_)
        if row.status == "queued":
            row.status, row.finished_at = "cancelled", now()
            repository.drop_file(id_)
        session.flush()
        return JobOut.model_validate(row)


@router.get(
    "/{id}/result",
    summary="The items that came with a job",
    response_class=StreamingResponse,
    responses={200: {"description": "One item a line", "content": _LINES}, **describe(404, 422)},
)
def get_result(id_: IdPath, database: DatabaseDep) -> StreamingResponse:
    """One item a line, in the order of the file; rows whose item was there already are not among them."""
    _require(database, id_)

    def lines() -> Iterator[str]:
        after: int | None = None
        with database.read() as session:
            repository = FeedbackRepository(session)
            while True:
                page = repository.page(FeedbackFilter(job_id=id_), limit=500, after=after, newest_first=False)
                rows = repository.by_ids(page.ids)
                for item in page.ids:
                    yield FeedbackOut.of(rows[item]).model_dump_json() + "\n"
                after = page.next_after
                if after is None:
                    return
                session.expunge_all()

    return _download(lines(), f"job-{id_}.jsonl")


@router.get(
    "/{id}/errors",
    summary="The rows that were not taken",
    response_class=StreamingResponse,
    responses={200: {"description": "One row a line", "content": _LINES}, **describe(404, 422)},
)
def get_errors(id_: IdPath, database: DatabaseDep) -> StreamingResponse:
    """One line a row: its number in the file, its own id, and what is wrong with it."""
    _require(database, id_)

    def lines() -> Iterator[str]:
        with database.read() as session:
            for row in JobsRepository(session).errors(id_):
                content = {"row": row.row, "id": row.external_id, "error": row.error}
                yield json.dumps(content, ensure_ascii=False) + "\n"

    return _download(lines(), f"job-{id_}-errors.jsonl")


def _download(lines: Iterator[str], name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)


def _require(database: Database, id_: int) -> None:
    with database.read() as session:
        _found(JobsRepository(session).get(id_), id_)


def _found(row: JobRow | None, id_: int) -> JobRow:
    if row is None:
        raise NotFoundError(f"There is no job {id_}.")
    return row
