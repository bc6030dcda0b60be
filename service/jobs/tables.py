"""Jobs, what they take in, and the rows that failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, BigKey, Key, now

__all__ = ["JobErrorRow", "JobPartRow", "JobRow"]


class JobRow(Base):
    """One job and how far it is; a worker owns it until `leased_until`.

    `rows_done` moves in the same transaction as the rows it counts, which is why a restart doubles none.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"),
        Index(None, "status", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="queued")
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    filename: Mapped[str]
    format: Mapped[str]
    options: Mapped[dict[str, Any]]
    rows_total: Mapped[int | None]
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_created: Mapped[int] = mapped_column(default=0)
    rows_failed: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)


class JobErrorRow(Base):
    """Why one row of a job was not taken; the row's text is not kept."""

    __tablename__ = "job_errors"

    job_id: Mapped[int] = mapped_column(BigKey, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    external_id: Mapped[str | None]
    error: Mapped[str]


class JobPartRow(Base):
    """A piece of the uploaded file, as it came in; removed when the job ends, for it is not redacted yet."""

    __tablename__ = "job_parts"

    job_id: Mapped[int] = mapped_column(BigKey, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes]
