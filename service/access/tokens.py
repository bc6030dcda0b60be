"""Random secrets, and what is kept of them. They hold 256 random bits, so a plain digest cannot be guessed back."""

from __future__ import annotations

import hashlib
import hmac
import secrets

__all__ = ["csrf_token", "digest", "new_token", "same"]


def new_token() -> str:
    """A secret that nobody can guess."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_token(token: str) -> str:
    """What the forms of a session must carry: only who has the session's secret can make it."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same; takes equally long wherever they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
