"""`/login/sso`: to the provider of single sign-on and back."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from service.access.cookies import (
    drop_sso_token,
    session_token,
    set_session_token,
    set_sso_token,
    take_sso_token,
)
from service.access.dependencies import AccessDep
from service.access.repository import AccessRepository
from service.errors import NotFoundError
from service.pages.forms import local
from service.state import DatabaseDep, SettingsDep

__all__ = ["router"]

log = structlog.get_logger("service.access")

router = APIRouter(prefix="/login/sso", include_in_schema=False)


@router.get("")
def begin(
    settings: SettingsDep,
    access: AccessDep,
    next_: Annotated[str, Query(alias="next", max_length=2000)] = "/",
) -> Response:
    """Send the browser to the provider."""
    from service.access.oidc import SingleSignOnError

    if access.sso is None:
        raise NotFoundError("There is no single sign-on here.")
    try:
        begun = access.sso.begin(local(next_, "/"))
    except SingleSignOnError as exc:
        log.warning("sso.failed", why=str(exc))
        return RedirectResponse("/login?problem=sso", 303)
    response = RedirectResponse(begun.address, 303)
    set_sso_token(response, begun.pending.to_cookie(), settings)
    return response


@router.get("/callback")
def finish(request: Request, settings: SettingsDep, access: AccessDep, database: DatabaseDep) -> Response:
    """Let in whom the provider names, if there is such a user; nobody is added."""
    from service.access.oidc import Pending, SingleSignOnError

    if access.sso is None:
        raise NotFoundError("There is no single sign-on here.")
    token, target = None, "/"
    try:
        pending = Pending.from_cookie(take_sso_token(request, settings) or "")
        name = access.sso.finish(dict(request.query_params), pending)
        target = local(pending.next, "/")
        with database.read() as session:
            user = AccessRepository(session).user(name)
            id_ = user.id if user else None
        if id_ is not None:
            token = access.sessions.begin_for(id_, old_token=session_token(request, settings))
        if token is None:
            log.warning("sso.failed", why="there is no active user of that name")
    except SingleSignOnError as exc:
        log.warning("sso.failed", why=str(exc))
    response = RedirectResponse(target if token else "/login?problem=sso", 303)
    drop_sso_token(response, settings)
    if token:
        set_session_token(response, token, settings)
    return response
