"""Issue trackers, and the issue that an improvement has in each: also the queue of what is still to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, BigKey, Key, now

__all__ = ["TrackerIssueRow", "TrackerRow"]


class TrackerRow(Base):
    """A project in an issue tracker; the token opens it, with `account` where the tracker asks for one.

    The token is kept as `service.trackers.tokens` has it.

    `states` says what the tracker calls our statuses, by status.
    """

    __tablename__ = "trackers"
    __table_args__ = (
        CheckConstraint("kind IN ('github', 'jira', 'azure')", name="kind"),
        UniqueConstraint("name"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    name: Mapped[str]
    kind: Mapped[str]
    url: Mapped[str]
    project: Mapped[str]
    account: Mapped[str | None]
    token: Mapped[str]
    issue_type: Mapped[str | None]
    states: Mapped[dict[str, Any]]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str]


class TrackerIssueRow(Base):
    """An improvement's issue in a tracker.

    `remote_id` is None until the issue is there. `sent_digest` is our status and a digest of the words that were sent
    last, and `remote_state` is the state that the tracker had when we last spoke to it: what is like them is no news,
    in either direction.
    """

    __tablename__ = "tracker_issues"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'synced', 'dead')", name="status"),
        UniqueConstraint("improvement_id", "tracker_id"),
        Index(None, "status", "next_attempt_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    improvement_id: Mapped[int] = mapped_column(BigKey, ForeignKey("improvements.id", ondelete="CASCADE"))
    tracker_id: Mapped[int] = mapped_column(BigKey, ForeignKey("trackers.id", ondelete="CASCADE"), index=True)
    remote_id: Mapped[str | None]
    remote_url: Mapped[str | None]
    remote_state: Mapped[str | None]
    sent_digest: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now)
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]
    synced_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str]
