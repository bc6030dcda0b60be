"""Headers that keep browsers careful, and limits on the headers that come in."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import problem_response

__all__ = ["CONTENT_SECURITY_POLICY", "HeaderLimit", "SecurityHeaders"]

_SOURCES: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY: Final = "; ".join(f"{kind} {source}" for kind, source in _SOURCES.items())
"""Scripts and styles come from files of ours only: none is written into a page."""

_ALWAYS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_MOST_HEADERS: Final = 100


class SecurityHeaders:
    """ASGI middleware: adds them to every answer. What an answer says of itself stays, the policy excepted."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        """Wrap an application.

        Args:
            app: What to protect.
            https: Whether browsers reach it by HTTPS only, and shall remember that.
        """
        self._app = app
        self._headers = dict(_ALWAYS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def outgoing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, outgoing)


class HeaderLimit:
    """ASGI middleware: too long an address is a 414, too many or too large headers are a 431."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        """Wrap an application.

        Args:
            app: What to protect.
            limit: Most bytes of all headers together, and half of it of the address.
        """
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            address = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
            size = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
            if address > self._limit // 2:
                status, detail = (
                    414,
                    f"The address has {address:,} bytes; at most {self._limit // 2:,} are taken.",
                )
            elif size > self._limit or len(scope["headers"]) > _MOST_HEADERS:
                status = 431
                detail = (
                    f"{len(scope['headers'])} headers of {size:,} bytes together; at most {_MOST_HEADERS} of "
                    f"{self._limit:,} bytes are taken."
                )
            else:
                status, detail = 0, ""
            if status:
                path = scope["path"][:200]
                response = problem_response(path, status, detail, headers={"Connection": "close"})
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)
