"""Saved views of the inbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, Key, now

__all__ = ["SavedViewRow"]


class SavedViewRow(Base):
    """A person's name for a set of filters; `query` is the query string of the inbox."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("owner", "name"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    owner: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
