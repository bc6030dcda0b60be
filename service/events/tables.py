"""Subscriptions, events, and their deliveries: the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, BigKey, Key, now

__all__ = ["DeliveryRow", "EventRow", "SubscriptionRow"]


class SubscriptionRow(Base):
    """Where to send which events; the secret signs them, and for a while after a change the old one does too.

    Both are kept as `service.events.signing` has it.
    """

    __tablename__ = "subscriptions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    url: Mapped[str]
    types: Mapped[list[str]]
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str]


class EventRow(Base):
    """Something that happened, written in the same transaction; the id is what receivers see."""

    __tablename__ = "events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    data: Mapped[dict[str, Any]]


class DeliveryRow(Base):
    """One event on its way to one subscription."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'dead')", name="status"),
        Index(None, "status", "next_attempt_at"),
        Index(None, "subscription_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    subscription_id: Mapped[int] = mapped_column(BigKey, ForeignKey("subscriptions.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
