"""Sends what is due, again and again over days, until the receiver takes it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from service.database.base import now
from service.database.engine import Database
from service.events.repository import Due, EventsRepository
from service.events.retries import RETRIES, pause_after
from service.events.sender import Message, Sender, Sent
from service.events.signing import SigningSecrets, UnreadableSecretError

__all__ = ["RETRIES", "DeliveryWorker"]

log = structlog.get_logger("service.events")

_LEASE: Final = timedelta(seconds=90)
_BATCH: Final = 32
_AT_ONCE: Final = 4


class DeliveryWorker:
    """Claims due deliveries and sends them, a few at once.

    A claim and its outcome are two units of work: whoever dies in between has the delivery sent again, with the same
    id, after its lease.
    """

    name = "event-delivery"

    def __init__(
        self,
        database: Database,
        sender: Sender,
        secrets: SigningSecrets,
        *,
        clock: Callable[[], datetime] = now,
        lease: timedelta = _LEASE,
    ) -> None:
        self._database = database
        self._sender = sender
        self._secrets = secrets
        self._clock = clock
        self._lease = lease

    def step(self, stopping: threading.Event) -> bool:
        """Send what is due now; whether there was any."""
        moment = self._clock()
        with self._database.read() as session:
            if not EventsRepository(session).is_due(moment):
                return False
        with self._database.write() as session:
            due = EventsRepository(session).claim(moment, moment + self._lease, _BATCH)
        if due:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=self.name) as pool:
                list(pool.map(self._deliver, due))
        return bool(due)

    def _deliver(self, due: Due) -> None:
        sent = self._send(due.message)
        with self._database.write() as session:
            repository = EventsRepository(session)
            row = repository.delivery(due.delivery_id)
            if row is None or row.status != "pending":
                return
            row.last_status, row.last_error = sent.status, sent.error
            if sent.delivered:
                row.status, row.delivered_at = "delivered", self._clock()
            elif sent.status == 410:
                row.status = "dead"
                repository.deactivate(due.subscription_id)
            elif due.attempt > len(RETRIES):
                row.status = "dead"
            else:
                row.next_attempt_at = self._clock() + pause_after(due.attempt)
        self._log(due, sent)

    def _send(self, message: Message) -> Sent:
        try:
            secrets = self._secrets.open(message.secrets)
        except UnreadableSecretError as exc:
            # Tried again like any failure: the key may come back within that time.
            return Sent(None, str(exc))
        return self._sender.send(replace(message, secrets=secrets))

    @staticmethod
    def _log(due: Due, sent: Sent) -> None:
        log.info(
            "event.sent",
            event_id=due.message.id,
            event_type=due.message.type,
            subscription=due.subscription_id,
            attempt=due.attempt,
            status=sent.status,
            error=sent.error,
        )
