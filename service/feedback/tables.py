"""Feedback, what models and people said of it, and what was sent with which idempotency key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.database.base import Base, BigKey, Key, now

__all__ = ["AnalysisRow", "CorrectionRow", "FeedbackRow", "IdempotencyRow", "SignalRow", "ThemeRow"]


class FeedbackRow(Base):
    """One item. Ids are handed out in the order of arrival and never used again.

    `submitted` is what the sender said, but for the text, so that a repeat can be compared with it; themes, signals,
    sentiment and needs_review are what counts now: the newest analysis, as corrected by people. `urgency` follows from
    them and orders the inbox, as `service.feedback.urgency` says.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("nps BETWEEN 0 AND 10", name="nps"),
        CheckConstraint("cas BETWEEN 0 AND 10", name="cas"),
        CheckConstraint("ces BETWEEN 1 AND 7", name="ces"),
        Index(None, "status", "id"),
        Index(None, "needs_review", "id"),
        Index(None, "journey", "id"),
        Index(None, "channel", "id"),
        Index(None, "segment", "id"),
        Index(None, "occurred_at", "id"),
        Index(None, "assigned_to", "id"),
        Index(
            "ix_feedback_inbox",
            "urgency",
            "id",
            "needs_review",
            "assigned_to",
            "status",
            "journey",
            "channel",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    source: Mapped[str]
    external_id: Mapped[str | None]
    text: Mapped[str]
    language: Mapped[str]
    kind: Mapped[str | None]
    domain: Mapped[str | None]
    journey: Mapped[str | None]
    channel: Mapped[str | None]
    segment: Mapped[str | None]
    nps: Mapped[float | None]
    cas: Mapped[float | None]
    ces: Mapped[float | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=now)
    submitted: Mapped[dict[str, Any]]
    meta: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default="new")
    assigned_to: Mapped[int | None] = mapped_column(BigKey, ForeignKey("users.id", ondelete="SET NULL"))
    sentiment: Mapped[float]
    needs_review: Mapped[bool]
    review_reasons: Mapped[list[str]]
    corrected_at: Mapped[datetime | None]
    job_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    urgency: Mapped[int] = mapped_column(default=1, server_default=literal_column("1"))

    themes: Mapped[list[ThemeRow]] = relationship(
        back_populates="feedback",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="ThemeRow.theme",
    )
    signals: Mapped[list[SignalRow]] = relationship(
        back_populates="feedback",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="SignalRow.signal",
    )
    analyses: Mapped[list[AnalysisRow]] = relationship(
        back_populates="feedback",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="AnalysisRow.id",
    )
    corrections: Mapped[list[CorrectionRow]] = relationship(
        back_populates="feedback",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="CorrectionRow.id",
    )


class AnalysisRow(Base):
    """What one model version said; `result` is the Analysis without the text. Never overwritten."""

    __tablename__ = "analyses"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), index=True
    )
    model_name: Mapped[str]
    model_version: Mapped[str] = mapped_column(index=True)
    model_digest: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    result: Mapped[dict[str, Any]]

    feedback: Mapped[FeedbackRow] = relationship(back_populates="analyses")


class ThemeRow(Base):
    """A theme that counts for an item; `score` is the model's, None when only a person saw it."""

    __tablename__ = "feedback_themes"
    __table_args__ = (Index(None, "theme", "feedback_id"),)

    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True
    )
    theme: Mapped[str] = mapped_column(primary_key=True)
    polarity: Mapped[float]
    score: Mapped[float | None]
    origin: Mapped[str]

    feedback: Mapped[FeedbackRow] = relationship(back_populates="themes")


class SignalRow(Base):
    """A signal that counts for an item; fields as in `ThemeRow`."""

    __tablename__ = "feedback_signals"
    __table_args__ = (Index(None, "signal", "feedback_id"),)

    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True
    )
    signal: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[float | None]
    origin: Mapped[str]

    feedback: Mapped[FeedbackRow] = relationship(back_populates="signals")


class CorrectionRow(Base):
    """What a person changed: the labels before and after. Never overwritten; an undo is another one, of `undoes`."""

    __tablename__ = "corrections"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    by: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    model_version: Mapped[str]
    note: Mapped[str | None]
    undoes: Mapped[int | None] = mapped_column(BigKey)

    feedback: Mapped[FeedbackRow] = relationship(back_populates="corrections")


class IdempotencyRow(Base):
    """An `Idempotency-Key` that was used, the digest of the body it came with, and the items it made."""

    __tablename__ = "idempotency_keys"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    outcomes: Mapped[dict[str, Any]]
