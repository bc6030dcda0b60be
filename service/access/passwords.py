"""Passwords: hashed with Argon2id, checked in constant effort whether or not the user exists."""

from __future__ import annotations

import secrets
import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import Fault, InvalidError

__all__ = ["LONGEST", "SHORTEST", "Passwords", "check_password"]

SHORTEST: Final = 12
LONGEST: Final = 200
_AT_ONCE: Final = 4


class Passwords:
    """Hashes and verifies; at most four at a time, so that a flood of logins cannot take all memory."""

    def __init__(self, *, rounds: int = 3, memory_kib: int = 65_536) -> None:
        """Take the cost.

        Args:
            rounds: Argon2's iterations.
            memory_kib: Argon2's memory; the default cost is RFC 9106's second recommendation.
        """
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=4)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with self._turns:
            return self._hasher.hash(password)

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one of a kept hash; None is nobody's, and takes as long to refuse."""
        with self._turns:
            try:
                self._hasher.verify(kept or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
            return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made at another cost and should be made anew."""
        return self._hasher.check_needs_rehash(kept)


def check_password(password: str, name: str) -> None:
    """Refuse a password that is too short, too long or the user's own name.

    Raises:
        InvalidError: It is; the text never shows the password.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        problem = f"must have {SHORTEST} to {LONGEST} characters, got {len(password)}"
    elif name.casefold() in password.casefold() and len(password) < len(name) + SHORTEST:
        problem = "must not be made of the user's name"
    elif len(set(password)) < 5:
        problem = "must have at least 5 different characters"
    else:
        return
    raise InvalidError([Fault("/password", problem)])
