"""`/u-zei-wij-deden`: what customers said, and what was done with it; only there when the setting says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from service.backlog.repository import BacklogRepository
from service.database.engine import Database
from service.errors import NotFoundError
from service.pages.frame import Frame, FrameDep
from service.pages.templating import render
from service.settings import Settings
from service.state import DatabaseDep, SettingsDep

__all__ = ["PATH", "router"]

router = APIRouter(include_in_schema=False)

PATH: Final = "/u-zei-wij-deden"
_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Deed:
    """An improvement as customers read it: never its items, its figures or its people."""

    id: int
    title: str
    paragraphs: tuple[str, ...]
    since: str
    day: str


@dataclass(frozen=True, slots=True)
class PublicView:
    """The page's context."""

    deeds: tuple[Deed, ...]


@router.get(PATH)
def page(frame: FrameDep, database: DatabaseDep, settings: SettingsDep) -> HTMLResponse:
    """The page, for everybody."""
    return render("backlog/public.html", frame, PublicView(_deeds(frame, database, settings)))


@router.get(PATH + "/fragment")
def fragment(frame: FrameDep, database: DatabaseDep, settings: SettingsDep) -> HTMLResponse:
    """The same without a frame, for another site's page to take in; any site's script may read it."""
    answer = render("backlog/fragment.html", frame, PublicView(_deeds(frame, database, settings)))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def _deeds(frame: Frame, database: Database, settings: Settings) -> tuple[Deed, ...]:
    if not settings.public_page:
        raise NotFoundError("There is no public page here.")
    with database.read() as session:
        rows = BacklogRepository(session).published(_MOST)
    return tuple(
        Deed(
            row.id,
            row.public_title or row.title,
            tuple(part.strip() for part in (row.public_text or "").split("\n") if part.strip()),
            frame.tr.day(row.done_on) if row.done_on else "",
            row.done_on.isoformat() if row.done_on else "",
        )
        for row in rows
    )
