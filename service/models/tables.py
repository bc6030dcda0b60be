"""Which model was live from when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, Key, now

__all__ = ["ActivationRow"]


class ActivationRow(Base):
    """A model went live, as the registry says and this service saw."""

    __tablename__ = "model_activations"
    __table_args__ = (UniqueConstraint("model", "activated_at"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    model: Mapped[str]
    digest: Mapped[str]
    activated_at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str]
    action: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(default=now)
