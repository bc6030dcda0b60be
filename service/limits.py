"""Request bodies that are too large are refused before they are read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import problem_response

__all__ = ["BodyLimit"]


class BodyLimit:
    """ASGI middleware: a declared length over the limit is answered at once, a chunked body is cut off.

    (Starlette has such a middleware, but it answers in plain text.)
    """

    def __init__(self, app: ASGIApp, *, limit: int, larger: Mapping[str, int] | None = None) -> None:
        """Wrap an application.

        Args:
            app: What to protect.
            limit: Largest body in bytes.
            larger: Limits for paths that may take more, by exact path.
        """
        self._app = app
        self._limit = limit
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > limit:
            detail = f"The body has {int(declared):,} bytes; at most {limit:,} are taken."
            response = problem_response(scope["path"], 413, detail, headers={"Connection": "close"})
            await response(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    detail = f"The body has more than the {limit:,} bytes that are taken."
                    raise HTTPException(413, detail, headers={"Connection": "close"})
            return message

        await self._app(scope, counted, send)
