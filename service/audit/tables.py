"""The audit log: only ever added to, and never with a customer's text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, Key, now

__all__ = ["AuditRow"]


class AuditRow(Base):
    """Somebody did something to something."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "subject", "subject_id"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[str]
    details: Mapped[dict[str, Any]]
