"""No more requests at a time than can be answered, no body that never ends, an orderly answer without the store."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.database.faults import STORE_FAULTS
from service.problems import ProblemError, answer_to

__all__ = ["Admission"]

_ALWAYS: Final = ("/health/", "/v2/health/", "/metrics")
"""What watches the service must hear from it when it is busy, too."""


class Admission:
    """ASGI middleware around all that does work.

    A request over the limit is answered 429 at once, with Retry-After, instead of waiting in a queue that grows; the
    next part of a body must come within a time; an error of the store that no handler saw, since it arose while the
    caller was being recognised, becomes the same answer as in a handler.
    """

    def __init__(self, app: ASGIApp, *, application: FastAPI, most: int, body_seconds: float) -> None:
        """Wrap an application.

        Args:
            app: What to protect.
            application: Whose handlers know how errors are answered.
            most: Requests in hand at a time.
            body_seconds: Longest pause in a request's body.
        """
        self._app = app
        self._application = application
        self._most = most
        self._body_seconds = body_seconds
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith(_ALWAYS):
            await self._app(scope, receive, send)
            return
        if self._in_hand >= self._most:
            detail = f"{self._most} requests are being answered already; try again in a second."
            busy = ProblemError(429, detail, slug="busy", headers={"Retry-After": "1"})
            await (await self._answer(scope, busy))(scope, receive, send)
            return
        self._in_hand += 1
        try:
            await self._guarded(scope, receive, send)
        finally:
            self._in_hand -= 1

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, self._in_time(receive), noted)
        except STORE_FAULTS as exc:
            if begun:
                raise
            response = await self._answer(scope, exc)
            await response(scope, receive, send)

    def _in_time(self, receive: Receive) -> Receive:
        complete = False

        async def timed() -> Message:
            nonlocal complete
            if complete:  # now it waits for the caller to hang up, which may take as long as it likes
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._body_seconds)
            except TimeoutError as exc:
                detail = f"No more of the body came for {self._body_seconds:g} seconds."
                raise HTTPException(408, detail, headers={"Connection": "close"}) from exc
            complete = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        return timed

    async def _answer(self, scope: Scope, exc: Exception) -> Response:
        return await answer_to(self._application, Request(scope), exc)
