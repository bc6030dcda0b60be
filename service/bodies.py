"""Checks on request bodies that are the same everywhere."""

from __future__ import annotations

from email.message import Message
from typing import Final

from fastapi import Depends, Request

from service.problems import ProblemError

__all__ = ["JsonBody"]


async def _require_json(request: Request) -> None:
    header = request.headers.get("content-type")
    message = Message()
    message["content-type"] = header or ""
    subtype = message.get_content_subtype()
    if message.get_content_maintype() != "application" or not (
        subtype == "json" or subtype.endswith("+json")
    ):
        raise ProblemError(
            415, f"Send the body as Content-Type: application/json, not {header or 'without one'}."
        )


JsonBody: Final = Depends(_require_json)
