"""Counts all items anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import structlog

from service.counts.facts import Sums, day_of
from service.counts.repository import CountsRepository
from service.database.base import now
from service.database.engine import Database

__all__ = ["count_once", "differences", "recount"]

log = structlog.get_logger("service.counts")

_FULL: Final = 200_000


def recount(database: Database, told: Callable[[int], None] = lambda items: None) -> int:
    """Count everything anew, in one unit of work; whoever reads sees the old counts until it is done.

    Those who write wait meanwhile: on SQLite all of them, on PostgreSQL those who change items.

    Args:
        database: The store.
        told: Called with the number of items of each batch.

    Returns:
        How many items there are.
    """
    with database.write() as session:
        repository = CountsRepository(session)
        repository.empty()
        sums, items, last = Sums(), 0, date.min
        for facts in repository.all_facts():
            for fact in facts:
                day = day_of(fact.occurred_at)
                if day > last and len(sums) > _FULL:  # every day in it is complete
                    repository.fill(sums)
                    sums.clear()
                last = day
                sums.add([fact])
            items += len(facts)
            told(len(facts))
        repository.fill(sums)
        repository.counted(items, now())
    return items


def count_once(database: Database) -> None:
    """Count a store that never was: one that is older than the counts."""
    with database.read() as session:
        if CountsRepository(session).is_counted():
            return
    items = recount(database)
    if items:
        log.info("counts.made", items=items)


def differences(database: Database) -> int:
    """How many counts are not what counting anew would make them; 0 on a sound store."""
    with database.read() as session:
        repository = CountsRepository(session)
        sums = Sums()
        for facts in repository.all_facts():
            sums.add(facts)
        held = repository.all()
        wrong = 0
        for table, rows in sums.rows():
            right = {key: tuple(values) for key, values in rows}
            wrong += sum(held[table].get(key) != values for key, values in right.items())
            wrong += sum(key not in right for key in held[table])
    return wrong
