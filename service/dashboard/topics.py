"""New topics: what the latest texts that no theme covers are about."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol, runtime_checkable

import numpy as np
import structlog

from feedback_nlp.encoder import Encoder
from feedback_nlp.topics import TopicText, emerging_topics
from service.counts.facts import day_of, start_of
from service.dashboard.repository import DashboardRepository
from service.database.base import now
from service.database.engine import Database
from service.errors import NoModelError
from service.models.live import ModelHost

__all__ = ["LOOKED_AT", "NewTopic", "PointsWorker", "Topics", "encoder_of", "new_topics"]

log = structlog.get_logger("service.topics")

LOOKED_AT: Final = 1000
"""The latest texts without a theme that are looked at."""

_RECENT: Final = timedelta(days=28)
_HISTORY: Final = timedelta(days=182)
_BATCH: Final = 16
_EVERY_SECONDS: Final = 600.0


@runtime_checkable
class _Encoding(Protocol):
    """A model that may have been built on a sentence encoder."""

    @property
    def encoder(self) -> Encoder | None:
        """The encoder, or None."""


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A group of like texts that has grown in the last four weeks.

    Attributes:
        id: Its first item, by which it is known for as long as that item is looked at.
        phrases: What its texts share.
        items: Its items, the oldest first.
        recent: How many of them are of the last four weeks.
        expected: How many there would be if the group were as old as the rest.
        p_value: Chance of at least so many in that case.
    """

    id: int
    phrases: tuple[str, ...]
    items: tuple[int, ...]
    recent: int
    expected: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Topics:
    """The new topics.

    Attributes:
        texts: How many texts were looked at.
        recent: How many of them are of the last four weeks.
        by_meaning: Whether they were compared by meaning, as a sentence encoder reads it, beside their words.
        topics: The topics, the least likely by chance first.
    """

    texts: int
    recent: int
    by_meaning: bool
    topics: tuple[NewTopic, ...]


def encoder_of(models: ModelHost) -> Encoder | None:
    """The sentence encoder of the model in use; None when there is none, or no model."""
    try:
        analyzer = models.current().analyzer
    except NoModelError:
        return None
    return analyzer.encoder if isinstance(analyzer, _Encoding) else None


def new_topics(counts: DashboardRepository, today: date, encoder: Encoder | None = None) -> Topics:
    """Group the latest texts without a theme of half a year.

    Args:
        counts: Where they are.
        today: A day in Dutch time.
        encoder: That of the model in use. Texts are compared by meaning once its points of all of them are there
            (see `PointsWorker`), until then by words alone.
    """
    recent = start_of(today - _RECENT)
    rows = _latest(counts, today)
    texts = [TopicText(str(id_), text, moment >= recent) for id_, moment, text in rows]
    known = counts.points(encoder.digest) if encoder else {}
    whole = bool(rows) and all(id_ in known for id_, _, _ in rows)
    points = np.stack([np.frombuffer(known[id_], np.float16) for id_, _, _ in rows]) if whole else None
    found = tuple(
        NewTopic(
            id=int(one.id),
            phrases=one.phrases,
            items=tuple(map(int, one.texts)),
            recent=one.recent,
            expected=one.expected,
            p_value=one.p_value,
        )
        for one in emerging_topics(texts, points)
    )
    return Topics(len(texts), sum(text.recent for text in texts), whole, found)


def _latest(counts: DashboardRepository, today: date) -> list[tuple[int, datetime, str]]:
    until = start_of(today + timedelta(days=1))
    return counts.without_theme(start_of(today - _HISTORY), until, LOOKED_AT)


class PointsWorker:
    """A background step that reads the latest texts without a theme, some at a time; safe in several processes."""

    name = "points"

    def __init__(
        self,
        database: Database,
        models: ModelHost,
        *,
        clock: Callable[[], datetime] = now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._models = models
        self._clock = clock
        self._ticks = ticks
        self._next = ticks()

    def step(self, stopping: threading.Event) -> bool:
        """Read what has not been read by the encoder in use, and forget what is looked at no more."""
        tick = self._ticks()
        encoder = encoder_of(self._models)
        if encoder is None or tick < self._next:
            return False
        moment = self._clock()
        with self._database.read() as session:
            counts = DashboardRepository(session)
            rows = _latest(counts, day_of(moment))
            known = counts.points(encoder.digest)
        new = [(id_, text) for id_, _, text in rows if id_ not in known]
        for start in range(0, len(new), _BATCH):
            if stopping.is_set():
                return False
            ids, texts = zip(*new[start : start + _BATCH], strict=True)
            made = encoder.points(texts).astype(np.float16)
            with self._database.write() as session:
                held = {id_: point.tobytes() for id_, point in zip(ids, made, strict=True)}
                DashboardRepository(session).put_points(encoder.digest, held)
        with self._database.write() as session:
            gone = DashboardRepository(session).keep_points(encoder.digest, [id_ for id_, _, _ in rows])
        self._next = tick + _EVERY_SECONDS
        if new or gone:
            log.info("topics.read", texts=len(new), forgotten=gone)
        return False
