"""Versions of things, as `If-Match` names them."""

from __future__ import annotations

from service.errors import Fault, InvalidError

__all__ = ["version_of"]


def version_of(if_match: str | None) -> int | None:
    """The version that a caller saw; None when any will do.

    Raises:
        InvalidError: It is no version.
    """
    if if_match is None or if_match == "*":
        return None
    version = if_match.removeprefix("W/").strip('"')
    if not (version.isascii() and version.isdigit()):
        raise InvalidError([Fault("header/If-Match", f'must be a version such as "3", got {if_match!r}')])
    return int(version)
