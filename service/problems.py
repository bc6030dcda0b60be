"""Every error as problem details (RFC 9457), with a pointer (RFC 6901) to each fault in a body."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.database.faults import STORE_FAULTS, is_damaged, is_full, is_passing, kind_of
from service.errors import BusyError, ConflictError, InvalidError, NoModelError, NotFoundError

__all__ = ["MEDIA_TYPE", "Problem", "ProblemError", "answer_to", "describe", "install", "problem_response"]

log = structlog.get_logger("service.problems")

MEDIA_TYPE: Final = "application/problem+json"
_URN: Final = "urn:feedback-nlp:problem:"
_LONGEST_SHOWN: Final = 60
_SLUGS: Final = {
    400: "malformed-request",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
    500: "internal-error",
    503: "unavailable",
}


class FaultOut(BaseModel):
    """One thing that is wrong with the request."""

    pointer: str = Field(
        description="JSON pointer into the body, or `query/name`, `path/name`, `header/name`."
    )
    detail: str = Field(description="What is wrong, with the value that was sent.")


class DifferenceOut(BaseModel):
    """Where what was sent differs from what is stored."""

    pointer: str
    stored: Any = None
    sent: Any = None


class Problem(BaseModel):
    """Problem details as RFC 9457 describes them."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": f"{_URN}invalid-request",
                "title": HTTPStatus(422).phrase,
                "status": 422,
                "detail": "1 fault in the request: /items/0/nps: must be less than or equal to 10, got 11",
                "instance": "/v1/classify",
                "errors": [{"pointer": "/items/0/nps", "detail": "must be less than or equal to 10, got 11"}],
            }
        }
    )

    type: str = Field(description="A URN that names the kind of problem; stable.")
    title: str
    status: int
    detail: str = Field(description="For the person who can mend it.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[FaultOut] | None = None
    differences: list[DifferenceOut] | None = None


@dataclass
class ProblemError(Exception):
    """Raised by handlers to answer with a problem.

    Attributes:
        status: HTTP status.
        detail: What is wrong and how to mend it.
        slug: Last part of the problem's URN; None takes the status's usual one.
        headers: Extra response headers.
        extra: Extra members of the problem.
    """

    status: int
    detail: str
    slug: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def problem_response(
    path: str,
    status: int,
    detail: str,
    *,
    slug: str | None = None,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """The response for a problem; text that UTF-8 cannot carry is escaped."""
    phrase = HTTPStatus(status).phrase
    kind = slug or _SLUGS.get(status) or phrase.lower().replace(" ", "-")
    content = {
        "type": _URN + kind,
        "title": phrase,
        "status": status,
        "detail": detail,
        "instance": path,
        **(extra or {}),
    }
    if path.startswith("/v2"):
        content["error"] = detail  # where clients of the Open Inference Protocol look
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def describe(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` for these statuses; `service.openapi` supplies the schema they refer to."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Render all errors of the application as problems."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(NoModelError, _no_model)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(NotFoundError, _not_found)
    for kind in STORE_FAULTS:
        app.add_exception_handler(kind, _store)
    app.add_exception_handler(OSError, _system)
    app.add_exception_handler(InvalidError, _unusable)
    app.add_exception_handler(ConflictError, _conflict)
    app.add_exception_handler(Exception, _internal)


async def answer_to(app: FastAPI, request: Request, exc: Exception) -> Response:
    """What the application's own handler answers to an error that arose before any route was reached.

    Raises:
        Exception: The error itself, when no handler is for it.
    """
    for kind in type(exc).__mro__:
        if kind in app.exception_handlers and kind is not Exception:
            answer = app.exception_handlers[kind](request, exc)
            response: Response = await answer if inspect.isawaitable(answer) else answer
            return response
    raise exc


def _problem(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ProblemError)
    return problem_response(
        request.url.path, exc.status, exc.detail, slug=exc.slug, headers=exc.headers, extra=exc.extra
    )


def _no_model(request: Request, exc: Exception) -> Response:
    return problem_response(request.url.path, 503, str(exc), slug="no-model", headers={"Retry-After": "5"})


def _busy(request: Request, exc: Exception) -> Response:
    return problem_response(request.url.path, 503, str(exc), slug="busy", headers={"Retry-After": "2"})


def _store(request: Request, exc: Exception) -> Response:
    """The store is gone, locked, or has no room: nothing was kept, and it is worth trying again; or it is damaged."""
    if is_damaged(exc):
        log.error("store.damaged", kind=kind_of(exc))
        detail = "The store is damaged; nothing was changed. An administrator can put a backup in its place."
        return problem_response(request.url.path, 500, detail, slug="store-damaged")
    if not is_passing(exc):
        raise exc
    log.warning("store.unavailable", kind=kind_of(exc), full=is_full(exc))
    if is_full(exc):
        return _no_room(request)
    detail = "The store cannot be reached at the moment; nothing was changed. Try again in a few seconds."
    return problem_response(
        request.url.path, 503, detail, slug="store-unavailable", headers={"Retry-After": "5"}
    )


def _system(request: Request, exc: Exception) -> Response:
    if not is_full(exc):
        raise exc
    log.warning("disk.full", kind=kind_of(exc))
    return _no_room(request)


def _no_room(request: Request) -> Response:
    detail = "There is no room left on the disk; nothing was changed. Try again when an administrator has made room."
    return problem_response(request.url.path, 503, detail, slug="disk-full", headers={"Retry-After": "60"})


def _not_found(request: Request, exc: Exception) -> Response:
    return problem_response(request.url.path, 404, str(exc))


def _unusable(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, InvalidError)
    return _faulty(request.url.path, [asdict(fault) for fault in exc.faults])


def _conflict(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ConflictError)
    extra = {"differences": [asdict(difference) for difference in exc.differences]} if exc.differences else {}
    return problem_response(request.url.path, 409, str(exc), extra=extra)


def _http(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    path = request.url.path
    details = {
        400: "The body cannot be read as JSON in UTF-8.",
        404: f"There is nothing at {path}.",
        405: f"{request.method} is not possible at {path}.",
    }
    generic = exc.detail in ("", HTTPStatus(exc.status_code).phrase, "There was an error parsing the body")
    detail = details.get(exc.status_code, exc.detail) if generic else exc.detail
    return problem_response(path, exc.status_code, str(detail), headers=exc.headers)


def _internal(request: Request, exc: Exception) -> Response:
    return problem_response(request.url.path, 500, "Something went wrong on our side; it has been logged.")


def _invalid(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    errors = exc.errors()
    path = request.url.path
    for error in errors:
        if error["type"] == "json_invalid":
            where = f"{error['ctx']['error']} at character {error['loc'][-1]}"
            return problem_response(path, 400, f"The body is not valid JSON: {where}.", slug="malformed-json")
    return _faulty(path, [{"pointer": _pointer(error["loc"]), "detail": _explain(error)} for error in errors])


def _faulty(path: str, faults: list[dict[str, str]]) -> Response:
    first = f"{faults[0]['pointer'] or 'body'}: {faults[0]['detail']}"
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    detail = f"{count} in the request: {first}"
    return problem_response(path, 422, detail, extra={"errors": faults[:100]})


def _pointer(location: Sequence[str | int]) -> str:
    place, *rest = location
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in rest]
    return "".join(f"/{step}" for step in steps) if place == "body" else "/".join([str(place), *steps])


def _explain(error: Mapping[str, Any]) -> str:
    kind, message = error["type"], str(error["msg"])
    context = error.get("ctx", {})
    if kind == "missing":
        return "is required"
    if kind in ("too_long", "too_short"):
        limit = context.get("max_length" if kind == "too_long" else "min_length")
        bound = "at most" if kind == "too_long" else "at least"
        return f"must have {bound} {limit} entries, got {context.get('actual_length')}"
    for prefix in ("Input should be ", "Value error, "):
        if message.startswith(prefix):
            message = ("must be " if prefix.startswith("Input") else "") + message.removeprefix(prefix)
    return f"{message}, got {_shown(error.get('input'))}"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
