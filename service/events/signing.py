"""Secrets that sign events, as they are kept: ciphertext where there are keys for it, else plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from service.ciphers import CipherError
from service.database.engine import Database
from service.errors import ServiceError
from service.events.repository import EventsRepository
from service.sealing import Seals
from service.settings import Settings
from service.state import SettingsDep

__all__ = ["SigningSecrets", "SigningSecretsDep", "UnreadableSecretError", "seal_secrets"]


class UnreadableSecretError(ServiceError):
    """No key opens the secret of a subscription, so that nothing can be signed with it."""


class SigningSecrets:
    """Encrypts and reads secrets with the keys of `secrets_keys`; without any they are kept as they stand."""

    def __init__(self, settings: Settings) -> None:
        self._seals = Seals(settings.secrets_keys)

    def seal(self, secret: str) -> str:
        """As it is to be kept."""
        return self._seals.seal(secret)

    def open(self, kept: Sequence[str]) -> tuple[str, ...]:
        """What is signed with: the present secret first, and after it the old one unless no key opens that.

        Raises:
            UnreadableSecretError: No key opens the present one.
        """
        present, *old = kept
        try:
            opened = [self._seals.open(present)]
        except CipherError as exc:
            raise UnreadableSecretError("none of FEEDBACK_NLP_SECRETS_KEYS opens its secret") from exc
        for one in old:
            try:
                opened.append(self._seals.open(one))
            except CipherError:
                continue
        return tuple(opened)

    def renew(self, session: Session) -> None:
        """Encrypt what is not, or with an older key. What no key opens is left as it is."""
        for row in EventsRepository(session).subscriptions(lock=True):
            row.secret = self._seals.renewed(row.secret)
            if row.old_secret is not None:
                row.old_secret = self._seals.renewed(row.old_secret)


def seal_secrets(database: Database, settings: Settings) -> None:
    """Have all secrets kept under the newest key; for the start of a process, and safe when several do it at once."""
    if settings.secrets_keys:
        with database.write() as session:
            SigningSecrets(settings).renew(session)


async def _signing_secrets(settings: SettingsDep) -> SigningSecrets:
    return SigningSecrets(settings)


SigningSecretsDep = Annotated[SigningSecrets, Depends(_signing_secrets)]
