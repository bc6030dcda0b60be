"""Tokens of trackers as they are kept: ciphertext, and nothing else since there are keys for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from service.ciphers import CipherError
from service.database.engine import Database
from service.errors import ConflictError
from service.sealing import Seals
from service.settings import Settings
from service.state import SettingsDep
from service.trackers.adapters import TrackerError
from service.trackers.repository import TrackersRepository

__all__ = ["NoKeyError", "Tokens", "TokensDep", "seal_tokens"]


class NoKeyError(ConflictError):
    """There is no key to keep a token under; the text says the way out."""


class Tokens:
    """Encrypts and reads tokens with the keys of `secrets_keys`.

    A token of before there were such keys has no mark and is read as it stands.
    """

    def __init__(self, settings: Settings) -> None:
        self._seals = Seals(settings.secrets_keys)

    @property
    def has_key(self) -> bool:
        """Whether there is a key, so that tokens can be kept."""
        return self._seals.has_key

    def seal(self, token: str) -> str:
        """As it is to be kept.

        Raises:
            NoKeyError: There is no key.
        """
        if not self._seals.has_key:
            raise NoKeyError(
                "Tokens are only kept encrypted: set FEEDBACK_NLP_SECRETS_KEYS, as docs/improve.md tells, and start "
                "the service anew."
            )
        return self._seals.seal(token)

    def open(self, kept: str) -> str:
        """The token.

        Raises:
            TrackerError: There is no key that fits.
        """
        try:
            return self._seals.open(kept)
        except CipherError as exc:
            raise TrackerError("none of FEEDBACK_NLP_SECRETS_KEYS opens its token", lasting=True) from exc

    def renew(self, session: Session) -> None:
        """Encrypt what is not, or with an older key. What no key opens is left as it is."""
        for row in TrackersRepository(session).trackers(lock=True):
            row.token = self._seals.renewed(row.token)


def seal_tokens(database: Database, settings: Settings) -> None:
    """Have all tokens kept under the newest key; for the start of a process, and safe when several do it at once."""
    if settings.secrets_keys:
        with database.write() as session:
            Tokens(settings).renew(session)


async def _tokens(settings: SettingsDep) -> Tokens:
    return Tokens(settings)


TokensDep = Annotated[Tokens, Depends(_tokens)]
