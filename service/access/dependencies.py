"""What handlers need of access control."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import Depends, Request

from service.access.principal import Principal
from service.access.state import Access
from service.access.tokens import same
from service.problems import ProblemError

__all__ = ["AccessDep", "CsrfCheck", "CurrentUser", "PrincipalDep"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def _access(request: Request) -> Access:
    return cast(Access, request.state.access)


AccessDep = Annotated[Access, Depends(_access)]


async def _principal(request: Request) -> Principal:
    return cast(Principal, request.state.principal)


PrincipalDep = Annotated[Principal, Depends(_principal)]
"""Whoever asks; on a public route nobody in particular."""


async def _current_user(principal: PrincipalDep) -> Principal:
    if not principal.is_user:
        raise ProblemError(401, "This is for signed-in users.")
    return principal


CurrentUser = Annotated[Principal, Depends(_current_user)]
"""The signed-in person; forms carry `user.csrf_token` as `csrf_token`, scripts send it as `X-CSRF-Token`."""


async def _check_csrf(request: Request) -> None:
    principal: Principal = request.state.principal
    if request.method in _SAFE or principal.csrf_token is None:
        return
    given = request.headers.get("x-csrf-token")
    if given is None and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form()).get("csrf_token")
        given = field if isinstance(field, str) else None
    if given is None or not same(given, principal.csrf_token):
        raise ProblemError(
            403, "The form is not one of this session's; load the page again.", slug="csrf-token"
        )


CsrfCheck: Final = Depends(_check_csrf)
"""For the whole application: what a signed-in person changes needs the session's token."""
