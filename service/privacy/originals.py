"""Texts as they came in, for who must see them: off unless there is a key, and then ciphertext only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from service.ciphers import Cipher, CipherError
from service.errors import ServiceError
from service.privacy.tables import OriginalRow

__all__ = ["Originals", "OriginalsError"]


class OriginalsError(ServiceError):
    """An original cannot be read with the keys of the settings."""


class Originals:
    """Keeps texts encrypted with the first key and reads them with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the keys.

        Args:
            keys: Fernet keys, the newest first; at least one.

        Raises:
            ValueError: One is no Fernet key.
        """
        self._cipher = Cipher(keys)

    def keep(self, session: Session, texts: dict[int, str]) -> None:
        """Keep texts by item."""
        rows = [{"feedback_id": id_, "ciphertext": self._cipher.encrypt(text)} for id_, text in texts.items()]
        if rows:
            session.execute(insert(OriginalRow), rows)

    def open(self, row: OriginalRow) -> str:
        """The text.

        Raises:
            OriginalsError: None of the keys fits.
        """
        try:
            return self._cipher.decrypt(row.ciphertext)
        except CipherError as exc:
            raise OriginalsError(
                f"The original of item {row.feedback_id} was kept under another key."
            ) from exc
