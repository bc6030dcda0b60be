"""What is done to one improvement: changed, moved along, split, merged, measured."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from service.actor import ActorDep
from service.backlog.dependencies import BacklogDep
from service.backlog.effect import look
from service.backlog.pages.parts import IdPath, day, found, number
from service.backlog.repository import BacklogRepository
from service.counts.facts import day_of
from service.fields import MAX_ID
from service.pages.forms import FormDep, back, local
from service.pages.frame import FrameDep
from service.pages.taxonomy import TaxonomyDep
from service.state import DatabaseDep

__all__ = ["router"]

router = APIRouter(prefix="/backlog", include_in_schema=False)


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
        "effort": number(form, "effort"),
        "due_on": day(form, "due_on"),
        "done_on": day(form, "done_on"),
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
        row = found(session, id_)
        look(BacklogRepository(session), row, journeys, actor, day_of(frame.now))
    return back(f"/backlog/{id_}", anchor="effect")
