"""What customers are told of an improvement: the words, how plain they are, who is to be told."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, RedirectResponse, StreamingResponse

from service.backlog.dependencies import BacklogDep
from service.backlog.export import CUSTOMER_COLUMNS, customer_rows
from service.backlog.pages.parts import IdPath, found, judged
from service.backlog.repository import BacklogRepository
from service.backlog.wording import BacklogWording
from service.pages.forms import FormDep, back
from service.pages.frame import FrameDep
from service.pages.taxonomy import TaxonomyDep
from service.pages.wording import Wording
from service.sheets import MEDIA_TYPES, Format, write
from service.state import DatabaseDep

__all__ = ["router"]

router = APIRouter(prefix="/backlog", include_in_schema=False)

_LONGEST: Final = 5000


@router.post("/readability")
def judge(form: FormDep, frame: FrameDep, taxonomy: TaxonomyDep) -> JSONResponse:
    """How plainly the words for customers are written, while somebody writes them; nothing is kept."""
    wording = BacklogWording(frame.tr, Wording(frame.tr, taxonomy))
    plain = judged(form.one("public_title")[:_LONGEST], form.one("public_text")[:_LONGEST])
    content = {"verdict": wording.plain(plain), "hints": list(wording.hints(plain))}
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


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
        found(session, id_)
        rows = list(customer_rows(BacklogRepository(session), id_))
    headers = {"Content-Disposition": f'attachment; filename="improvement-{id_}-customers.{format_}"'}
    return StreamingResponse(
        write(rows, CUSTOMER_COLUMNS, format_), media_type=MEDIA_TYPES[format_], headers=headers
    )
