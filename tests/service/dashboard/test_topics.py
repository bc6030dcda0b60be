"""Texts that no theme covers are read once by the encoder in use, and compared by what they mean."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from feedback_nlp.encoder import EncoderOutput
from service.counts.facts import day_of
from service.dashboard.repository import DashboardRepository
from service.dashboard.tables import PointRow
from service.dashboard.topics import PointsWorker, Topics, new_topics
from service.database.base import now
from service.database.engine import Database
from service.feedback.records import NewFeedback
from service.feedback.tables import FeedbackRow
from service.models.live import ModelHost
from tests.service.dashboard.test_dashboards import stored
from tests.service.support import WordAnalyzer

SAID = ("Het toilet was vies", "Smerige wc", "Sanitair schoner graag", "Urine op de vloer", "Zeep was op")
DIRTY = ("toilet", "wc", "sanitair", "urine", "zeep")


@dataclass
class SmallEncoder:
    """Knows what is dirty; every other text is unlike all others."""

    digest: str = "sha256:one"
    read: list[str] = field(default_factory=list)
    version: str = "small"
    columns: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()

    def points(self, texts: Sequence[str]) -> NDArray[np.float64]:
        self.read += texts
        made = [
            np.eye(99)[0]
            if any(word in text.lower() for word in DIRTY)
            else np.eye(99)[1 + crc32(text.encode()) % 98]
            for text in texts
        ]
        return np.array(made)

    def encode(self, texts: Sequence[str]) -> EncoderOutput:
        raise NotImplementedError


@dataclass(frozen=True)
class Encoding(WordAnalyzer):
    encoder: SmallEncoder = field(default_factory=SmallEncoder)


def host_of(encoder: SmallEncoder) -> ModelHost:
    host = ModelHost(lambda: Path("small"), lambda folder: Encoding(encoder=encoder))
    host.refresh()
    return host


def filled(database: Database) -> None:
    moment = datetime.now(UTC)
    words = ("brieven", "adres", "agenda", "formulier", "folder", "uitnodiging")
    old = [
        NewFeedback(f"Vraag {word} {number}.", occurred_at=moment - timedelta(days=60 + number))
        for number, word in enumerate(words * 5)
    ]
    new = [NewFeedback(text, occurred_at=moment - timedelta(days=number)) for number, text in enumerate(SAID)]
    stored(database, old + new)


def told(database: Database, encoder: SmallEncoder | None) -> Topics:
    with database.read() as session:
        return new_topics(DashboardRepository(session), day_of(now()), encoder)  # type: ignore[arg-type]


def held(database: Database) -> dict[str, int]:
    with database.read() as session:
        rows = session.execute(select(PointRow.encoder, func.count().label("n")).group_by(PointRow.encoder))
        return {row.encoder: row.n for row in rows}


def test_topics_are_compared_by_meaning_once_all_texts_are_read(database: Database) -> None:
    filled(database)
    encoder = SmallEncoder()
    before = told(database, encoder)
    assert (before.by_meaning, before.topics) == (False, ())
    PointsWorker(database, host_of(encoder)).step(threading.Event())
    after = told(database, encoder)
    assert after.by_meaning
    assert [(len(one.items), one.recent) for one in after.topics] == [(5, 5)]
    assert not told(database, None).by_meaning


def test_each_text_is_read_once_and_its_point_goes_with_it(database: Database) -> None:
    filled(database)
    encoder = SmallEncoder()
    for _ in range(2):
        PointsWorker(database, host_of(encoder)).step(threading.Event())
    assert len(encoder.read) == 35
    assert held(database) == {"sha256:one": 35}
    with database.write() as session:
        session.delete(session.scalars(select(FeedbackRow).limit(1)).one())
    assert held(database) == {"sha256:one": 34}


def test_another_encoder_reads_everything_anew_and_a_stopped_one_goes_on_later(database: Database) -> None:
    filled(database)
    stopped = threading.Event()
    stopped.set()
    PointsWorker(database, host_of(SmallEncoder())).step(stopped)
    assert held(database) == {}
    PointsWorker(database, host_of(SmallEncoder())).step(threading.Event())
    PointsWorker(database, host_of(SmallEncoder("sha256:two"))).step(threading.Event())
    assert held(database) == {"sha256:two": 35}


def test_what_is_looked_at_no_more_is_forgotten(database: Database) -> None:
    filled(database)
    host = host_of(SmallEncoder())
    PointsWorker(database, host).step(threading.Event())
    later = PointsWorker(database, host, clock=lambda: now() + timedelta(days=150))
    later.step(threading.Event())
    assert held(database) == {"sha256:one": 5}


def test_texts_are_read_every_ten_minutes_that_go_by_however_the_wall_clock_leaps(database: Database) -> None:
    tick = 0.0
    filled(database)
    host = host_of(SmallEncoder())
    worker = PointsWorker(database, host, clock=lambda: now() - timedelta(days=1), ticks=lambda: tick)
    worker.step(threading.Event())
    first = held(database)
    filled(database)
    tick = 599.0
    worker.step(threading.Event())
    assert held(database) == first
    tick = 600.0
    worker.step(threading.Event())
    assert held(database) != first


def test_a_model_without_encoder_reads_nothing(database: Database) -> None:
    filled(database)
    host = ModelHost(lambda: Path("words"), lambda folder: WordAnalyzer())
    worker = PointsWorker(database, host)
    worker.step(threading.Event())
    host.refresh()
    worker.step(threading.Event())
    assert held(database) == {}
