"""A wall clock that is put back or leaps ahead; of jobs it is told in `test_jobs`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from service.access.keys import Keys, KeyService
from service.access.passwords import Passwords
from service.access.sessions import Policy, Sessions
from service.access.throttle import RateLimiter, Throttle
from service.access.usage import Usage
from service.access.users import UserService
from service.actor import LOCAL
from service.backlog.tables import ImprovementRow
from service.database.base import now
from service.database.engine import Database
from service.events.delivery import DeliveryWorker
from service.events.outbox import Outbox
from service.events.repository import EventsRepository
from service.events.retries import RETRIES
from service.events.sender import Message, Sent
from service.events.signing import SigningSecrets
from service.events.tables import DeliveryRow, SubscriptionRow
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from service.feedback.tables import FeedbackRow, IdempotencyRow
from service.operations.housekeeping import KEEP_KEYS, Housekeeping
from service.privacy.retention import RetentionWorker
from service.redaction import default_redactor
from service.settings import Settings
from service.trackers.repository import POLL, TrackersRepository
from service.trackers.tables import TrackerIssueRow, TrackerRow
from tests.service.support import WordAnalyzer

JUMPS = [timedelta(hours=3), timedelta(days=4)]
PASSWORD = "correct horse battery"
NEVER = threading.Event()


class Clock:
    """The wall clock, and the one that nobody can put right."""

    def __init__(self) -> None:
        self.moment = now()
        self.tick = 0.0

    def __call__(self) -> datetime:
        return self.moment

    def ticks(self) -> float:
        return self.tick

    def leap(self, by: timedelta) -> None:
        self.moment += by

    def run(self, by: timedelta) -> None:
        self.moment += by
        self.tick += by.total_seconds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- who is let in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", JUMPS)
def test_a_revoked_key_stays_out_though_the_clock_is_put_back(
    database: Database, clock: Clock, back: timedelta
) -> None:
    with database.write() as session:
        keys = KeyService(session, LOCAL, clock=clock)
        made = keys.create("crm", ["read"])
    with database.write() as session:
        KeyService(session, LOCAL, clock=clock).revoke(made.prefix)
    clock.leap(-back)
    known = Keys(database, Usage(database), clock=clock, ticks=clock.ticks)
    assert known.recognise(made.secret) is None


def sessions_of(database: Database, clock: Clock, **policy: Any) -> Sessions:
    cheap = Passwords(rounds=1, memory_kib=64)
    with database.write() as session:
        UserService(session, cheap, LOCAL).add("joke", "handler", password=PASSWORD, one_time=False)
    return Sessions(database, cheap, Usage(database), Policy(**policy), clock=clock)


@pytest.mark.parametrize("back", JUMPS)
def test_a_session_does_not_live_longer_because_the_clock_is_put_back(
    database: Database, clock: Clock, back: timedelta
) -> None:
    sessions = sessions_of(database, clock)
    token = sessions.sign_in("joke", PASSWORD, "127.0.0.1")
    assert token is not None
    clock.leap(timedelta(minutes=-2))
    assert sessions.recognise(token) is not None, "hosts may differ by minutes"
    clock.leap(-back)
    assert sessions.recognise(token) is None
    again = sessions.sign_in("joke", PASSWORD, "127.0.0.1")
    assert again is not None
    assert sessions.recognise(again) is not None


@pytest.mark.parametrize("ahead", JUMPS)
def test_a_session_that_began_while_the_clock_was_ahead_ends_when_it_is_put_right(
    database: Database, clock: Clock, ahead: timedelta
) -> None:
    sessions = sessions_of(database, clock)
    clock.leap(ahead)
    token = sessions.sign_in("joke", PASSWORD, "127.0.0.1")
    assert token is not None
    clock.leap(-ahead)
    assert sessions.recognise(token) is None


@pytest.mark.parametrize("back", JUMPS)
def test_a_locked_user_does_not_stay_locked_for_as_long_as_the_clock_was_put_back(
    database: Database, clock: Clock, back: timedelta
) -> None:
    sessions = sessions_of(database, clock, tries=2)
    for _ in range(2):
        sessions.sign_in("joke", "wrong", "127.0.0.1")
    clock.leap(-back)
    assert sessions.sign_in("joke", PASSWORD, "127.0.0.1") is None, "the lock itself stays"
    clock.run(timedelta(minutes=15, seconds=1))
    assert sessions.sign_in("joke", PASSWORD, "127.0.0.1") is not None


@pytest.mark.parametrize("leap", [*JUMPS, *(-jump for jump in JUMPS)])
def test_limits_on_how_often_something_may_happen_do_not_look_at_the_wall_clock(leap: timedelta) -> None:
    limiter, throttle = RateLimiter(), Throttle(1, 900)
    assert limiter.take("crm", 1).allowed
    throttle.count("127.0.0.1")
    with time_machine.travel(now() + leap):
        assert not limiter.take("crm", 1).allowed
        assert limiter.take("crm", 1).seconds <= 60
        assert not throttle.allows("127.0.0.1")
    assert limiter.take("other", 1).allowed


# --- what is sent ------------------------------------------------------------------------------------------------


class Receiver:
    """Takes everything, or nothing."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.works = True

    def send(self, message: Message) -> Sent:
        if not self.works:
            return Sent(500, "it is out of order")
        self.took.append(message.id)
        return Sent(204, None)


@contextmanager
def at(clock: Clock) -> Iterator[None]:
    with time_machine.travel(clock.moment, tick=False):
        yield


def with_event(database: Database, clock: Clock) -> None:
    with at(clock), database.write() as session:
        if session.scalar(select(func.count()).select_from(SubscriptionRow)) == 0:
            EventsRepository(session).subscribe("https://example.org", ["feedback.analysed"], "whsec_", "x")
        Outbox(session).add("feedback.analysed", [{"feedback_id": 1}])


@pytest.mark.parametrize("back", JUMPS)
def test_an_event_is_not_held_up_by_a_clock_that_was_put_back(
    database: Database, clock: Clock, back: timedelta
) -> None:
    receiver = Receiver()
    worker = DeliveryWorker(database, receiver, SigningSecrets(Settings()), clock=clock)  # type: ignore[arg-type]
    with_event(database, clock)
    clock.leap(-back)
    assert worker.step(NEVER)
    assert len(receiver.took) == 1


@pytest.mark.parametrize("failures", [1, 2, 3])
@pytest.mark.parametrize("back", JUMPS)
def test_a_delivery_that_failed_is_tried_again_after_its_pause_though_the_clock_was_put_back(
    database: Database, clock: Clock, back: timedelta, failures: int
) -> None:
    receiver = Receiver()
    receiver.works = False
    worker = DeliveryWorker(database, receiver, SigningSecrets(Settings()), clock=clock)  # type: ignore[arg-type]
    with_event(database, clock)
    for pause in RETRIES[:failures]:
        assert worker.step(NEVER)
        assert not worker.step(NEVER), "first comes the pause"
        if pause is not RETRIES[failures - 1]:
            clock.run(pause * 1.3)
    receiver.works = True
    clock.leap(-back)
    clock.run(RETRIES[failures - 1] * 1.3 + timedelta(minutes=10))
    assert worker.step(NEVER)
    assert len(receiver.took) == 1


def test_a_clock_that_leaps_ahead_sends_nothing_twice(database: Database, clock: Clock) -> None:
    receiver = Receiver()
    worker = DeliveryWorker(database, receiver, SigningSecrets(Settings()), clock=clock)  # type: ignore[arg-type]
    with_event(database, clock)
    assert worker.step(NEVER)
    clock.leap(timedelta(days=400))
    assert not worker.step(NEVER)
    with database.read() as session:
        assert session.scalars(select(DeliveryRow.status)).one() == "delivered"


@pytest.mark.parametrize("back", JUMPS)
def test_an_issue_is_looked_at_again_though_the_clock_was_put_back(
    database: Database, clock: Clock, back: timedelta
) -> None:
    with database.write() as session:
        improvement = ImprovementRow(title="x", created_by="x")
        tracker = TrackerRow(
            name="x", kind="github", url="u", project="p", token="t", states={}, created_by="x"
        )
        session.add_all([improvement, tracker])
        session.flush()
        issue = TrackerIssueRow(
            improvement_id=improvement.id,
            tracker_id=tracker.id,
            status="synced",
            attempts=0,
            next_attempt_at=clock.moment + POLL,
            created_by="x",
        )
        session.add(issue)

    def is_due() -> bool:
        with database.read() as session:
            return TrackersRepository(session).is_due(clock())

    assert not is_due()
    clock.leap(-back)
    assert is_due()


# --- what is destroyed -------------------------------------------------------------------------------------------


def items(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(FeedbackRow)) or 0


def with_item(database: Database, received: datetime) -> None:
    with database.write() as session:
        FeedbackService(session, WordAnalyzer(), default_redactor(), LOCAL).add(
            [NewFeedback("In de wacht.", "crm")]
        )
        session.execute(update(FeedbackRow).values(received_at=received))


def test_a_clock_that_leaps_ahead_by_years_destroys_nothing_for_a_day(
    database: Database, clock: Clock
) -> None:
    with_item(database, clock.moment)
    worker = RetentionWorker(database, Settings(), clock=clock.ticks, calendar=clock)
    worker.step(NEVER)
    clock.leap(timedelta(days=3650))
    for _ in range(23):
        clock.run(timedelta(hours=1))
        worker.step(NEVER)
        assert items(database) == 1
    clock.leap(timedelta(days=-3650))
    for _ in range(30):
        clock.run(timedelta(hours=1))
        worker.step(NEVER)
    assert items(database) == 1


def test_a_leap_that_nobody_puts_right_within_a_day_is_believed(database: Database, clock: Clock) -> None:
    """A machine that slept for a month looks just like that."""
    with_item(database, clock.moment)
    worker = RetentionWorker(
        database, Settings(retention_feedback_days=20), clock=clock.ticks, calendar=clock
    )
    worker.step(NEVER)
    clock.leap(timedelta(days=30))
    for _ in range(26):
        clock.run(timedelta(hours=1))
        worker.step(NEVER)
    assert items(database) == 0


def test_housekeeping_goes_on_every_hour_though_the_clock_was_put_back(
    database: Database, clock: Clock
) -> None:
    housekeeping = Housekeeping(database, clock=clock, ticks=clock.ticks)
    clock.leap(timedelta(days=-4))
    with database.write() as session:
        old = clock.moment - 2 * KEEP_KEYS
        session.add(IdempotencyRow(actor="x", key="k", digest="d", created_at=old, outcomes={}))
    clock.run(timedelta(hours=1, seconds=1))
    housekeeping.step(NEVER)
    with database.read() as session:
        assert session.scalars(select(IdempotencyRow.key)).all() == []
