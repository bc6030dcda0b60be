"""The cookies of sessions: not for scripts, not for other sites, and only over HTTPS where there is any."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from service.settings import Settings

__all__ = [
    "drop_session_token",
    "drop_sso_token",
    "session_token",
    "set_login_token",
    "set_session_token",
    "set_sso_token",
    "take_login_token",
    "take_sso_token",
]


def session_token(request: Request, settings: Settings) -> str | None:
    """The session's secret that a browser sent."""
    return _sent(request, "session", settings)


def set_session_token(response: Response, token: str, settings: Settings) -> None:
    """Give a browser its session; it forgets it when it closes."""
    _set(response, "session", token, settings)


def drop_session_token(response: Response, settings: Settings) -> None:
    """Make a browser forget its session."""
    _drop(response, "session", settings)


def set_login_token(response: Response, token: str, settings: Settings) -> None:
    """Tie a login form to this browser, so that nobody is signed in by another site's form."""
    _set(response, "login", token, settings, samesite="strict", max_age=3600)


def take_login_token(request: Request, settings: Settings) -> str | None:
    """What a login form is tied to."""
    return _sent(request, "login", settings)


def set_sso_token(response: Response, token: str, settings: Settings) -> None:
    """Tie a login at the provider to this browser; lax, for the way back begins at another site."""
    _set(response, "sso", token, settings, max_age=600)


def take_sso_token(request: Request, settings: Settings) -> str | None:
    """What a login at the provider is tied to."""
    return _sent(request, "sso", settings)


def drop_sso_token(response: Response, settings: Settings) -> None:
    """It is good for one time."""
    _drop(response, "sso", settings)


def _sent(request: Request, kind: str, settings: Settings) -> str | None:
    return request.cookies.get(_name(kind, settings))


def _set(
    response: Response,
    kind: str,
    token: str,
    settings: Settings,
    *,
    samesite: Literal["lax", "strict"] = "lax",
    max_age: int | None = None,
) -> None:
    response.set_cookie(
        _name(kind, settings),
        token,
        max_age=max_age,
        path="/",
        secure=settings.sends_secure_cookies,
        httponly=True,
        samesite=samesite,
    )


def _drop(response: Response, kind: str, settings: Settings) -> None:
    secure = settings.sends_secure_cookies
    response.delete_cookie(_name(kind, settings), path="/", secure=secure, httponly=True, samesite="lax")


def _name(kind: str, settings: Settings) -> str:
    prefix = "__Host-" if settings.sends_secure_cookies else ""
    return f"{prefix}feedback_nlp_{kind}"
