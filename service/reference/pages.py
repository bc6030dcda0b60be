"""The description of the API as a page, made of the same schema as `/openapi.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from service.pages.frame import FrameDep
from service.pages.templating import render

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the address or a header."""

    name: str
    where: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that can be asked for.

    Attributes:
        method: Such as `POST`.
        path: Such as `/v1/classify`.
        summary: In a few words.
        description: In full.
        scopes: Scopes of which a key needs one; empty where none is asked for.
        keyless: Whether it goes without a key on this machine.
        parameters: Values in the address and headers.
        example: A body that can be sent, as JSON; None when there is none.
        answers: Statuses with what they mean.
    """

    method: str
    path: str
    summary: str
    description: str
    scopes: list[str]
    keyless: bool
    parameters: list[Parameter]
    example: str | None
    answers: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """The page's context."""

    title: str
    description: str
    version: str
    groups: dict[str, list[Operation]]
    signed_in: bool


@router.get("/docs")
def show(request: Request, frame: FrameDep) -> HTMLResponse:
    """All operations, by feature."""
    schema = request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for tag, operation in _operations(schema):
        groups.setdefault(tag, []).append(operation)
    info = schema["info"]
    view = ReferenceView(
        info["title"], info["description"], info["version"], groups, bool(frame.visitor.csrf_token)
    )
    return render("reference/page.html", frame, view)


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, operations in schema["paths"].items():
        for method, content in operations.items():
            yield (
                content.get("tags", ["other"])[0],
                Operation(
                    method=method.upper(),
                    path=path,
                    summary=content.get("summary", ""),
                    description=content.get("description", ""),
                    scopes=content.get("x-scopes", []),
                    keyless={} in content.get("security", []),
                    parameters=[
                        Parameter(
                            one["name"], one["in"], one.get("required", False), one.get("description", "")
                        )
                        for one in content.get("parameters", [])
                    ],
                    example=_example(schema, content),
                    answers=[(status, body["description"]) for status, body in content["responses"].items()],
                ),
            )


def _example(schema: dict[str, Any], content: dict[str, Any]) -> str | None:
    for media in content.get("requestBody", {}).get("content", {}).values():
        name = media["schema"].get("$ref", "").rpartition("/")[2]
        found = schema["components"]["schemas"].get(name, {})
        example = found.get("example") or next(iter(found.get("examples", [])), None)
        if example is not None:
            return json.dumps(example, ensure_ascii=False, indent=2)
    return None
