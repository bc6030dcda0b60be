"""Improvements, the items that ask for them, what was done to them, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, BigKey, Key, now

__all__ = ["EffectRow", "ImprovementEventRow", "ImprovementItemRow", "ImprovementRow"]


class ImprovementRow(Base):
    """An improvement on its way from a suggestion to customers who hear about it.

    `gain` (points of the journey's NPS) with its interval and `reach` (answers a year in the journey) are as they were
    measured on `measured_on` over the days `evidence_from` to `evidence_to`; `effort` is in days of work. `done_on` is
    the day from which customers meet it. One that was merged lives on in `merged_into` and is shown there only.
    """

    __tablename__ = "improvements"
    __table_args__ = (
        CheckConstraint("status IN ('proposed', 'chosen', 'in_progress', 'done', 'told')", name="status"),
        CheckConstraint("effort > 0", name="effort"),
        Index(None, "status", "id"),
        Index(None, "theme", "journey"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="proposed")
    theme: Mapped[str | None]
    journey: Mapped[str | None]
    owner_id: Mapped[int | None] = mapped_column(
        BigKey, ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    effort: Mapped[float | None]
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    gain: Mapped[float | None]
    gain_low: Mapped[float | None]
    gain_high: Mapped[float | None]
    reach: Mapped[int | None]
    measured_on: Mapped[date | None]
    evidence_from: Mapped[date | None]
    evidence_to: Mapped[date | None]
    public_title: Mapped[str | None]
    public_text: Mapped[str | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    merged_into: Mapped[int | None] = mapped_column(BigKey, ForeignKey("improvements.id"), index=True)
    split_from: Mapped[int | None] = mapped_column(BigKey, ForeignKey("improvements.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)


class ImprovementItemRow(Base):
    """An item that asks for an improvement. Its words are read from the item itself and kept nowhere else."""

    __tablename__ = "improvement_items"

    improvement_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("improvements.id", ondelete="CASCADE"), primary_key=True
    )
    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(default=now)
    added_by: Mapped[str]
    told_at: Mapped[datetime | None]


class ImprovementEventRow(Base):
    """Something that was done to an improvement: only ever added to, and never with a customer's text."""

    __tablename__ = "improvement_history"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    improvement_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("improvements.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str]
    action: Mapped[str]
    details: Mapped[dict[str, Any]]


class EffectRow(Base):
    """A look at the effect of an improvement; looks are numbered, for each costs some certainty."""

    __tablename__ = "improvement_effects"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    improvement_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("improvements.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str]
    look: Mapped[int]
    until: Mapped[date]
    result: Mapped[dict[str, Any]]
