"""Signing in, signing out, and choosing a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.access.cookies import (
    drop_session_token,
    session_token,
    set_login_token,
    set_session_token,
    take_login_token,
)
from service.access.dependencies import AccessDep, CurrentUser
from service.access.passwords import LONGEST, SHORTEST
from service.access.principal import Principal
from service.access.tokens import csrf_token, digest, new_token, same
from service.access.users import UserService
from service.errors import InvalidError
from service.pages.frame import frame_of
from service.pages.templating import render
from service.state import DatabaseDep, SettingsDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def N_(message: str) -> str:  # noqa: N802 - the extractor's name for a message that is translated later
    """Mark a message for the catalogue."""
    return message


_WRONG: Final = N_("This name and this password do not belong together, or there were too many tries.")
_STALE: Final = N_("This form was too old. Try again.")
_NOT_BY_SSO: Final = N_("Single sign-on let nobody in. Ask whoever administers the users.")
_WRONG_NOW: Final = N_("The current password is not right.")
_UNFIT: Final = N_(
    "Choose a password of %(low)s to %(high)s characters, at least five of them different, "
    "that is not made of your name."
)


@dataclass(frozen=True, slots=True)
class LoginView:
    """The login form; `csrf_token` ties it to the browser."""

    next: str
    problem: str | None
    csrf_token: str
    sso: bool


@dataclass(frozen=True, slots=True)
class PasswordView:
    """The form to choose a password with."""

    name: str
    must_change: bool
    problem: str | None
    csrf_token: str
    shortest: int


Field = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def show_login(
    request: Request,
    settings: SettingsDep,
    next_: Annotated[str, Query(alias="next")] = "/",
    problem: Annotated[str, Query()] = "",
) -> Response:
    """The form to sign in with."""
    return _login_form(request, settings, _local(next_), _NOT_BY_SSO if problem == "sso" else None)


@router.post("/login")
def sign_in(  # a field left empty is no password  # nosec
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
    return _password_form(request, user)


@router.post("/account/password")
def change_password(  # likewise  # nosec
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
        return _password_form(request, user, _WRONG_NOW, 403)
    problem = _UNFIT if password == current else None
    try:
        if problem is None:
            with database.write() as session:
                service = UserService(session, access.passwords, user.actor)
                service.set_password(name, password, keep_session=digest(token))
    except InvalidError:
        problem = _UNFIT
    if problem is not None:
        response = _password_form(request, access.sessions.recognise(token) or user, problem, 422)
    else:
        response = RedirectResponse("/", 303)
    set_session_token(response, token, settings)
    return response


def _login_form(
    request: Request, settings: SettingsDep, next_: str, problem: str | None = None, status: int = 200
) -> Response:
    token = new_token()
    frame = frame_of(request)
    said = problem and frame.tr.gettext(problem)
    response = render(
        "access/login.html",
        frame,
        LoginView(next_, said, csrf_token(token), settings.oidc_issuer is not None),
        status=status,
    )
    set_login_token(response, token, settings)
    return response


def _password_form(
    request: Request, user: Principal, problem: str | None = None, status: int = 200
) -> Response:
    frame = frame_of(request)
    said = problem and frame.tr.gettext(problem, low=SHORTEST, high=LONGEST)
    view = PasswordView(user.actor.name, user.must_change_password, said, user.csrf_token or "", SHORTEST)
    return render("access/password.html", frame, view, status=status)


def _local(target: str) -> str:
    """A path of ours to go on to; anything else becomes the first page."""
    if target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return "/"
