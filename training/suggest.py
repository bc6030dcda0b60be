"""Which unlabelled items to label next: in doubt, unlike each other, and some for every theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Suggestion", "doubt", "quotas", "suggest"]

Floats = NDArray[np.float64]

_SHORTLIST = 8
"""So many times its quota are the items from among which a theme takes those that are unlike the others."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item to label.

    Attributes:
        row: Its place in the pool.
        theme: The theme it was chosen for.
        doubt: How much in doubt that theme is, 0-1.
        distance: How unlike the nearest item chosen before it, 0 (the same) to 2; 2 for the first.
    """

    row: int
    theme: str
    doubt: float
    distance: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"theme": self.theme, "doubt": round(self.doubt, 4), "distance": round(self.distance, 4)}


def doubt(probability: Floats, thresholds: Sequence[float]) -> Floats:
    """How near each probability lies to the threshold: 1 at the threshold, 0 at the ends; (n, labels)."""
    cut = np.clip(np.asarray(thresholds, dtype=np.float64), 1e-6, 1 - 1e-6)
    return np.where(probability < cut, probability / cut, (1 - probability) / (1 - cut))


def quotas(number: int, need: Sequence[float]) -> list[int]:
    """`number` items shared out by `need` (not negative; equal shares when all are 0), by the largest remainders."""
    weight = np.asarray(need, dtype=np.float64)
    weight = np.full(weight.size, 1.0) if weight.sum() <= 0 else weight
    exact = number * weight / weight.sum()
    whole = np.floor(exact).astype(int)
    for index in np.argsort(-(exact - whole), kind="stable")[: number - int(whole.sum())]:
        whole[index] += 1
    return [int(value) for value in whole]


def suggest(
    probability: Floats,
    thresholds: Sequence[float],
    embedding: Floats,
    themes: Sequence[str],
    number: int,
    *,
    need: Sequence[float] | None = None,
    lengths: Sequence[int] | None = None,
    labelled: Floats | None = None,
) -> list[Suggestion]:
    """Choose items, the most wanted first.

    The themes take turns. Each looks at the items it is most in doubt about and takes the one whose doubt, times
    the logarithm of its length and the square root of its distance from all that was taken before (and from what is
    labelled already), is largest. How this was found: `docs/decisions/active-labelling.md`.

    Args:
        probability: Of every pool item and theme, (n, themes).
        thresholds: The themes' thresholds.
        embedding: Rows of unit length, (n, width).
        themes: Theme codes.
        number: How many to choose; at most n are.
        lengths: Lengths of the texts, (n,): a text that says more teaches more, by the logarithm; None for all alike.
        need: How much each theme wants labels; None for equal quotas.
        labelled: Embeddings of items that are labelled, (m, width), or None.
    """
    n = len(probability)
    number = min(number, n)
    uncertain = doubt(probability, thresholds)
    size = np.ones(n) if lengths is None else np.log1p(np.asarray(lengths, dtype=np.float64))
    wanted = uncertain * size[:, None]
    left = quotas(number, need if need is not None else [1.0] * len(themes))
    nearest = np.full(n, 2.0)
    if labelled is not None and len(labelled):
        for start in range(0, n, 512):
            nearest[start : start + 512] = 1 - (embedding[start : start + 512] @ labelled.T).max(axis=1)
    order = np.argsort(-wanted, axis=0, kind="stable")
    shortlist = [order[: max(_SHORTLIST * quota, 50), k] for k, quota in enumerate(left)]
    free = np.ones(n, dtype=bool)
    chosen: list[Suggestion] = []
    while len(chosen) < number:
        for k in sorted(range(len(themes)), key=lambda k: -left[k]):
            if not left[k] or len(chosen) == number:
                continue
            rows = shortlist[k][free[shortlist[k]]]
            if not rows.size:
                rows = order[free[order[:, k]], k]
            worth = wanted[rows, k] * np.sqrt(np.maximum(nearest[rows], 1e-6))
            row = int(rows[worth.argmax()])
            chosen.append(Suggestion(row, themes[k], float(uncertain[row, k]), float(nearest[row])))
            free[row] = False
            left[k] -= 1
            nearest = np.minimum(nearest, 1 - embedding @ embedding[row])
    return chosen
