"""Drops idempotency keys that nobody will repeat and secrets that sign nothing any more.

What has a term is destroyed by `service.privacy.retention`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from service.database.base import now
from service.database.engine import Database
from service.events.repository import EventsRepository
from service.feedback.repository import FeedbackRepository

__all__ = ["KEEP_KEYS", "Housekeeping"]

KEEP_KEYS: Final = timedelta(days=2)
_EVERY: Final = timedelta(hours=1)


class Housekeeping:
    """Once an hour; safe in several processes at once."""

    name = "housekeeping"

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock
        self._next = clock() + _EVERY

    def step(self, stopping: threading.Event) -> bool:
        """Tidy up if it is time."""
        moment = self._clock()
        if moment >= self._next:
            self._next = moment + _EVERY
            with self._database.write() as session:
                FeedbackRepository(session).forget_keys(moment - KEEP_KEYS)
                EventsRepository(session).forget_old_secrets(moment)
        return False
