"""Tokens of trackers as they are kept: ciphertext, and nothing else since there are keys for it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends
from sqlalchemy.orm import Session

from service.ciphers import Cipher, CipherError
from service.database.engine import Database
from service.errors import ConflictError
from service.settings import Settings
from service.state import SettingsDep
from service.trackers.adapters import TrackerError
from service.trackers.repository import TrackersRepository

__all__ = ["NoKeyError", "Tokens", "TokensDep", "seal_tokens"]

_MARK: Final = "fernet:"


class NoKeyError(ConflictError):
    """There is no key to keep a token under; the text says the way out."""


class Tokens:
    """Encrypts and reads tokens with the keys of `secrets_keys`.

    A token of before there were such keys has no mark and is read as it stands.
    """

    def __init__(self, settings: Settings) -> None:
        self._cipher = Cipher.of(settings.secrets_keys)

    @property
    def has_key(self) -> bool:
        """Whether there is a key, so that tokens can be kept."""
        return self._cipher is not None

    def seal(self, token: str) -> str:
        """As it is to be kept.

        Raises:
            NoKeyError: There is no key.
        """
        if self._cipher is None:
            raise NoKeyError(
                "Tokens are only kept encrypted: set FEEDBACK_NLP_SECRETS_KEYS, as docs/improve.md tells, and start "
                "the service anew."
            )
        return _MARK + self._cipher.encrypt(token).decode("ascii")

    def open(self, kept: str) -> str:
        """The token.

        Raises:
            TrackerError: There is no key that fits.
        """
        if not kept.startswith(_MARK):
            return kept
        try:
            if self._cipher is not None:
                return self._cipher.decrypt(kept.removeprefix(_MARK).encode())
        except CipherError:
            pass
        raise TrackerError("none of FEEDBACK_NLP_SECRETS_KEYS opens its token", lasting=True)

    def is_sealed(self, kept: str) -> bool:
        """Whether it is ciphertext."""
        return kept.startswith(_MARK)

    def renew(self, session: Session) -> int:
        """Encrypt what is not, or with an older key; how many. What no key opens is left as it is."""
        if self._cipher is None:
            return 0
        renewed = 0
        for row in TrackersRepository(session).trackers(lock=True):
            sealed = self.is_sealed(row.token)
            if sealed and self._cipher.is_newest(row.token.removeprefix(_MARK).encode()):
                continue
            try:
                row.token = self.seal(self.open(row.token))
                renewed += 1
            except TrackerError:
                continue
        return renewed


def seal_tokens(database: Database, settings: Settings) -> None:
    """Have all tokens kept under the newest key; for the start of a process, and safe when several do it at once."""
    if settings.secrets_keys:
        with database.write() as session:
            Tokens(settings).renew(session)


async def _tokens(settings: SettingsDep) -> Tokens:
    return Tokens(settings)


TokensDep = Annotated[Tokens, Depends(_tokens)]
