"""Drops idempotency keys that nobody will repeat and secrets that sign nothing any more.

What has a term is destroyed by `service.privacy.retention`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from service.database.base import now
from service.database.engine import Database
from service.events.repository import EventsRepository
from service.feedback.repository import FeedbackRepository

__all__ = ["KEEP_KEYS", "Housekeeping"]

KEEP_KEYS: Final = timedelta(days=2)
_EVERY_SECONDS: Final = 3600.0


class Housekeeping:
    """Once an hour; safe in several processes at once."""

    name = "housekeeping"

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime] = now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ticks = ticks
        self._next = ticks() + _EVERY_SECONDS

    def step(self, stopping: threading.Event) -> bool:
        """Tidy up if it is time."""
        if self._ticks() >= self._next:
            self._next = self._ticks() + _EVERY_SECONDS
            moment = self._clock()
            with self._database.write() as session:
                FeedbackRepository(session).forget_keys(moment - KEEP_KEYS)
                EventsRepository(session).forget_old_secrets(moment)
        return False
