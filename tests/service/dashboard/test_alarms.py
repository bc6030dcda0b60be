"""Every week is judged once; what rises is told to whoever asked to be told."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from service.audit.tables import AuditRow
from service.counts.facts import day_of
from service.dashboard.alarms import JUDGED, RadarWorker, judge
from service.dashboard.radar import last_week
from service.database.base import now
from service.database.engine import Database
from service.events.repository import EventsRepository
from service.events.tables import DeliveryRow, EventRow
from tests.service.dashboard.test_dashboards import TAXONOMY, planted, stored


def test_an_alarm_is_sent_once_with_codes_and_counts_only(database: Database) -> None:
    stored(database, planted(20, rise=True))
    with database.write() as session:
        EventsRepository(session).subscribe("https://klant.example/hook", ["radar.alarm"], "whsec_x", "anna")
    worker = RadarWorker(database, lambda: TAXONOMY)
    worker.step(threading.Event())
    RadarWorker(database, lambda: TAXONOMY).step(threading.Event())
    today = date.today()  # noqa: DTZ011
    monday = last_week(today)
    with database.read() as session:
        events = session.scalars(select(EventRow).where(EventRow.type == "radar.alarm")).all()
        assert sorted((event.data["theme"], event.data["journey"] or "") for event in events) == [
            ("bereikbaarheid", ""), ("bereikbaarheid", "betalen"),
        ]  # fmt: skip
        for event in events:
            assert event.data.keys() == {
                "theme", "journey", "since", "until", "count", "items", "expected", "limit",
            }  # fmt: skip
            assert event.data["until"] == (monday + timedelta(days=6)).isoformat()
            assert event.data["count"] >= event.data["limit"]
        assert len(session.scalars(select(DeliveryRow)).all()) == 2
        judged = session.scalars(select(AuditRow).where(AuditRow.action == JUDGED)).all()
        assert [row.subject_id for row in judged] == [monday.isoformat()]
        assert judged[0].details["alarms"] == 2


def test_a_week_later_the_next_week_is_judged(database: Database) -> None:
    stored(database, planted(20, rise=False))
    with database.write() as session:
        assert judge(session, TAXONOMY, now()) is not None
    with database.write() as session:
        assert judge(session, TAXONOMY, now()) is None
        assert judge(session, TAXONOMY, now() + timedelta(days=7)) is not None


def test_an_alarm_that_stands_is_not_sent_again_unless_the_week_before_was_never_judged(
    database: Database,
) -> None:
    stored(database, planted(20, rise=True))
    with database.write() as session:
        EventsRepository(session).subscribe("https://klant.example/hook", ["radar.alarm"], "whsec_x", "anna")
    week = timedelta(days=7)
    sent = []
    for moment in (now(), now() + week, now() + 3 * week):
        with database.write() as session:
            found = judge(session, TAXONOMY, moment)
            assert found is not None
        with database.read() as session:
            events = session.scalar(select(func.count()).select_from(EventRow))
            sent.append((len(found.alarms), events))
    # The rise is of one week, but two weeks and four weeks together are still beyond their limits.
    assert sent == [(2, 2), (2, 2), (2, 4)]


def test_a_short_history_is_left_for_later(database: Database) -> None:
    stored(database, planted(6, rise=True))
    with database.write() as session:
        assert judge(session, TAXONOMY, now()) is None
    with database.read() as session:
        assert session.scalars(select(AuditRow).where(AuditRow.action == JUDGED)).all() == []


@pytest.mark.parametrize("leap", [timedelta(days=-4), timedelta(hours=-3), timedelta(days=2)])
def test_it_is_looked_every_hour_that_goes_by_however_the_wall_clock_leaps(
    database: Database, leap: timedelta
) -> None:
    moment, tick = now(), 0.0
    worker = RadarWorker(database, lambda: TAXONOMY, clock=lambda: moment, ticks=lambda: tick)
    worker.step(threading.Event())  # nothing is there yet, so that the week is left for later
    stored(database, planted(20, rise=False))
    moment += leap
    weeks = []
    for tick in (3599.0, 3600.0):  # noqa: B007 - the worker reads it
        worker.step(threading.Event())
        with database.read() as session:
            weeks.append(list(session.scalars(select(AuditRow.subject_id).where(AuditRow.action == JUDGED))))
    assert weeks == [[], [last_week(day_of(moment)).isoformat()]]
