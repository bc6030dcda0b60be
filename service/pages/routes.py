"""The addresses that belong to no feature: the first page, static files, language and appearance, help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.errors import NotFoundError
from service.pages.assets import assets
from service.pages.forms import local
from service.pages.frame import APPEARANCE_COOKIE, APPEARANCES, LANGUAGE_COOKIE, FrameDep
from service.pages.i18n import LANGUAGES
from service.pages.templating import render
from service.state import SettingsDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_YEAR: Final = 365 * 24 * 3600
Next = Annotated[str, Query(alias="next", max_length=2000)]


@dataclass(frozen=True, slots=True)
class HelpView:
    """The help page's context."""

    days: int


@router.get("/")
def first_page() -> RedirectResponse:
    """The inbox."""
    return RedirectResponse("/inbox", status_code=303)


@router.get("/static/{digest}/{name}")
def static(digest: str, name: str) -> Response:
    """A file of the present version, to be kept for good; nothing else."""
    known = assets()
    asset = known.files.get(name)
    if asset is None or digest != known.digest:
        raise NotFoundError(f"There is no {name!r} of that version; load the page again.")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@router.get("/language/{language}")
def set_language(language: str, settings: SettingsDep, next_: Next = "/inbox") -> Response:
    """Speak this language from now on."""
    if language not in LANGUAGES:
        raise NotFoundError(f"There is no language {language!r}; there are {', '.join(LANGUAGES)}.")
    return _remember(LANGUAGE_COOKIE, language, next_, secure=settings.sends_secure_cookies)


@router.get("/appearance/{appearance}")
def set_appearance(appearance: str, settings: SettingsDep, next_: Next = "/inbox") -> Response:
    """Light, dark, or as the system is set, from now on."""
    if appearance not in APPEARANCES:
        raise NotFoundError(f"There is no appearance {appearance!r}; there are {', '.join(APPEARANCES)}.")
    return _remember(APPEARANCE_COOKIE, appearance, next_, secure=settings.sends_secure_cookies)


@router.get("/help")
def show_help(frame: FrameDep, settings: SettingsDep) -> HTMLResponse:
    """Keys, words and how to work with the pages."""
    return render("help.html", frame, HelpView(settings.complaint_term_days))


def _remember(cookie: str, value: str, next_: str, *, secure: bool) -> Response:
    response = RedirectResponse(local(next_), status_code=303)
    response.set_cookie(cookie, value, max_age=_YEAR, path="/", httponly=True, samesite="lax", secure=secure)
    return response
