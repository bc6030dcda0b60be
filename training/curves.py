"""What held-out predictions say of every possible threshold, as numbers that travel with the model and hold no text.

The report draws them; `thresholds` reads off them where a wanted precision or recall is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

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
from training.parallel import side_by_side

__all__ = ["CURVES", "GRID", "held_out_curves", "learning_curve"]

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


def learning_curve(
    make: Callable[[], ClauseReader],
    data: LabelledTexts,
    folds: NDArray[np.int64],
    readings: Readings,
    themes: Sequence[str],
    seed: int = 0,
    *,
    processes: int = 1,
) -> list[dict[str, float]]:
    """Macro average precision of the first level on fold 0, learned from growing shares of the other folds.

    The first level alone, without the sentence encoder: the curve is to show whether more labels still help, not
    how good the model is.

    Args:
        make: Makes the first level, not fitted.
        data: The n labelled items.
        folds: Their folds, (n,).
        readings: What the first level says of each item, learned from all of the other folds: the curve's last step.
        themes: Theme codes.
        seed: For which items are taken first.
        processes: How many readers learn at a time.

    Returns:
        Per step `items` learned from and `average_precision`, 0-1.
    """
    held_out, rest = np.flatnonzero(folds == 0), np.flatnonzero(folds != 0)
    order = np.random.default_rng(seed).permutation(rest)
    places = [readings.names.index(column("theme", code, "text")) for code in themes]
    learned = [np.sort(order[: max(20, round(share * order.size))]) for share in _SHARES]
    calls = (delayed(read_held_out)(make(), data, rows, held_out) for rows in learned)
    tables = [table.values[:, places] for table in side_by_side(calls, processes, len(data))]
    tables.append(readings.values[held_out][:, places])
    return [
        {"items": items, "average_precision": _mean_precision(data.themes[held_out], table)}
        for items, table in zip([*map(len, learned), order.size], tables, strict=True)
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
