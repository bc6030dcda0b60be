"""Judges every week once when it is over, and sends its alarms as events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from feedback_nlp.taxonomy import Taxonomy
from service.actor import Actor
from service.audit.log import record
from service.audit.repository import AuditRepository
from service.counts.facts import day_of
from service.dashboard.radar import Radar, last_week, radar
from service.dashboard.repository import DashboardRepository
from service.database.base import now
from service.database.engine import Database
from service.events.outbox import Outbox

__all__ = ["JUDGED", "RadarWorker", "judge"]

log = structlog.get_logger("service.radar")

JUDGED: Final = "radar.judged"
"""Action in the audit log: a week was judged; the subject is its Monday."""

_SYSTEM: Final = Actor("system")
_EVERY_SECONDS: Final = 3600.0


def judge(session: Session, taxonomy: Taxonomy, moment: datetime) -> Radar | None:
    """Judge the last week that is over, unless that has been done; new alarms go out as `radar.alarm`.

    An alarm that stood the week before is no new one, unless that week was never judged.

    Args:
        session: The unit of work; others that judge wait for its end.
        taxonomy: Which themes there are.
        moment: Now.

    Returns:
        What was found; None when the week had been judged already, or the history is too short to judge it.
    """
    counts = DashboardRepository(session)
    counts.wait_for_others()
    today = day_of(moment)
    monday, notes = last_week(today), AuditRepository(session)
    week, before = monday.isoformat(), (monday - timedelta(days=7)).isoformat()
    if notes.is_noted(JUDGED, "week", week):
        return None
    found = radar(counts, today, taxonomy.theme_codes)
    if found.week is None:
        return None
    told = notes.is_noted(JUDGED, "week", before)
    new = [alarm for alarm in found.alarms if alarm.new or not told]
    record(
        session, _SYSTEM, JUDGED, "week", week, alarms=len(found.alarms), new=len(new), series=found.series
    )
    Outbox(session).add(
        "radar.alarm",
        [
            {
                "theme": alarm.theme,
                "journey": alarm.journey or None,
                "since": alarm.since.isoformat(),
                "until": alarm.until.isoformat(),
                "count": alarm.count,
                "items": alarm.volume,
                "expected": round(alarm.expected, 1),
                "limit": alarm.limit,
            }
            for alarm in new
        ],
    )
    return found


class RadarWorker:
    """A background step; safe in several processes at once."""

    name = "radar"

    def __init__(
        self,
        database: Database,
        taxonomy: Callable[[], Taxonomy],
        *,
        clock: Callable[[], datetime] = now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._taxonomy = taxonomy
        self._clock = clock
        self._ticks = ticks
        self._next = ticks()

    def step(self, stopping: threading.Event) -> bool:
        """Judge the week that is over, if it is time to look; it is every hour."""
        tick = self._ticks()
        if tick >= self._next:
            self._next = tick + _EVERY_SECONDS
            moment = self._clock()
            with self._database.write() as session:
                found = judge(session, self._taxonomy(), moment)
            if found is not None:
                log.info("radar.judged", week=str(found.week), alarms=len(found.alarms))
        return False
