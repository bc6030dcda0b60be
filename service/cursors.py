"""Opaque cursors of keyset pages."""

from __future__ import annotations

import base64
import binascii

from service.errors import Fault, InvalidError
from service.fields import MAX_ID

__all__ = ["decode", "encode"]


def encode(after: int | None) -> str | None:
    """The cursor of the page that begins after this id; None for none."""
    return None if after is None else base64.urlsafe_b64encode(str(after).encode()).decode().rstrip("=")


def decode(cursor: str | None) -> int | None:
    """The id in a cursor.

    Raises:
        InvalidError: It is not one of ours.
    """
    if cursor is None:
        return None
    try:
        after = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
        if after.isdigit() and int(after) <= MAX_ID:
            return int(after)
    except (binascii.Error, ValueError):
        pass
    raise InvalidError([Fault("query/cursor", f"must be the next_cursor of a page, got {cursor!r}")])
