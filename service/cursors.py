"""Cursors of keyset pages; callers treat them as opaque."""

from __future__ import annotations

__all__ = ["decode", "encode"]


def encode(after: int | None) -> str | None:
    """The cursor of the page that begins after this id; None for none."""
    return None if after is None else str(after)


def decode(cursor: str | None) -> int | None:
    """The id in a cursor (`service.fields.Cursor`)."""
    return None if cursor is None else int(cursor)
