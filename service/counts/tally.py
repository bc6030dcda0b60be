"""Keeps the daily counts true within the unit of work that changes items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import event
from sqlalchemy.orm import Session

from service.counts.facts import Sums
from service.counts.repository import CountsRepository

__all__ = ["Tally"]

_KEY: Final = "daily counts"


class Tally:
    """Adds and takes back items; what has changed is written at the end of the unit of work, just before it counts.

    Waiting until then keeps the rows that many writers share locked as briefly as can be.
    """

    def __init__(self, session: Session) -> None:
        self._repository = CountsRepository(session)
        if _KEY not in session.info:
            session.info[_KEY] = Sums()
            event.listen(session, "before_commit", _write)
        self._sums: Sums = session.info[_KEY]

    def add(self, ids: Sequence[int]) -> None:
        """Count items that have just come in."""
        self._sums.add(self._repository.facts(ids))

    def remove(self, ids: Sequence[int]) -> None:
        """Count items no longer; to be called before they go. Nobody else can change them from here on."""
        self._sums.add(self._repository.facts(ids, lock=True), -1)

    @contextmanager
    def around(self, ids: Sequence[int]) -> Iterator[None]:
        """Count items anew after the block has changed them."""
        self.remove(ids)
        yield
        self.add(ids)


def _write(session: Session) -> None:
    sums: Sums = session.info[_KEY]
    CountsRepository(session).write(sums)
    sums.clear()
