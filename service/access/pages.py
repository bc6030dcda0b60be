"""Signing in, signing out, and choosing a password."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.templating import Jinja2Templates

from service.access.cookies import (
    drop_session_token,
    session_token,
    set_login_token,
    set_session_token,
    take_login_token,
)
from service.access.dependencies import AccessDep, CurrentUser
from service.access.passwords import LONGEST, SHORTEST
from service.access.tokens import csrf_token, digest, new_token, same
from service.access.users import UserService
from service.errors import InvalidError
from service.state import DatabaseDep, SettingsDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_templates: Final = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        auto_reload=False,
    )
)
_WRONG: Final = "Deze naam en dit wachtwoord horen niet bij elkaar, of er is te vaak geprobeerd."
_STALE: Final = "Dit formulier was verlopen. Probeer het nog eens."
_WRONG_NOW: Final = "Het huidige wachtwoord klopt niet."
_UNFIT: Final = (
    f"Kies een wachtwoord van {SHORTEST} tot {LONGEST} tekens, met ten minste vijf verschillende, "
    "dat niet uit uw naam bestaat."
)

Field = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def show_login(
    request: Request, settings: SettingsDep, next_: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """The form to sign in with."""
    return _login_form(request, settings, _local(next_))


@router.post("/login")
def sign_in(
    request: Request,
    settings: SettingsDep,
    access: AccessDep,
    name: Field = "",
    password: Field = "",
    csrf: Annotated[str, Form(alias="csrf_token", max_length=1000)] = "",
    next_: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Let somebody in, in a session that is new in any case."""
    tied = take_login_token(request, settings)
    if tied is None or not same(csrf, csrf_token(tied)):
        return _login_form(request, settings, _local(next_), _STALE, 403)
    address = request.client.host if request.client else ""
    token = access.sessions.sign_in(
        name.strip().lower(), password, address, old_token=session_token(request, settings)
    )
    if token is None:
        return _login_form(request, settings, _local(next_), _WRONG, 401)
    response = RedirectResponse(_local(next_), 303)
    set_session_token(response, token, settings)
    return response


@router.post("/logout")
def sign_out(request: Request, settings: SettingsDep, access: AccessDep, user: CurrentUser) -> Response:
    """End this session."""
    token = session_token(request, settings)
    if token:
        access.sessions.sign_out(token)
    response = RedirectResponse("/login", 303)
    drop_session_token(response, settings)
    return response


@router.get("/account/password")
def show_password(request: Request, user: CurrentUser) -> Response:
    """The form to choose a password with."""
    return _templates.TemplateResponse(request, "access/password.html", {"user": user, "problem": None})


@router.post("/account/password")
def change_password(
    request: Request,
    settings: SettingsDep,
    access: AccessDep,
    database: DatabaseDep,
    user: CurrentUser,
    current: Field = "",
    password: Field = "",
) -> Response:
    """Choose another password; the user's other sessions end, and this one is replaced."""
    name, old = user.actor.name, session_token(request, settings)
    address = request.client.host if request.client else ""
    token = access.sessions.sign_in(name, current, address, old_token=old)
    if token is None:
        context = {"user": user, "problem": _WRONG_NOW}
        return _templates.TemplateResponse(request, "access/password.html", context, 403)
    problem = _UNFIT if password == current else None
    try:
        if problem is None:
            with database.write() as session:
                service = UserService(session, access.passwords, user.actor)
                service.set_password(name, password, keep_session=digest(token))
    except InvalidError:
        problem = _UNFIT
    if problem is not None:
        context = {"user": access.sessions.recognise(token), "problem": problem}
        response: Response = _templates.TemplateResponse(request, "access/password.html", context, 422)
    else:
        response = RedirectResponse("/", 303)
    set_session_token(response, token, settings)
    return response


def _login_form(
    request: Request, settings: SettingsDep, next_: str, problem: str | None = None, status: int = 200
) -> Response:
    token = new_token()
    context = {"next": next_, "problem": problem, "csrf_token": csrf_token(token)}
    response = _templates.TemplateResponse(request, "access/login.html", context, status)
    set_login_token(response, token, settings)
    return response


def _local(target: str) -> str:
    """A path of ours to go on to; anything else becomes the first page."""
    if target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return "/"
