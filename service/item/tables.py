"""Notes on items."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, BigKey, Key, now

__all__ = ["NoteRow"]


class NoteRow(Base):
    """What a person wrote about an item: a plain note, or one for whoever takes over. Redacted like any text."""

    __tablename__ = "notes"
    __table_args__ = (
        CheckConstraint("kind IN ('note', 'handover')", name="kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str]
    kind: Mapped[str] = mapped_column(default="note")
    text: Mapped[str]
