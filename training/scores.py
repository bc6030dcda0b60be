"""How well predictions fit labels: every figure of an evaluation, with bootstrap intervals over items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from feedback_nlp.estimators import Predictions
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.review import expected_errors
from feedback_nlp.themes import polarity_label
from training.weighted import recall_at_precision

__all__ = [
    "SIGNAL_PRECISION",
    "Figure",
    "bootstrap",
    "calibration_error",
    "evaluation",
    "macro_f1",
    "micro_f1",
    "per_label",
]

RESAMPLES = 1000
SIGNAL_PRECISION = 0.5
"""The precision at which a signal's recall is told: one flag in two may be false."""
Statistic = Callable[[NDArray[np.int64]], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % percentile bootstrap interval."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """As JSON, rounded to four places."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"


def bootstrap(statistic: Statistic, n: int, resamples: int = RESAMPLES, seed: int = 0) -> Figure:
    """A statistic of row numbers, over all n rows and over `resamples` draws with replacement."""
    draws = [statistic(rows) for rows in _drawn(n, resamples, seed)]
    return _figure(statistic(np.arange(n)), draws)


def f1_per_label(truth: NDArray[np.bool_], assigned: NDArray[np.bool_]) -> NDArray[np.float64]:
    """F1 of every label, (labels,); 0 where neither truth nor assignment has it."""
    hits = (truth & assigned).sum(axis=0)
    total = truth.sum(axis=0) + assigned.sum(axis=0)
    return np.asarray(2 * hits / np.maximum(total, 1))


def macro_f1(truth: NDArray[np.bool_], assigned: NDArray[np.bool_], seed: int = 0) -> Figure:
    """Mean F1 over the labels that occur, with interval."""
    present = truth.any(axis=0)
    value = f1_per_label(truth, assigned)[present].mean()
    draws = _drawn_f1(truth & assigned, truth.astype(np.int64) + assigned, seed)
    return _figure(float(value), draws[:, present].mean(axis=1))


def micro_f1(truth: NDArray[np.bool_], assigned: NDArray[np.bool_]) -> Figure:
    """F1 of all labels together, with interval."""
    value = f1_per_label(truth.reshape(-1, 1), assigned.reshape(-1, 1))[0]
    hits, total = (truth & assigned).sum(axis=1), truth.sum(axis=1) + assigned.sum(axis=1)
    return _figure(float(value), _drawn_f1(hits[:, None], total[:, None])[:, 0])


def _drawn(n: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    return (generator.integers(0, n, n) for _ in range(resamples))


def _drawn_f1(
    hits: NDArray[np.bool_] | NDArray[np.int64], total: NDArray[np.int64], seed: int = 0
) -> NDArray[np.float64]:
    """F1 in every draw, (draws, labels): how often each item was drawn, times what it adds to hits and totals."""
    parts = np.hstack([hits, total]).astype(np.float32)
    sums = [
        np.bincount(rows, minlength=len(parts)).astype(np.float32) @ parts
        for rows in _drawn(len(parts), RESAMPLES, seed)
    ]
    found, of = np.split(np.array(sums, dtype=np.float64), 2, axis=1)
    return np.asarray(2 * found / np.maximum(of, 1))


def _figure(value: float, draws: Sequence[float] | NDArray[np.float64]) -> Figure:
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return Figure(value, float(low), float(high))


def calibration_error(truth: NDArray[np.bool_], probability: NDArray[np.float64], bins: int = 10) -> float:
    """Expected calibration error over all labels together (Naeini et al., 2015): equally wide, weighted bins."""
    flat_truth, flat = truth.ravel(), probability.ravel()
    which = np.minimum((flat * bins).astype(int), bins - 1)
    size = np.bincount(which, minlength=bins)
    gap = np.abs(np.bincount(which, weights=flat - flat_truth, minlength=bins))
    return float(gap[size > 0].sum() / flat.size)


def per_label(
    codes: Sequence[str],
    truth: NDArray[np.bool_],
    assigned: NDArray[np.bool_],
    probability: NDArray[np.float64],
) -> dict[str, dict[str, float]]:
    """Support, precision, recall, F1 and average precision of every label."""
    rows: dict[str, dict[str, float]] = {}
    for k, code in enumerate(codes):
        hits = float((truth[:, k] & assigned[:, k]).sum())
        found, labelled = float(assigned[:, k].sum()), float(truth[:, k].sum())
        rows[code] = {
            "support": labelled,
            "precision": round(hits / found, 4) if found else 0.0,
            "recall": round(hits / labelled, 4) if labelled else 0.0,
            "f1": round(2 * hits / (found + labelled), 4) if found + labelled else 0.0,
            "average_precision": round(float(average_precision_score(truth[:, k], probability[:, k])), 4)
            if labelled
            else 0.0,
        }
    return rows


def evaluation(
    data: LabelledTexts, predictions: Predictions, themes: Sequence[str], signals: Sequence[str]
) -> dict[str, Any]:
    """Every figure for labelled texts, as JSON.

    Polarity accuracy is over the themes that are both labelled and assigned; a label of 0 counts as hit when the
    polarity lies in the neutral band. Intervals' coverage is the share of answers inside.
    """
    n = len(data)
    truth, assigned = data.themes, predictions.theme_assigned
    both = truth & assigned
    right = polarity_label(predictions.polarity) == data.polarity
    wrong = (truth != assigned).sum(axis=1)
    doubt = expected_errors(predictions.theme_probability, assigned).sum(axis=1)
    reviewed = doubt >= np.quantile(doubt, 0.8)
    sentiment = data.sentiment / 2

    def correlation(left: NDArray[np.float64], right_: NDArray[np.float64]) -> Statistic:
        return lambda rows: float(np.corrcoef(left[rows], right_[rows])[0, 1])

    def mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> Statistic:
        return lambda rows: float(values[rows].mean())

    def polarity_accuracy(rows: NDArray[np.int64]) -> float:
        return float(right[rows][both[rows]].mean()) if both[rows].any() else float("nan")

    result: dict[str, Any] = {
        "items": n,
        "macro_f1": macro_f1(truth, assigned).to_dict(),
        "micro_f1": micro_f1(truth, assigned).to_dict(),
        "polarity_accuracy": bootstrap(polarity_accuracy, n).to_dict(),
        "sentiment_r": bootstrap(correlation(sentiment, predictions.sentiment), n).to_dict(),
        "expected_calibration_error": round(calibration_error(truth, predictions.theme_probability), 4),
        "errors_in_reviewed_fifth": round(float(wrong[reviewed].sum() / max(wrong.sum(), 1)), 4),
        "themes": per_label(themes, truth, assigned, predictions.theme_probability),
        "signals": _with_recall_at_precision(
            per_label(signals, data.signals, predictions.signal_assigned, predictions.signal_probability),
            data.signals,
            predictions.signal_probability,
        ),
        "signal_calibration_error": round(calibration_error(data.signals, predictions.signal_probability), 4),
    }
    for name, answers, distribution in (
        ("nps", data.nps, predictions.nps),
        ("cas", data.cas, predictions.cas),
    ):
        inside = (answers >= distribution.low) & (answers <= distribution.high)
        error = np.abs(answers - distribution.expected)
        result[name] = {
            "mean_absolute_error": bootstrap(mean(error), n).to_dict(),
            "r": bootstrap(correlation(answers, distribution.expected), n).to_dict(),
            "coverage_80": bootstrap(mean(inside), n).to_dict(),
            "mean_interval_width": round(float((distribution.high - distribution.low).mean()), 4),
        }
    return result


def _with_recall_at_precision(
    rows: dict[str, dict[str, float]], truth: NDArray[np.bool_], probability: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """The rows, each with the highest recall that `SIGNAL_PRECISION` allows; 0 where no item has the label."""
    best = recall_at_precision(truth, probability, np.ones((1, len(truth))), SIGNAL_PRECISION)[0]
    return {
        code: row | {"recall_at_precision": round(float(np.nan_to_num(recall)), 4)}
        for (code, row), recall in zip(rows.items(), best, strict=True)
    }
