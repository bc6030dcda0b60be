"""Errors as pages, for whoever asked for a page; everybody else gets problem details as before."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request
from starlette.responses import Response

from service.pages.frame import frame_of
from service.pages.templating import render
from service.problems import MEDIA_TYPE

__all__ = ["install"]

Handler = Callable[[Request, Any], Any]


def N_(message: str) -> str:  # noqa: N802 - the extractor's name for a message that is translated later
    """Mark a message for the catalogue."""
    return message


_TITLES: Final = {
    401: N_("Please log in"),
    403: N_("This is not yours to do"),
    404: N_("There is nothing here"),
    409: N_("Somebody was quicker"),
    413: N_("That is too much at once"),
    422: N_("That could not be used"),
    429: N_("That is too fast"),
    500: N_("Something went wrong on our side"),
    503: N_("The model is not ready yet"),
}
_TITLES_BY_KIND: Final = {
    "busy": N_("It is very busy"),
    "store-unavailable": N_("The store cannot be reached"),
    "disk-full": N_("There is no room left on the disk"),
}
_ADVICE_BY_KIND: Final = {
    "busy": N_("Nothing was changed. Try again in a few seconds."),
    "store-unavailable": N_("Nothing was changed. Try again in a few seconds."),
    "disk-full": N_("Nothing was changed. Tell an administrator, who has to make room."),
}
_ADVICE: Final = {
    401: N_("Log in and try again; nothing was changed."),
    403: N_("Ask an administrator for access, or load the page again if it has been open for long."),
    404: N_(
        "The item may have been erased, or the address may be mistyped. The inbox has everything that is there."
    ),
    409: N_(
        "A colleague changed this item while you had it open. "
        "Go back, look at it again, and repeat what is still needed."
    ),
    413: N_("Send a smaller part."),
    422: N_("Go back and look at what you filled in; nothing was changed."),
    429: N_("Wait a minute and try again."),
    500: N_(
        "Nothing was changed. It has been logged; try again, and tell an administrator if it happens again."
    ),
    503: N_(
        "It is being loaded, or there is none. Try again in a few seconds; "
        "if it stays like this, an administrator has to train or promote a model."
    ),
}


@dataclass(frozen=True, slots=True)
class ErrorView:
    """The page's context."""

    status: int
    title: str
    advice: str
    detail: str


def install(app: FastAPI) -> None:
    """Wrap the application's error handlers."""
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _wrapped(handler))


def _wrapped(handler: Handler) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, exc: Exception) -> Response:
        answer = handler(request, exc)
        response: Response = await answer if inspect.isawaitable(answer) else answer
        return _page(request, response) if _wants_page(request) and _is_problem(response) else response

    return handle


def _wants_page(request: Request) -> bool:
    apart = request.url.path.startswith(("/v1/", "/v2/", "/signals_mltool/"))
    return "text/html" in request.headers.get("accept", "") and not apart


def _is_problem(response: Response) -> bool:
    return response.media_type == MEDIA_TYPE or response.headers.get("content-type", "").startswith(
        MEDIA_TYPE
    )


def _page(request: Request, response: Response) -> Response:
    frame = frame_of(request)
    problem = json.loads(bytes(response.body))
    status = response.status_code
    kind = problem["type"].rpartition(":")[2]
    view = ErrorView(
        status=status,
        title=frame.tr.gettext(_TITLES_BY_KIND.get(kind) or _TITLES.get(status, problem["title"])),
        advice=frame.tr.gettext(_ADVICE_BY_KIND.get(kind) or _ADVICE.get(status, _ADVICE[422])),
        detail=problem["detail"],
    )
    page = render("errors/page.html", frame, view, status=status)
    for name in ("retry-after", "www-authenticate"):
        if name in response.headers:
            page.headers[name] = response.headers[name]
    return page
