"""Which items are for testing, and which fold an item of the training part belongs to.

Both follow from a hash of the id (and, for folds, the domain) alone: an item stays where it is when the corpus grows.
"""

from __future__ import annotations

import hashlib

__all__ = ["FOLDS", "HELD_OUT_DOMAINS", "TEST_SHARE", "fold_of", "is_test"]

TEST_SHARE = 0.15

HELD_OUT_DOMAINS = ("hypotheek", "energie", "zorg", "webwinkel", "telecom")
"""Sizeable, distinct domains: fold k holds every training item of domain k, so its predictions come from a model that
never saw that domain. See `docs/decisions/folds.md`."""

FOLDS = len(HELD_OUT_DOMAINS)


def is_test(item_id: str) -> bool:
    """Whether the item belongs to the frozen test split, for ever."""
    return _unit_interval("feedback_nlp/split/v1:" + item_id) < TEST_SHARE


def fold_of(item_id: str, domain: str) -> int:
    """The cross-fitting fold, 0 to `FOLDS` - 1: the domain's own for a held-out domain, a fifth by hash otherwise."""
    if domain in HELD_OUT_DOMAINS:
        return HELD_OUT_DOMAINS.index(domain)
    return int(_unit_interval("feedback_nlp/fold/v1:" + item_id) * FOLDS)


def _unit_interval(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64
