"""All SQL about trackers and the issues that improvements have there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from service.events.retries import LONGEST, is_over
from service.trackers.adapters import Project
from service.trackers.opening import STATES
from service.trackers.tables import TrackerIssueRow, TrackerRow

__all__ = ["MOST_WAIT", "POLL", "Due", "TrackersRepository", "project_of", "states_of"]

POLL: Final = timedelta(minutes=5)
"""Pause between two looks at an issue that is as it should be."""

MOST_WAIT: Final = LONGEST[-1]
"""So long a tracker can make us wait at most."""

_LONGEST: Final = (POLL, MOST_WAIT)


@dataclass(frozen=True, slots=True)
class Due:
    """An issue that was claimed to be looked at; `attempt` counts from 1 since it last went well.

    `kept_token` is as `Tokens` keeps it. `remote_id` is None when there is no issue yet; the rest is as
    `TrackerIssueRow` has it.
    """

    id: int
    improvement_id: int
    tracker_id: int
    tracker: str
    project: Project
    kept_token: str = field(repr=False)
    states: dict[str, str]
    attempt: int
    remote_id: str | None
    remote_state: str | None
    sent_digest: str | None


def project_of(row: TrackerRow) -> Project:
    """A tracker as adapters want it, without its token."""
    return Project(row.kind, row.url, row.project, row.account, issue_type=row.issue_type)


def states_of(row: TrackerRow) -> dict[str, str]:
    """What a tracker calls each of our statuses."""
    return {**STATES[row.kind], **row.states}


class TrackersRepository:
    """Trackers within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: TrackerRow) -> TrackerRow:
        """Keep a tracker."""
        self._session.add(row)
        self._session.flush()
        return row

    def trackers(self, *, lock: bool = False) -> list[TrackerRow]:
        """All of them, by name; locked when they are to be changed."""
        statement = select(TrackerRow).order_by(TrackerRow.name)
        return list(self._session.scalars(statement.with_for_update() if lock else statement))

    def tracker(self, id_: int) -> TrackerRow | None:
        """One of them."""
        return self._session.get(TrackerRow, id_)

    def is_taken(self, name: str) -> bool:
        """Whether there is a tracker of this name."""
        return self._session.scalar(select(TrackerRow.id).where(TrackerRow.name == name)) is not None

    def remove(self, row: TrackerRow) -> None:
        """Forget a tracker with what we know of its issues; the issues themselves stay where they are."""
        self._session.delete(row)

    def issue(self, improvement_id: int, tracker_id: int) -> TrackerIssueRow | None:
        """An improvement's issue in a tracker."""
        statement = select(TrackerIssueRow).where(
            TrackerIssueRow.improvement_id == improvement_id, TrackerIssueRow.tracker_id == tracker_id
        )
        return self._session.scalars(statement).first()

    def add_issue(self, row: TrackerIssueRow) -> TrackerIssueRow:
        """Queue an issue."""
        self._session.add(row)
        self._session.flush()
        return row

    def issues(self, improvement_id: int) -> list[tuple[TrackerIssueRow, TrackerRow]]:
        """An improvement's issues with their trackers."""
        statement = (
            select(TrackerIssueRow, TrackerRow)
            .join(TrackerRow, TrackerRow.id == TrackerIssueRow.tracker_id)
            .where(TrackerIssueRow.improvement_id == improvement_id)
            .order_by(TrackerIssueRow.id)
        )
        return [(issue, tracker) for issue, tracker in self._session.execute(statement)]

    def is_due(self, moment: datetime) -> bool:
        """Whether there is anything to claim; asks without locking."""
        statement = select(TrackerIssueRow.id).join(TrackerRow).where(*_due(moment)).limit(1)
        return self._session.scalar(statement) is not None

    def claim(self, moment: datetime, until: datetime, limit: int) -> list[Due]:
        """Take issues that are due; nobody else gets them before `until`, even if we die."""
        statement = (
            select(TrackerIssueRow, TrackerRow)
            .join(TrackerRow, TrackerRow.id == TrackerIssueRow.tracker_id)
            .where(*_due(moment))
            .order_by(TrackerIssueRow.next_attempt_at, TrackerIssueRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=TrackerIssueRow)
        )
        claimed: list[Due] = []
        for row, tracker in self._session.execute(statement):
            row.next_attempt_at = until
            row.attempts += 1
            claimed.append(
                Due(
                    row.id,
                    row.improvement_id,
                    tracker.id,
                    tracker.name,
                    project_of(tracker),
                    tracker.token,
                    states_of(tracker),
                    row.attempts,
                    row.remote_id,
                    row.remote_state,
                    row.sent_digest,
                )
            )
        return claimed

    def claimed(self, id_: int) -> TrackerIssueRow | None:
        """An issue that was claimed, locked."""
        return self._session.get(TrackerIssueRow, id_, with_for_update=True, populate_existing=True)


def _due(moment: datetime) -> Sequence[ColumnElement[bool]]:
    return (
        TrackerIssueRow.status.in_(("pending", "synced")),
        is_over(TrackerIssueRow.next_attempt_at, moment, TrackerIssueRow.attempts, _LONGEST),
        TrackerRow.active.is_(True),
    )
