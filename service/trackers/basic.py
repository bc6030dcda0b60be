"""HTTP's basic authentication, RFC 7617."""

from __future__ import annotations

import base64

__all__ = ["basic"]


def basic(user: str, password: str) -> str:
    """The value of the Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
