"""Encrypts what must be read again: AES-128-CBC with HMAC-SHA-256, as Fernet has it."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from service.errors import ServiceError

__all__ = ["Cipher", "CipherError"]


class CipherError(ServiceError):
    """None of the keys fits."""


class Cipher:
    """Encrypts with the first key and reads with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys.

        Args:
            keys: Fernet keys, the newest first; at least one.

        Raises:
            ValueError: One is no Fernet key.
        """
        ciphers = [Fernet(key) for key in keys]
        self._newest, self._any = ciphers[0], MultiFernet(ciphers)

    @classmethod
    def of(cls, keys: Sequence[SecretStr]) -> Cipher | None:
        """That of a setting; None when it has no key."""
        return cls([key.get_secret_value() for key in keys]) if keys else None

    def encrypt(self, text: str) -> bytes:
        """Ciphertext, other each time."""
        return self._newest.encrypt(text.encode("utf-8", "surrogatepass"))

    def decrypt(self, ciphertext: bytes) -> str:
        """The text.

        Raises:
            CipherError: None of the keys fits.
        """
        try:
            return self._any.decrypt(ciphertext).decode("utf-8", "surrogatepass")
        except InvalidToken as exc:
            raise CipherError("It was kept under another key.") from exc

    def is_newest(self, ciphertext: bytes) -> bool:
        """Whether it was encrypted with the first key."""
        try:
            self._newest.decrypt(ciphertext)
        except InvalidToken:
            return False
        return True
