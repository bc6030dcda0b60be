"""All SQL about jobs: a durable queue in a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from service.jobs.tables import JobErrorRow, JobPartRow, JobRow

__all__ = ["JobsRepository"]

_PART_BYTES = 1 << 20
_LONGEST_LEASE = timedelta(minutes=15)
"""Longer than any lease, by more than the clocks of two hosts may differ."""


class JobsRepository:
    """Jobs within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: JobRow, content: BinaryIO) -> JobRow:
        """Queue a job with its file."""
        self._session.add(row)
        self._session.flush()
        number = 0
        while piece := content.read(_PART_BYTES):
            part = {"job_id": row.id, "part": number, "content": piece}
            self._session.execute(insert(JobPartRow), [part])
            number += 1
        return row

    def get(self, id_: int, *, lock: bool = False) -> JobRow | None:
        """One job."""
        return self._session.get(JobRow, id_, with_for_update=True if lock else None, populate_existing=True)

    def page(self, *, limit: int, after: int | None) -> tuple[list[JobRow], int | None]:
        """Jobs, the newest first, and where the next page begins."""
        statement = select(JobRow).order_by(JobRow.id.desc()).limit(limit + 1)
        if after is not None:
            statement = statement.where(JobRow.id < after)
        rows = list(self._session.scalars(statement))
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

    def is_waiting(self, worker: str, moment: datetime) -> bool:
        """Whether there is a job to claim; asks without locking."""
        return self._session.scalar(select(JobRow.id).where(_free(worker, moment)).limit(1)) is not None

    def claim(self, worker: str, moment: datetime, until: datetime) -> JobRow | None:
        """Take the oldest job that nobody works on; it is ours until `until`, or longer by `progress`."""
        free = select(JobRow).where(_free(worker, moment)).order_by(JobRow.id).limit(1)
        statement = free.with_for_update(skip_locked=True)
        row = self._session.scalars(statement).first()
        if row is None:
            return None
        row.status, row.leased_by, row.leased_until = "running", worker, until
        row.started_at = row.started_at or moment
        row.attempts += 1
        self._session.flush()
        return row

    def progress(
        self, id_: int, worker: str, before: int, until: datetime, *, done: int, created: int, failed: int
    ) -> bool:
        """Count rows within the unit of work that stored them; False when the job is not ours any more, or cancelled.

        On False the unit of work must be undone: then every row is counted and stored exactly once.
        """
        statement = (
            update(JobRow)
            .where(
                JobRow.id == id_,
                JobRow.status == "running",
                JobRow.leased_by == worker,
                JobRow.rows_done == before,
                JobRow.cancel_requested.is_(False),
            )
            .values(
                rows_done=before + done,
                rows_created=JobRow.rows_created + created,
                rows_failed=JobRow.rows_failed + failed,
                leased_until=until,
            )
            .returning(JobRow.id)
            .execution_options(synchronize_session=False)
        )
        return self._session.scalar(statement) is not None

    def finish(self, id_: int, worker: str, moment: datetime, status: str, error: str | None) -> None:
        """End a job that is ours and drop its file."""
        statement = (
            update(JobRow)
            .where(JobRow.id == id_, JobRow.status == "running", JobRow.leased_by == worker)
            .values(
                status=status,
                error=error,
                finished_at=moment,
                leased_by=None,
                leased_until=None,
                rows_total=JobRow.rows_done if status == "done" else JobRow.rows_total,
            )
            .returning(JobRow.id)
            .execution_options(synchronize_session=False)
        )
        if self._session.scalar(statement) is not None:
            self.drop_file(id_)

    def release(self, id_: int, worker: str) -> None:
        """Give a job back to the queue."""
        self._session.execute(
            update(JobRow)
            .where(JobRow.id == id_, JobRow.status == "running", JobRow.leased_by == worker)
            .values(status="queued", leased_by=None, leased_until=None)
            .execution_options(synchronize_session=False)
        )

    def set_total(self, id_: int, rows: int | None) -> None:
        """Note how many rows there are about."""
        self._session.execute(update(JobRow).where(JobRow.id == id_).values(rows_total=rows))

    def drop_file(self, id_: int) -> None:
        """Remove the uploaded file, which is not redacted."""
        self._session.execute(delete(JobPartRow).where(JobPartRow.job_id == id_))
        self._session.info["checkpoint"] = True

    def parts(self, id_: int) -> Iterator[bytes]:
        """The uploaded file, piece by piece."""
        number = 0
        while True:
            piece = self._session.scalar(
                select(JobPartRow.content).where(JobPartRow.job_id == id_, JobPartRow.part == number)
            )
            if piece is None:
                return
            yield piece
            number += 1

    def add_errors(self, errors: Sequence[dict[str, Any]]) -> None:
        """Keep why rows were not taken."""
        if errors:
            self._session.execute(insert(JobErrorRow), errors)

    def errors(self, id_: int, batch: int = 1000) -> Iterable[JobErrorRow]:
        """Why rows were not taken, in the order of the file."""
        after = 0
        while True:
            statement = (
                select(JobErrorRow)
                .where(JobErrorRow.job_id == id_, JobErrorRow.row > after)
                .order_by(JobErrorRow.row)
                .limit(batch)
            )
            rows = list(self._session.scalars(statement))
            yield from rows
            if len(rows) < batch:
                return
            after = rows[-1].row
            self._session.expunge_all()

    def abandoned(self, moment: datetime) -> int:
        """How many jobs are marked as running although nobody works on them."""
        statement = select(func.count()).where(JobRow.status == "running", JobRow.leased_until < moment)
        return self._session.scalar(statement) or 0

    def depth(self) -> dict[str, int]:
        """How many jobs are queued and running."""
        statement = (
            select(JobRow.status, func.count())
            .where(JobRow.status.in_(("queued", "running")))
            .group_by(JobRow.status)
        )
        counts = {row[0]: row[1] for row in self._session.execute(statement)}
        return {status: counts.get(status, 0) for status in ("queued", "running")}


def _free(worker: str, moment: datetime) -> ColumnElement[bool]:
    """Queued, or left half-way: by somebody whose lease is over, or by a worker that asks for more and thus lost it.

    A lease beyond all measure was written before the clock was put back, and would hold for as long as that.
    """
    given_up = or_(
        JobRow.leased_until < moment,
        JobRow.leased_until > moment + _LONGEST_LEASE,
        JobRow.leased_by == worker,
    )
    return or_(JobRow.status == "queued", and_(JobRow.status == "running", given_up))
