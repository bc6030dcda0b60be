"""Files that unpack to far more than they are: how much is too much."""

from __future__ import annotations

__all__ = ["MAX_RATIO", "SMALL"]

MAX_RATIO = 300
"""Text is packed some ten times smaller, an empty sheet perhaps a hundred times; more is made on purpose."""

SMALL = 64 << 20
"""Bytes that do no harm, however they were packed."""
