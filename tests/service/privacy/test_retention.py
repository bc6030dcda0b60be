from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from service.access.tables import SessionRow
from service.actor import Actor
from service.audit.tables import AuditRow
from service.database.base import Base
from service.database.engine import Database
from service.events.tables import EventRow
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from service.feedback.tables import FeedbackRow
from service.jobs.tables import JobErrorRow, JobRow
from service.privacy.retention import RetentionWorker, destroy_expired
from service.privacy.tables import OriginalRow
from service.redaction import default_redactor
from service.settings import Settings
from tests.service.access.support import add_user
from tests.service.support import WordAnalyzer

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD = NOW - timedelta(days=800)
RECENT = NOW - timedelta(days=20)


def count(database: Database, table: type[Base]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def fill(database: Database) -> None:
    """One old and one recent thing of every kind."""
    user = add_user(database, "joke")
    with database.write() as session:
        service = FeedbackService(session, WordAnalyzer(), default_redactor(), Actor("local"))
        ids = [outcome.id for outcome in service.add([NewFeedback("In de wacht.", "crm") for _ in range(2)])]
        for id_, at in zip(ids, (OLD, RECENT), strict=True):
            session.execute(update(FeedbackRow).where(FeedbackRow.id == id_).values(received_at=at))
        session.add(OriginalRow(feedback_id=ids[1] or 0, at=NOW - timedelta(days=40), ciphertext=b"x"))
        for number, at in enumerate((OLD, RECENT)):
            session.add(
                SessionRow(id=str(number), user_id=user, created_at=at, expires_at=at + timedelta(days=25))
            )
            session.add(EventRow(id=f"evt_{number}", type="feedback.analysed", at=at, data={}))
            job = JobRow(
                kind="import",
                created_by="local",
                filename="a.csv",
                format="csv",
                options={},
                status="done",
                finished_at=at,
            )
            session.add(job)
            session.flush()
            session.add(JobErrorRow(job_id=job.id, row=1, external_id="K-1", error="empty"))
        session.add(
            JobRow(
                kind="import", created_by="local", filename="b.csv", format="csv", options={}, created_at=OLD
            )
        )
        session.execute(update(AuditRow).values(at=RECENT))
        session.add(
            AuditRow(
                at=NOW - timedelta(days=2000),
                actor="a",
                action="x.y",
                subject="s",
                subject_id="1",
                details={},
            )
        )


def test_what_is_old_is_destroyed_and_logged_and_what_is_not_stays(database: Database) -> None:
    fill(database)
    done = {one.kind: one.count for one in destroy_expired(database, Settings(), moment=NOW)}
    assert done == {"feedback": 1, "originals": 1, "events": 1, "jobs": 1, "sessions": 1, "audit_log": 1}
    assert [count(database, table) for table in (FeedbackRow, OriginalRow, EventRow, SessionRow)] == [
        1,
        0,
        1,
        1,
    ]
    assert (count(database, JobRow), count(database, JobErrorRow)) == (2, 1)
    with database.read() as session:
        statement = select(AuditRow).where(AuditRow.action == "retention.destroyed")
        log = {row.subject_id: row.details["count"] for row in session.scalars(statement)}
    assert log == done
    assert destroy_expired(database, Settings(), moment=NOW) == []


def test_a_dry_run_counts_the_same_and_destroys_nothing(database: Database) -> None:
    fill(database)
    would = destroy_expired(database, Settings(), moment=NOW, dry_run=True)
    assert [count(database, table) for table in (FeedbackRow, EventRow, OriginalRow)] == [2, 2, 1]
    assert destroy_expired(database, Settings(), moment=NOW) == would


def test_without_a_period_a_kind_is_kept(database: Database) -> None:
    fill(database)
    settings = Settings(
        retention_feedback_days=None,
        retention_originals_days=None,
        retention_events_days=None,
        retention_jobs_days=None,
        retention_audit_days=None,
    )
    assert {one.kind for one in destroy_expired(database, settings, moment=NOW)} == {"sessions"}


def test_an_items_row_in_a_training_set_goes_with_it(database: Database, tmp_path: Path) -> None:
    fill(database)
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "feedback-1"}\n{"id": "feedback-2"}\n')
    destroy_expired(database, Settings(training_sets=[path]), moment=NOW)
    assert path.read_text() == '{"id": "feedback-2"}\n'


def test_the_worker_looks_once_an_hour(database: Database) -> None:
    fill(database)
    tick = [0.0]
    worker = RetentionWorker(database, Settings(retention_feedback_days=1), clock=lambda: tick[0])
    worker.step(threading.Event())
    assert count(database, FeedbackRow) == 0
    with database.write() as session:
        service = FeedbackService(session, WordAnalyzer(), default_redactor(), Actor("local"))
        service.add([NewFeedback("In de wacht.", "crm")])
        session.execute(update(FeedbackRow).values(received_at=OLD))
    tick[0] = 3599.0
    worker.step(threading.Event())
    assert count(database, FeedbackRow) == 1
    tick[0] = 3600.0
    worker.step(threading.Event())
    assert count(database, FeedbackRow) == 0
