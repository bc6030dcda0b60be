"""Brings issues and improvements in line: makes and changes issues, and takes over what happened to them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from feedback_nlp.taxonomy import Taxonomy
from service.actor import Actor
from service.backlog.repository import BacklogRepository
from service.backlog.service import BacklogService
from service.database.base import now
from service.database.engine import Database
from service.events.outgoing import Outgoing
from service.events.retries import RETRIES, pause_after
from service.pages.i18n import translator
from service.redaction import Redactor
from service.settings import Settings
from service.trackers.adapters import Issue, Remote, Tracker, TrackerError
from service.trackers.opening import open_tracker
from service.trackers.repository import MOST_WAIT, POLL, Due, TrackersRepository
from service.trackers.tokens import Tokens
from service.trackers.writing import digest_of, issue_of, status_for

__all__ = ["TrackerWorker"]

log = structlog.get_logger("service.trackers")

_LEASE: Final = timedelta(seconds=120)
_BATCH: Final = 8


@dataclass(frozen=True, slots=True)
class _Ours:
    """An improvement as it was when the work began."""

    version: int
    status: str
    issue: Issue


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the tracker has now, what was sent, and the status that it asks of us (None: none)."""

    remote: Remote
    digest: str
    status: str | None


class TrackerWorker:
    """Claims issues that are due and brings them in line, one after the other.

    An issue whose improvement changed is due at once; any other every five minutes, to see what happened to it. A claim
    and its outcome are two units of work: whoever dies in between has it done again after its lease, and an issue that
    was made in between is found by its marker rather than made twice.

    Echoes are no news: what we sent is remembered as the tracker's state, so that it does not come back as a change of
    theirs; and a change of theirs is remembered along with the status it gave, so that it is not sent back to them.
    When both sides moved, the tracker's word counts, for the work is done there; the history has both.
    """

    name = "trackers"

    def __init__(
        self,
        database: Database,
        outgoing: Outgoing,
        settings: Settings,
        taxonomy: Callable[[], Taxonomy],
        redactor: Redactor,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._outgoing = outgoing
        self._settings = settings
        self._taxonomy = taxonomy
        self._redactor = redactor
        self._clock = clock
        self._tokens = Tokens(settings)

    def step(self, stopping: threading.Event) -> bool:
        """Look at what is due now; whether there was any."""
        moment = self._clock()
        with self._database.read() as session:
            if not TrackersRepository(session).is_due(moment):
                return False
        with self._database.write() as session:
            due = TrackersRepository(session).claim(moment, moment + _LEASE, _BATCH)
        for one in due:
            if stopping.is_set():
                break  # its lease ends by itself
            self._one(one)
        return bool(due)

    def _one(self, due: Due) -> None:
        ours = self._ours(due)
        if ours is None:
            return
        try:
            project = replace(due.project, token=self._tokens.open(due.kept_token))
            outcome = _in_line(open_tracker(project, self._outgoing), due, ours)
        except TrackerError as exc:
            self._failed(due, exc)
        except (KeyError, TypeError, ValueError, IndexError) as exc:
            self._failed(due, TrackerError(f"the answer is not as described: {type(exc).__name__}"))
        else:
            self._done(due, ours, outcome)

    def _ours(self, due: Due) -> _Ours | None:
        with self._database.read() as session:
            repository = BacklogRepository(session)
            row = repository.get(due.improvement_id)
            if row is None:
                return None
            tr = translator(self._settings.language)
            issue = issue_of(repository, row, self._settings.public_url, tr)
            return _Ours(row.version, row.status, issue)

    def _done(self, due: Due, ours: _Ours, outcome: _Outcome) -> None:
        with self._database.write() as session:
            if outcome.status is not None:
                actor = Actor(f"tracker:{due.tracker}")
                service = BacklogService(session, self._taxonomy(), self._redactor, actor)
                row = BacklogRepository(session).get(due.improvement_id, lock=True)
                if row is not None and row.merged_into is None:
                    service.change(due.improvement_id, {"status": outcome.status})
                    session.flush()
            issue = TrackersRepository(session).claimed(due.id)
            improvement = BacklogRepository(session).get(due.improvement_id)
            if issue is None or improvement is None:
                return
            remote = outcome.remote
            issue.remote_id, issue.remote_url, issue.remote_state = remote.id, remote.url, remote.state
            issue.sent_digest, issue.synced_at = outcome.digest, self._clock()
            issue.attempts, issue.last_status, issue.last_error = 0, 200, None
            # Whoever changed it meanwhile, but for ourselves just now, has it looked at again at once.
            expected = ours.version + (1 if outcome.status is not None else 0)
            changed = improvement.version != expected
            issue.status = "pending" if changed else "synced"
            issue.next_attempt_at = self._clock() + (timedelta() if changed else POLL)
        self._log(due, None, None)

    def _failed(self, due: Due, error: TrackerError) -> None:
        with self._database.write() as session:
            row = TrackersRepository(session).claimed(due.id)
            if row is None:
                return
            row.last_status, row.last_error = error.status, str(error)
            if error.lasting or due.attempt > len(RETRIES):
                row.status = "dead"
            else:
                asked = timedelta(seconds=min(error.wait or 0.0, MOST_WAIT.total_seconds()))
                row.status = "pending"
                row.next_attempt_at = self._clock() + max(pause_after(due.attempt), asked)
        self._log(due, error.status, str(error))

    @staticmethod
    def _log(due: Due, status: int | None, error: str | None) -> None:
        log.info(
            "tracker.synced" if error is None else "tracker.failed",
            tracker=due.tracker,
            improvement=due.improvement_id,
            attempt=due.attempt,
            status=status,
            error=error,
        )


def _in_line(tracker: Tracker, due: Due, ours: _Ours) -> _Outcome:
    digest = digest_of(ours.issue)
    wanted = due.states[ours.status]
    if due.remote_id is None:
        # Perhaps it was made and we died before we could note it.
        found = tracker.find(ours.issue.marker)
        remote = found or tracker.create(ours.issue)
        if found is not None:
            tracker.update(remote.id, ours.issue)
        if not _same(remote.state, wanted):
            remote = tracker.move(remote.id, wanted)
        return _Outcome(remote, f"{ours.status}:{digest}", None)
    sent_status, _, sent_digest = (due.sent_digest or ":").partition(":")
    remote = tracker.read(due.remote_id)
    theirs = None
    if due.remote_state is not None and not _same(remote.state, due.remote_state):
        theirs = status_for(remote.state, due.states, ours.status)
    if theirs is None and sent_status != ours.status and not _same(remote.state, wanted):
        remote = tracker.move(remote.id, wanted)
    if digest != sent_digest:
        tracker.update(remote.id, ours.issue)
    return _Outcome(remote, f"{theirs or ours.status}:{digest}", theirs)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
