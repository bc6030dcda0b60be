"""The cookies of sessions: not for scripts, not for other sites, and only over HTTPS where there is any."""

from __future__ import annotations

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
    return request.cookies.get(_name("session", settings))


def set_session_token(response: Response, token: str, settings: Settings) -> None:
    """Give a browser its session; it forgets it when it closes."""
    response.set_cookie(
        _name("session", settings),
        token,
        path="/",
        secure=settings.sends_secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_session_token(response: Response, settings: Settings) -> None:
    """Make a browser forget its session."""
    response.delete_cookie(
        _name("session", settings),
        path="/",
        secure=settings.sends_secure_cookies,
        httponly=True,
        samesite="lax",
    )


def set_login_token(response: Response, token: str, settings: Settings) -> None:
    """Tie a login form to this browser, so that nobody is signed in by another site's form."""
    response.set_cookie(
        _name("login", settings),
        token,
        max_age=3600,
        path="/",
        secure=settings.sends_secure_cookies,
        httponly=True,
        samesite="strict",
    )


def take_login_token(request: Request, settings: Settings) -> str | None:
    """What a login form is tied to."""
    return request.cookies.get(_name("login", settings))


def set_sso_token(response: Response, token: str, settings: Settings) -> None:
    """Tie a login at the provider to this browser; lax, for the way back begins at another site."""
    response.set_cookie(
        _name("sso", settings),
        token,
        max_age=600,
        path="/",
        secure=settings.sends_secure_cookies,
        httponly=True,
        samesite="lax",
    )


def take_sso_token(request: Request, settings: Settings) -> str | None:
    """What a login at the provider is tied to."""
    return request.cookies.get(_name("sso", settings))


def drop_sso_token(response: Response, settings: Settings) -> None:
    """It is good for one time."""
    response.delete_cookie(
        _name("sso", settings), path="/", secure=settings.sends_secure_cookies, httponly=True, samesite="lax"
    )


def _name(kind: str, settings: Settings) -> str:
    prefix = "__Host-" if settings.sends_secure_cookies else ""
    return f"{prefix}feedback_nlp_{kind}"
