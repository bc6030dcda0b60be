"""Figures of many weightings of the same items at once, as a bootstrap needs them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["average_precision", "recall_at_precision", "weighted_calibration_error"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def average_precision(truth: Bools, score: Floats, weights: Floats) -> Floats:
    """Average precision of every label under every weighting: the sum of precision times gain in recall.

    Args:
        truth: Labels (n, labels).
        score: Scores (n, labels).
        weights: (draws, n), not negative.

    Returns:
        (draws, labels); NaN where no item with the label has weight.
    """
    return _per_label(truth, score, weights, _average_precision)


def recall_at_precision(truth: Bools, score: Floats, weights: Floats, precision: float) -> Floats:
    """The highest recall at which the precision is reached, 0 where it never is; shapes as in `average_precision`."""

    def best(hits: Floats, taken: Floats, total: Floats) -> Floats:
        good = hits >= precision * taken
        return np.asarray(np.where(good, hits, 0.0).max(axis=1) / total)

    return _per_label(truth, score, weights, best)


def weighted_calibration_error(truth: Bools, probability: Floats, weights: Floats, bins: int = 10) -> Floats:
    """Expected calibration error over all labels together, (draws,); see `scores.calibration_error`."""
    which = np.minimum((probability * bins).astype(int), bins - 1)
    gap = probability - truth
    per_item = np.stack([np.where(which == b, gap, 0.0).sum(axis=1) for b in range(bins)], axis=1)
    total = weights.sum(axis=1) * truth.shape[1]
    return np.asarray(np.abs(weights @ per_item).sum(axis=1) / total)


def _average_precision(hits: Floats, taken: Floats, total: Floats) -> Floats:
    gain = np.diff(hits, axis=1, prepend=0.0)
    precision = np.divide(hits, taken, out=np.zeros_like(hits), where=taken > 0)
    return np.asarray((gain * precision).sum(axis=1) / total)


def _per_label(truth: Bools, score: Floats, weights: Floats, figure: object) -> Floats:
    result = np.full((len(weights), truth.shape[1]), np.nan)
    for k in range(truth.shape[1]):
        order = np.argsort(-score[:, k], kind="stable")
        # items of equal score are taken together
        last = np.flatnonzero(np.append(np.diff(score[order, k]) != 0, True))
        sorted_weights = weights[:, order]
        taken = np.cumsum(sorted_weights, axis=1)[:, last]
        hits = np.cumsum(sorted_weights * truth[order, k], axis=1)[:, last]
        some = hits[:, -1] > 0
        if some.any():
            result[some, k] = figure(hits[some], taken[some], hits[some, -1])  # type: ignore[operator]
    return result
