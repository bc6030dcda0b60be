"""Works through the files that were sent, a chunk of rows in each unit of work."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, cast

import structlog

from feedback_nlp.errors import FeedbackNlpError, TableError
from feedback_nlp.tables import Format, Row, estimate_rows, read_rows
from service.actor import Actor
from service.database.base import now
from service.database.engine import Database
from service.database.faults import is_damaged, is_full, is_passing, kind_of
from service.errors import NoModelError
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from service.jobs.repository import JobsRepository
from service.jobs.rows import to_feedback
from service.jobs.tables import JobRow
from service.metrics import Metrics
from service.models.live import ModelHost
from service.privacy.originals import Originals
from service.redaction import Redactor

__all__ = ["JobWorker"]

log = structlog.get_logger("service.jobs")

_LEASE: Final = timedelta(seconds=60)
_CHUNK: Final = 200


class _NotOursError(Exception):
    """The job was cancelled, or somebody else took it over."""


class JobWorker:
    """Takes one job at a time.

    Rows are stored in the same unit of work that counts them, and only while the job is still ours and has got no
    further: after a crash, or with two workers on one job, every row is there exactly once.
    """

    name = "job-worker"

    def __init__(
        self,
        database: Database,
        models: ModelHost,
        redactor: Redactor,
        metrics: Metrics | None = None,
        *,
        originals: Originals | None = None,
        chunk: int = _CHUNK,
        lease: timedelta = _LEASE,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._models = models
        self._redactor = redactor
        self._metrics = metrics or Metrics()
        self._originals = originals
        self._chunk = chunk
        self._lease = lease
        self._clock = clock
        self._me = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    def step(self, stopping: threading.Event) -> bool:
        """Work on the next job until it is finished or the service stops; whether there was one."""
        try:
            self._models.current()
        except NoModelError:
            return False
        moment = self._clock()
        with self._database.read() as session:
            if not JobsRepository(session).is_waiting(self._me, moment):
                return False
        with self._database.write() as session:
            row = JobsRepository(session).claim(self._me, moment, moment + self._lease)
            if row is None:
                return False
            session.expunge(row)
        log.info("job.taken", job=row.id, attempt=row.attempts, rows_done=row.rows_done)
        try:
            status, error = self._work(row, stopping), None
        except _NotOursError:
            status, error = "cancelled", None
        except FeedbackNlpError as exc:
            status, error = "failed", str(exc)
        except Exception as exc:
            if is_passing(exc) or is_full(exc) or is_damaged(exc):
                raise  # it is taken up again when the store is back
            log.error("job.faulty", job=row.id, error=kind_of(exc))
            # To take it up again would end alike, and hold up all that come after it.
            status, error = "failed", f"a fault of the program ({kind_of(exc)}); rows that are in stay"
        self._end(row, status, error)
        return True

    def _work(self, row: JobRow, stopping: threading.Event) -> str:
        with tempfile.TemporaryDirectory(prefix="feedback-nlp-job-") as folder:
            path = Path(folder) / f"upload.{row.format}"
            self._fetch(row, path)
            done = row.rows_done
            try:
                for chunk in _chunks(islice(_rows(row, path), done, None), self._chunk):
                    if stopping.is_set():
                        return "queued"
                    self._store(row, chunk, done)
                    done += len(chunk)
            except TableError as exc:
                raise TableError(str(exc).replace(str(path), row.filename)) from exc
        return "done"

    def _fetch(self, row: JobRow, path: Path) -> None:
        with self._database.read() as session, path.open("wb") as file:
            for piece in JobsRepository(session).parts(row.id):
                file.write(piece)
        if row.rows_total is None:
            with self._database.write() as session:
                JobsRepository(session).set_total(row.id, estimate_rows(path))

    def _store(self, job: JobRow, chunk: list[Row], before: int) -> None:
        analyzer = self._models.current().analyzer
        items: list[tuple[Row, NewFeedback]] = []
        errors: list[tuple[Row, str]] = []
        for row in chunk:
            item = to_feedback(row, job.options, analyzer.taxonomy)
            if isinstance(item, str):
                errors.append((row, item))
            else:
                items.append((row, item))
        with self._database.write() as session:
            actor = Actor(job.created_by)
            service = FeedbackService(
                session, analyzer, self._redactor, actor, self._metrics.count, self._originals
            )
            outcomes = service.add([item for _, item in items], job_id=job.id, tolerant=True)
            created = 0
            for (row, _), outcome in zip(items, outcomes, strict=True):
                if outcome.error is not None:
                    errors.append((row, outcome.error))
                created += outcome.outcome == "created"
            repository = JobsRepository(session)
            repository.add_errors(
                [
                    {
                        "job_id": job.id,
                        "row": row.number,
                        "external_id": row.id and row.id.replace("\0", "\ufffd"),
                        "error": error.replace("\0", "\ufffd"),
                    }
                    for row, error in errors
                ]
            )
            until = self._clock() + self._lease
            counts = {"done": len(chunk), "created": created, "failed": len(errors)}
            if not repository.progress(job.id, self._me, before, until, **counts):
                raise _NotOursError

    def _end(self, row: JobRow, status: str, error: str | None) -> None:
        with self._database.write() as session:
            repository = JobsRepository(session)
            if status == "queued":
                repository.release(row.id, self._me)
            else:
                repository.finish(row.id, self._me, self._clock(), status, error)
        log.info("job.ended", job=row.id, status=status)


def _rows(job: JobRow, path: Path) -> Iterator[Row]:
    return read_rows(
        path,
        text_column=job.options.get("text_column"),
        id_column=job.options.get("id_column") or "id",
        format=cast(Format, job.format),
    )


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    stream = iter(rows)
    while chunk := list(islice(stream, size)):
        yield chunk
