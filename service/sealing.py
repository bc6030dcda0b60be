"""Secrets as they lie in the store: ciphertext with a mark, or plain where there was no key for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import SecretStr

from service.ciphers import Cipher, CipherError

__all__ = ["Seals", "is_sealed"]

_MARK: Final = "fernet:"


def is_sealed(kept: str) -> bool:
    """Whether it is ciphertext."""
    return kept.startswith(_MARK)


class Seals:
    """Encrypts with the first of `secrets_keys` and reads with any; what has no mark is read as it stands."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        """Take the keys.

        Args:
            keys: Fernet keys, the newest first; there may be none.

        Raises:
            ValueError: One is no Fernet key.
        """
        self._cipher = Cipher.of(keys)

    @property
    def has_key(self) -> bool:
        """Whether there is a key."""
        return self._cipher is not None

    def seal(self, secret: str) -> str:
        """As it is to be kept; plain where there is no key."""
        if self._cipher is None:
            return secret
        return _MARK + self._cipher.encrypt(secret).decode("ascii")

    def open(self, kept: str) -> str:
        """The secret.

        Raises:
            CipherError: There is no key that fits.
        """
        if not is_sealed(kept):
            return kept
        if self._cipher is None:
            raise CipherError("There is no key.")
        return self._cipher.decrypt(kept.removeprefix(_MARK).encode())

    def renewed(self, kept: str) -> str:
        """The same under the newest key; as it is where it is so already, or no key opens it."""
        if self._cipher is None:
            return kept
        if is_sealed(kept) and self._cipher.is_newest(kept.removeprefix(_MARK).encode()):
            return kept
        try:
            return self.seal(self.open(kept))
        except CipherError:
            return kept
