"""What was erased, and originals as ciphertext."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, BigKey, Key, now

__all__ = ["ErasureRow", "OriginalRow"]


class ErasureRow(Base):
    """An erasure that was asked for. It names the items by our own ids, which now lead nowhere, and no person."""

    __tablename__ = "erasures"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    by: Mapped[str]
    feedback_ids: Mapped[list[int]]
    report: Mapped[dict[str, Any]]


class OriginalRow(Base):
    """An item's text as it came in, encrypted; only there when originals are kept and redaction changed the text."""

    __tablename__ = "originals"

    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    ciphertext: Mapped[bytes]
