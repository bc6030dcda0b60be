"""All SQL about subscriptions, events and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.events.retries import is_over
from service.events.sender import Message
from service.events.tables import DeliveryRow, EventRow, SubscriptionRow

__all__ = ["Due", "EventsRepository"]


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that was claimed for sending; `attempt` counts from 1.

    The message's secrets are as `SigningSecrets` keeps them.
    """

    delivery_id: int
    subscription_id: int
    attempt: int
    message: Message


class EventsRepository:
    """Subscriptions and deliveries within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def subscribe(self, url: str, types: Sequence[str], secret: str, by: str) -> SubscriptionRow:
        """Add a subscription; the secret is as it is to be kept."""
        row = SubscriptionRow(url=url, types=list(types), secret=secret, created_by=by)
        self._session.add(row)
        self._session.flush()
        return row

    def subscriptions(self, *, lock: bool = False) -> list[SubscriptionRow]:
        """All of them, the oldest first; locked when they are to be changed."""
        statement = select(SubscriptionRow).order_by(SubscriptionRow.id)
        return list(self._session.scalars(statement.with_for_update() if lock else statement))

    def subscription(self, id_: int) -> SubscriptionRow | None:
        """One of them."""
        return self._session.get(SubscriptionRow, id_, with_for_update=True)

    def unsubscribe(self, row: SubscriptionRow) -> None:
        """Remove a subscription with its deliveries."""
        self._session.delete(row)

    def change_secret(self, row: SubscriptionRow, secret: str, old_until: datetime | None) -> None:
        """Sign with another secret from now on, and with the present one too until a moment; None drops it at once.

        The secret is as it is to be kept.
        """
        row.old_secret = row.secret if old_until else None
        row.old_secret_until = old_until
        row.secret = secret
        self._session.flush()

    def forget_old_secrets(self, moment: datetime) -> None:
        """Remove secrets that sign nothing any more."""
        statement = (
            update(SubscriptionRow)
            .where(SubscriptionRow.old_secret_until <= moment)
            .values(old_secret=None, old_secret_until=None)
        )
        self._session.execute(statement)

    def is_due(self, moment: datetime) -> bool:
        """Whether there is anything to claim; asks without locking."""
        statement = (
            select(DeliveryRow.id)
            .join(SubscriptionRow, SubscriptionRow.id == DeliveryRow.subscription_id)
            .where(
                DeliveryRow.status == "pending",
                is_over(DeliveryRow.next_attempt_at, moment, DeliveryRow.attempts),
                SubscriptionRow.active.is_(True),
            )
            .limit(1)
        )
        return self._session.scalar(statement) is not None

    def claim(self, moment: datetime, until: datetime, limit: int) -> list[Due]:
        """Take deliveries that are due; nobody else gets them before `until`, even if we die."""
        statement = (
            select(DeliveryRow, EventRow, SubscriptionRow)
            .join(EventRow, EventRow.id == DeliveryRow.event_id)
            .join(SubscriptionRow, SubscriptionRow.id == DeliveryRow.subscription_id)
            .where(
                DeliveryRow.status == "pending",
                is_over(DeliveryRow.next_attempt_at, moment, DeliveryRow.attempts),
                SubscriptionRow.active.is_(True),
            )
            .order_by(DeliveryRow.next_attempt_at, DeliveryRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=DeliveryRow)
        )
        claimed: list[Due] = []
        for delivery, event, subscription in self._session.execute(statement):
            delivery.next_attempt_at = until
            delivery.attempts += 1
            message = Message(
                event.id, event.type, event.at, event.data, subscription.url, _secrets(subscription, moment)
            )
            claimed.append(Due(delivery.id, subscription.id, delivery.attempts, message))
        return claimed

    def delivery(self, id_: int) -> DeliveryRow | None:
        """One delivery, locked."""
        return self._session.get(DeliveryRow, id_, with_for_update=True)

    def event(self, id_: str) -> EventRow | None:
        """One event."""
        return self._session.get(EventRow, id_)

    def deliveries(
        self, *, status: str | None, subscription_id: int | None, limit: int, after: int | None
    ) -> tuple[list[tuple[DeliveryRow, EventRow]], int | None]:
        """Deliveries with their events, the newest first, and where the next page begins."""
        statement = select(DeliveryRow, EventRow).join(EventRow, EventRow.id == DeliveryRow.event_id)
        if status is not None:
            statement = statement.where(DeliveryRow.status == status)
        if subscription_id is not None:
            statement = statement.where(DeliveryRow.subscription_id == subscription_id)
        if after is not None:
            statement = statement.where(DeliveryRow.id < after)
        statement = statement.order_by(DeliveryRow.id.desc()).limit(limit + 1)
        rows = [(delivery, event) for delivery, event in self._session.execute(statement)]
        return rows[:limit], rows[limit - 1][0].id if len(rows) > limit else None

    def deactivate(self, subscription_id: int) -> None:
        """Send nothing more there."""
        statement = update(SubscriptionRow).where(SubscriptionRow.id == subscription_id).values(active=False)
        self._session.execute(statement)

    def depth(self) -> dict[str, int]:
        """How many deliveries are pending and dead."""
        statement = (
            select(DeliveryRow.status, func.count())
            .where(DeliveryRow.status.in_(("pending", "dead")))
            .group_by(DeliveryRow.status)
        )
        counts = {row[0]: row[1] for row in self._session.execute(statement)}
        return {status: counts.get(status, 0) for status in ("pending", "dead")}


def _secrets(row: SubscriptionRow, moment: datetime) -> tuple[str, ...]:
    if row.old_secret and row.old_secret_until and row.old_secret_until > moment:
        return row.secret, row.old_secret
    return (row.secret,)
