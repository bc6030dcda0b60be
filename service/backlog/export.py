"""Improvements, and the customers to be told, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from service.backlog.records import BacklogFilter, priority
from service.backlog.repository import BacklogRepository

__all__ = ["COLUMNS", "CUSTOMER_COLUMNS", "customer_rows", "entry_rows"]

COLUMNS: Final = (
    "id",
    "title",
    "status",
    "theme",
    "journey",
    "owner_id",
    "items",
    "gain",
    "gain_low",
    "gain_high",
    "reach",
    "effort",
    "score",
    "due_on",
    "done_on",
    "verdict",
    "public_title",
    "public_text",
    "published_at",
    "description",
    "created_at",
    "created_by",
)
CUSTOMER_COLUMNS: Final = ("source", "external_id", "told_at")
_PAGE: Final = 200


def entry_rows(repository: BacklogRepository) -> Iterator[dict[str, Any]]:
    """All improvements but those that went up in another, the newest first."""
    after: int | None = None
    while True:
        rows, after = repository.page(BacklogFilter(), limit=_PAGE, after=after)
        counts = repository.item_counts([row.id for row in rows])
        for row in rows:
            values = {name: getattr(row, name) for name in COLUMNS if hasattr(row, name)}
            rank = priority(row.gain, row.reach, row.effort)
            effects = repository.effects(row.id)
            yield {
                **values,
                "items": counts.get(row.id, 0),
                "score": None if rank is None else round(rank.score, 1),
                "verdict": effects[0].result["verdict"] if effects else None,
            }
        if after is None:
            return


def customer_rows(repository: BacklogRepository, id_: int) -> Iterator[dict[str, Any]]:
    """Customers of an improvement, by the senders' ids."""
    for _, source, external_id, told_at in repository.customers(id_):
        yield {"source": source, "external_id": external_id, "told_at": told_at}
