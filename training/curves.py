"""What held-out predictions say of every possible threshold, as numbers that travel with the model and hold no text.

The report draws them; `thresholds` reads off them where a wanted precision or recall is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from joblib import delayed
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from feedback_nlp.estimators import Predictions
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.reader import ClauseReader
from feedback_nlp.readings import Readings, column
from feedback_nlp.review import expected_errors
from training.crossfit import read_held_out

__all__ = ["CURVES", "GRID", "LearningCurve", "held_out_curves"]

CURVES = "curves.json"
"""The file's name in a model folder."""

GRID = np.round(np.arange(0.02, 0.985, 0.02), 2)
"""The thresholds of a curve."""

_BINS = 10
_PAIRS = 20
_SHARES = (0.1, 0.25, 0.5)


def held_out_curves(
    data: LabelledTexts,
    predictions: Predictions,
    review_threshold: float,
    thresholds: Sequence[float],
    themes: Sequence[str],
    signals: Sequence[str],
) -> dict[str, Any]:
    """Curves, reliability and confusion from predictions by models that had not seen the items.

    Args:
        data: The n labelled items.
        predictions: Held-out predictions of them.
        review_threshold: Expected wrong assignments from which on an item is reviewed.
        thresholds: The model's own thresholds of the themes.
        themes: Theme codes.
        signals: Signal codes.

    Returns:
        As JSON. Under `labels`, per theme and signal: `threshold` (the grid), `hits`, `assigned` (numbers of
        items), `positives`, and for themes `review`, the share of items for review when this theme has that
        threshold and the others keep theirs. Under `reliability` per label ten bins with `items`, `expected` (mean
        probability) and `found` (share with the label).
    """
    probability = predictions.theme_probability
    own = expected_errors(probability, probability >= np.asarray(thresholds))
    total = own.sum(axis=1)
    labels: dict[str, Any] = {}
    for k, code in enumerate(themes):
        curve = _curve(data.themes[:, k], probability[:, k])
        rest = total - own[:, k]
        doubt = [rest + expected_errors(probability[:, k], probability[:, k] >= cut) for cut in GRID]
        curve["review"] = [round(float((each >= review_threshold).mean()), 4) for each in doubt]
        labels[code] = curve
    for k, code in enumerate(signals):
        labels[code] = _curve(data.signals[:, k], predictions.signal_probability[:, k])
    truth = np.hstack([data.themes, data.signals])
    scores = np.hstack([probability, predictions.signal_probability])
    return {
        "items": len(data),
        "labels": labels,
        "reliability": {
            code: _reliability(truth[:, k], scores[:, k]) for k, code in enumerate((*themes, *signals))
        },
        "confused": _confused(data.themes, predictions.theme_assigned, themes),
        "review_share": round(float((total >= review_threshold).mean()), 4),
        "expected_errors": round(float(total.mean()), 5),
        "assigned_share": {
            code: round(float(predictions.theme_assigned[:, k].mean()), 5) for k, code in enumerate(themes)
        },
    }


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """How well the first level ranks fold 0, learned from growing shares of the other folds.

    The first level alone, without the sentence encoder: the curve is to show whether more labels still help, not
    how good the model is.

    Attributes:
        data: The n labelled items.
        held_out: Rows of fold 0.
        learned: Rows that each step but the last learns from; the last learns from all other folds.
        most: How many those are.
    """

    data: LabelledTexts
    held_out: NDArray[np.int64]
    learned: tuple[NDArray[np.int64], ...]
    most: int

    @classmethod
    def of(cls, data: LabelledTexts, folds: NDArray[np.int64], seed: int = 0) -> Self:
        """The steps for items in `folds`, (n,); `seed` is for which items are taken first."""
        rest = np.flatnonzero(folds != 0)
        order = np.random.default_rng(seed).permutation(rest)
        learned = tuple(np.sort(order[: max(20, round(share * order.size))]) for share in _SHARES)
        return cls(data, np.flatnonzero(folds == 0), learned, rest.size)

    def calls(self, make: Callable[[], ClauseReader]) -> list[Any]:
        """What is to be done for the steps but the last, for `parallel.side_by_side`; the longest first."""
        return [delayed(read_held_out)(make(), self.data, rows, self.held_out) for rows in self.learned[::-1]]

    def steps(
        self, tables: Sequence[Readings], readings: Readings, themes: Sequence[str]
    ) -> list[dict[str, float]]:
        """Per step `items` learned from and macro `average_precision`, 0-1.

        Args:
            tables: The results of `calls`.
            readings: What the first level says of every item, learned from all of the other folds: the last step.
            themes: Theme codes.
        """
        places = [readings.names.index(column("theme", code, "text")) for code in themes]
        read = [table.values[:, places] for table in tables[::-1]]
        read.append(readings.values[self.held_out][:, places])
        return [
            {"items": items, "average_precision": _mean_precision(self.data.themes[self.held_out], scores)}
            for items, scores in zip([*map(len, self.learned), self.most], read, strict=True)
        ]


def _mean_precision(truth: NDArray[np.bool_], scores: NDArray[np.float32]) -> float:
    used = np.flatnonzero(truth.any(axis=0))
    return round(float(np.mean([average_precision_score(truth[:, k], scores[:, k]) for k in used])), 4)


def _curve(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> dict[str, Any]:
    taken = probability[:, None] >= GRID[None, :]
    return {
        "threshold": [float(cut) for cut in GRID],
        "hits": [int(value) for value in (taken & truth[:, None]).sum(axis=0)],
        "assigned": [int(value) for value in taken.sum(axis=0)],
        "positives": int(truth.sum()),
    }


def _reliability(truth: NDArray[np.bool_], probability: NDArray[np.float64]) -> list[dict[str, float]]:
    which = np.minimum((probability * _BINS).astype(int), _BINS - 1)
    bins = []
    for index in range(_BINS):
        inside = which == index
        if inside.any():
            bins.append(
                {
                    "items": int(inside.sum()),
                    "expected": round(float(probability[inside].mean()), 4),
                    "found": round(float(truth[inside].mean()), 4),
                }
            )
    return bins


def _confused(
    truth: NDArray[np.bool_], assigned: NDArray[np.bool_], themes: Sequence[str]
) -> list[dict[str, Any]]:
    """Pairs of themes: the first missed, the second wrongly assigned in the same item; the most frequent first."""
    missed, wrong = (truth & ~assigned).astype(np.int64), (assigned & ~truth).astype(np.int64)
    table = missed.T @ wrong
    pairs: list[dict[str, Any]] = [
        {"labelled": themes[i], "assigned": themes[j], "items": int(table[i, j])}
        for i in range(len(themes))
        for j in range(len(themes))
        if table[i, j]
    ]
    return sorted(pairs, key=lambda pair: (-pair["items"], pair["labelled"], pair["assigned"]))[:_PAIRS]
