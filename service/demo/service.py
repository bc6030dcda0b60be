"""Puts the demonstration in, and takes it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from service.actor import Actor
from service.audit.log import record
from service.database.base import now
from service.database.engine import Database
from service.demo.repository import DemoRepository
from service.demo.year import DemoItem, draw
from service.feedback.records import Correction
from service.feedback.service import FeedbackService
from service.models.live import Analyzer
from service.redaction import Redactor

__all__ = ["DEMO_ITEMS", "add_demo", "remove_demo"]

DEMO_ITEMS: Final = 1200
_BATCH: Final = 100


def add_demo(
    database: Database,
    analyzer: Analyzer,
    redactor: Redactor,
    actor: Actor,
    corpus: Path,
    count: int = DEMO_ITEMS,
) -> Iterator[int]:
    """Put a year of feedback in, batch by batch; what is there already stays as it is.

    Args:
        database: The store.
        analyzer: The model in use; it reads every item as it would read a customer's.
        redactor: What replaces personal data.
        actor: Who asks.
        corpus: Labelled items to draw from.
        count: How many items.

    Yields:
        How many items have been worked through.
    """
    items = draw(corpus, count, now())
    for start in range(0, len(items), _BATCH):
        batch = items[start : start + _BATCH]
        with database.write() as session:
            _store(batch, DemoRepository(session), FeedbackService(session, analyzer, redactor, actor))
            if start == 0:
                record(session, actor, "demo.added", "demo", "year", items=len(items))
        yield start + len(batch)


def _store(batch: Sequence[DemoItem], demo: DemoRepository, service: FeedbackService) -> None:
    outcomes = service.add([item.feedback for item in batch], tolerant=True)
    made = [
        (outcome.id, item)
        for outcome, item in zip(outcomes, batch, strict=True)
        if outcome.outcome == "created" and outcome.id is not None
    ]
    if not made:
        return
    demo.came_in_when_written(
        {id_: item.feedback.occurred_at for id_, item in made if item.feedback.occurred_at is not None}
    )
    for id_, item in made:
        if item.status != "new":
            service.change(id_, {"status": item.status})
        if item.confirmed:
            service.correct(id_, Correction())


def remove_demo(database: Database, actor: Actor) -> int:
    """Take the demonstration out; how many items there were."""
    with database.write() as session:
        count = DemoRepository(session).remove()
        record(session, actor, "demo.removed", "demo", "year", items=count)
    return count
