"""When keys and sessions were used last; written down now and then, so that no request waits for it."""

from __future__ import annotations

import threading
from datetime import datetime

from service.access.repository import AccessRepository
from service.database.engine import Database

__all__ = ["Usage"]


class Usage:
    """Collects moments of use; a background step that `service.background` runs."""

    name = "usage"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._keys: dict[str, datetime] = {}
        self._sessions: dict[str, datetime] = {}

    def note_key(self, prefix: str, moment: datetime) -> None:
        """A key was used."""
        with self._lock:
            self._keys[prefix] = moment

    def note_session(self, id_: str, moment: datetime) -> None:
        """A session was used."""
        with self._lock:
            self._sessions[id_] = moment

    def flush(self) -> None:
        """Write down what was collected."""
        with self._lock:
            keys, sessions = self._keys, self._sessions
            self._keys, self._sessions = {}, {}
        if keys or sessions:
            with self._database.write() as session:
                AccessRepository(session).note_use(keys, sessions)

    def step(self, stopping: threading.Event) -> bool:
        """Write down what was collected; there is never more to do at once."""
        self.flush()
        return False
