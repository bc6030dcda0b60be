"""Events are written in the unit of work that makes them happen; a worker delivers them afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from service.database.base import now
from service.events.tables import DeliveryRow, EventRow, SubscriptionRow

__all__ = ["EVENT_TYPES", "EventType", "Outbox"]

EventType = Literal[
    "feedback.analysed",
    "feedback.signal",
    "feedback.corrected",
    "feedback.erased",
    "model.promoted",
    "improvement.changed",
    "improvement.told",
    "radar.alarm",
]
EVENT_TYPES: Final[tuple[EventType, ...]] = (
    "feedback.analysed",
    "feedback.signal",
    "feedback.corrected",
    "feedback.erased",
    "model.promoted",
    "improvement.changed",
    "improvement.told",
    "radar.alarm",
)


class Outbox:
    """Collects events within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, type_: EventType, payloads: Sequence[Mapping[str, Any]]) -> None:
        """Write one event a payload, with a delivery for each subscription to its type.

        Without a subscription nothing is written. Payloads are thin: ids and codes, never a customer's text.
        """
        if not payloads:
            return
        active = select(SubscriptionRow).where(SubscriptionRow.active.is_(True)).order_by(SubscriptionRow.id)
        targets = [row.id for row in self._session.scalars(active) if type_ in row.types]
        if not targets:
            return
        moment = now()
        events = [
            {"id": f"evt_{secrets.token_hex(16)}", "type": type_, "at": moment, "data": dict(payload)}
            for payload in payloads
        ]
        self._session.execute(insert(EventRow), events)
        self._session.execute(
            insert(DeliveryRow),
            [
                {"event_id": event["id"], "subscription_id": target, "next_attempt_at": moment}
                for event in events
                for target in targets
            ],
        )
