"""Keeps text from being run as a formula by the spreadsheet that opens it."""

from __future__ import annotations

from typing import Any

__all__ = ["guarded"]

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(value: Any) -> Any:
    """The value such that no spreadsheet takes it for a formula: a `'` before text that begins like one.

    What is no text, or a number written as text, stays as it is.
    """
    if isinstance(value, str) and value.startswith(_BEGINS) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
