"""Destroys what has been kept long enough, and logs how much of what."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Delete, delete, func, or_, select
from sqlalchemy.orm import DeclarativeBase, Session

from service.access.tables import ApiKeyRow, SessionRow
from service.actor import Actor
from service.audit.log import record
from service.audit.tables import AuditRow
from service.database.base import now
from service.database.engine import Database
from service.events.tables import EventRow
from service.feedback.tables import FeedbackRow
from service.jobs.tables import JobRow
from service.privacy.repository import PrivacyRepository
from service.privacy.tables import OriginalRow
from service.privacy.training_sets import files_of, remove_rows
from service.settings import Settings

__all__ = ["Destroyed", "Period", "RetentionWorker", "destroy_expired", "periods"]

log = structlog.get_logger("service.retention")

_SYSTEM: Final = Actor("system")
_BATCH: Final = 500
_EVERY_SECONDS: Final = 3600.0
_LEAP: Final = timedelta(days=1)
_HOLD_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What was, or would be, destroyed of one kind.

    Attributes:
        kind: feedback, originals, events, jobs, sessions, keys or audit_log.
        before: What is older than this.
        count: How many.
    """

    kind: str
    before: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Period:
    """How long one kind is kept.

    Attributes:
        kind: As in `Destroyed`.
        days: From when it came, or for sessions and keys from when they ended; None keeps it for ever.
        due: How many are older than that at this moment.
    """

    kind: str
    days: int | None
    due: int


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    table: type[DeclarativeBase]
    days: int | None
    statement: Callable[[datetime], Delete]


def destroy_expired(
    database: Database, settings: Settings, *, moment: datetime | None = None, dry_run: bool = False
) -> list[Destroyed]:
    """Destroy what is older than its period in the settings; a kind without a period is kept.

    Feedback goes in batches, each a unit of work of its own with its entry in the audit log, so that others can write
    in between and an interruption leaves nothing half done.

    Args:
        database: The store.
        settings: With the periods, in days.
        moment: Now; None asks the clock.
        dry_run: Only count.
    """
    moment = moment or now()
    done = []
    if settings.retention_feedback_days is not None:
        before = moment - timedelta(days=settings.retention_feedback_days)
        done.append(Destroyed("feedback", before, _feedback(database, settings, before, dry_run=dry_run)))
    for kind in _kinds(settings):
        if kind.days is None:
            continue
        before = moment - timedelta(days=kind.days)
        with database.write() as session:
            count = _count(session, kind, before) if dry_run else _destroy(session, kind, before)
        done.append(Destroyed(kind.name, before, count))
    return [one for one in done if one.count]


def periods(database: Database, settings: Settings, *, moment: datetime | None = None) -> list[Period]:
    """Every kind of data with how long it is kept, and how much of it the next hour will destroy."""
    due = {one.kind: one.count for one in destroy_expired(database, settings, moment=moment, dry_run=True)}
    kept = [("feedback", settings.retention_feedback_days)]
    kept += [(kind.name, kind.days) for kind in _kinds(settings)]
    return [Period(kind, days, due.get(kind, 0)) for kind, days in kept]


class RetentionWorker:
    """A background step that destroys what is due, once an hour.

    A clock that leaps ahead by more than a day against the time that went by would make everything seem due: then
    nothing is destroyed for a day, so that somebody can put it right.
    """

    name = "retention"

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        calendar: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._calendar = calendar
        self._next = clock()
        self._seen = (clock(), calendar())

    def step(self, stopping: threading.Event) -> bool:
        """Destroy what is due, if an hour has gone by."""
        tick, moment = self._clock(), self._calendar()
        leap = moment - self._seen[1] - timedelta(seconds=tick - self._seen[0])
        self._seen = (tick, moment)
        if leap > _LEAP:
            self._next = tick + _HOLD_SECONDS
            log.warning("retention.held", leap_hours=round(leap.total_seconds() / 3600))
        if tick >= self._next:
            self._next = tick + _EVERY_SECONDS
            for one in destroy_expired(self._database, self._settings, moment=moment):
                log.info("retention.destroyed", kind=one.kind, count=one.count)
        return False


def _feedback(database: Database, settings: Settings, before: datetime, *, dry_run: bool) -> int:
    if dry_run:
        with database.read() as session:
            statement = select(func.count()).select_from(FeedbackRow).where(FeedbackRow.received_at < before)
            return session.scalar(statement) or 0
    total = 0
    while True:
        with database.write() as session:
            repository = PrivacyRepository(session)
            ids = repository.received_before(before, _BATCH)
            if not ids:
                return total
            places = repository.erase_items(ids)
            names = {f"feedback-{id_}" for id_ in ids}
            sets = {str(path): remove_rows(path, names) for path in files_of(settings.training_sets)}
            details = {
                "before": before.isoformat(),
                "count": len(ids),
                "first": ids[0],
                "last": ids[-1],
                "places": places,
                "training_sets": sets,
            }
            record(session, _SYSTEM, "retention.destroyed", "retention", "feedback", **details)
        total += len(ids)


def _kinds(settings: Settings) -> list[_Kind]:
    return [
        _Kind(
            "originals",
            OriginalRow,
            settings.retention_originals_days,
            lambda before: delete(OriginalRow).where(OriginalRow.at < before),
        ),
        _Kind(
            "events",
            EventRow,
            settings.retention_events_days,
            lambda before: delete(EventRow).where(EventRow.at < before),
        ),
        _Kind(
            "jobs",
            JobRow,
            settings.retention_jobs_days,
            lambda before: delete(JobRow).where(
                JobRow.finished_at < before, JobRow.status.in_(("done", "failed", "cancelled"))
            ),
        ),
        _Kind(
            "sessions", SessionRow, 0, lambda before: delete(SessionRow).where(SessionRow.expires_at < before)
        ),
        _Kind(
            "keys",
            ApiKeyRow,
            settings.retention_audit_days,
            lambda before: delete(ApiKeyRow).where(
                or_(ApiKeyRow.expires_at < before, ApiKeyRow.revoked_at < before)
            ),
        ),
        _Kind(
            "audit_log",
            AuditRow,
            settings.retention_audit_days,
            lambda before: delete(AuditRow).where(AuditRow.at < before),
        ),
    ]


def _count(session: Session, kind: _Kind, before: datetime) -> int:
    condition = kind.statement(before).whereclause
    assert condition is not None
    return session.scalar(select(func.count()).select_from(kind.table).where(condition)) or 0


def _destroy(session: Session, kind: _Kind, before: datetime) -> int:
    count = _count(session, kind, before)
    if count:
        session.execute(kind.statement(before).execution_options(synchronize_session=False))
        details = {"before": before.isoformat(), "count": count}
        record(session, _SYSTEM, "retention.destroyed", "retention", kind.name, **details)
        session.info["checkpoint"] = True
    return count
