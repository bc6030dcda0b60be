"""The second level for yes-or-no labels: combine the columns that speak of a label, calibrate, choose a threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.folds import folds_of

__all__ = ["RecallThreshold", "StackedLabels", "best_f1_threshold"]

Matrix = NDArray[np.float32]
ThresholdRule = Callable[[NDArray[np.bool_], NDArray[np.float64]], float]

_CLIP = 1e-6


def best_f1_threshold(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """The score from which on assigning gives the highest F1; 0.5 when no item has the label.

    The middle between the two neighbouring scores is taken, so that it does not hang on one item's last digit.
    """
    if not truth.any():
        return 0.5
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, truth.size + 1) + truth.sum())
    last = int(f1.argmax())
    following = score[order[last + 1]] if last + 1 < truth.size else 0.0
    return float((score[order[last]] + following) / 2)


@dataclass(frozen=True, slots=True)
class RecallThreshold:
    """The highest score at which at least `recall` (0-1) of the labelled items is found; 0.5 when there are none."""

    recall: float

    def __call__(self, truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
        """The threshold for labels (n,) and scores (n,)."""
        if not truth.any():
            return 0.5
        found = np.sort(score[truth])[::-1]
        return float(found[int(np.ceil(self.recall * found.size)) - 1])


class StackedLabels(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One logistic regression per label over the columns that speak of it, calibrated on held-out folds.

    Calibration is beta calibration (Kull, Silva Filho and Flach, 2017): a logistic regression over log p and
    -log(1-p) of the cross-fitted probabilities. Thresholds are chosen on the same cross-fitted, calibrated
    probabilities.

    Args:
        groups: For each label the columns of X to use.
        rule: How a label's threshold is chosen.
        C: Inverse regularisation.

    Attributes:
        weights_: Shape (m, labels), float64: the log-odds before calibration are X @ weights_ + bias_.
        bias_: Shape (labels,).
        calibration_: Shape (labels, 3): weights of log p, -log(1-p) and 1.
        thresholds_: Shape (labels,), 0-1.
    """

    def __init__(
        self, groups: Sequence[Sequence[int]], rule: ThresholdRule = best_f1_threshold, C: float = 1.0
    ) -> None:
        self.groups = groups
        self.rule = rule
        self.C = C

    def fit(
        self,
        X: Matrix,
        Y: NDArray[np.bool_],
        sample_weight: NDArray[np.float64] | None = None,
        folds: NDArray[np.int64] | None = None,
    ) -> Self:
        """Learn from columns (n, m) and labels (n, labels); `folds` (n,) says which rows are held out together."""
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        folds = folds_of(len(X), folds)
        self.weights_ = np.zeros((X.shape[1], len(self.groups)))
        self.bias_ = np.zeros(len(self.groups))
        calibration = []
        thresholds = []
        for label, group in enumerate(self.groups):
            columns, truth = X[:, list(group)], Y[:, label].astype(bool)
            raw = self._cross_fitted(columns, truth, weight, folds)
            curve = _beta_calibration(raw, truth, weight)
            calibration.append(curve)
            thresholds.append(self.rule(truth, _calibrated(raw, curve)))
            self.weights_[list(group), label], self.bias_[label] = self._fit_one(columns, truth, weight)
        self.calibration_ = np.array(calibration)
        self.thresholds_ = np.array(thresholds)
        self.classes_ = np.array([False, True])
        return self

    def predict_proba(self, X: Matrix) -> NDArray[np.float64]:
        """Calibrated probability of every label, (n, labels)."""
        check_is_fitted(self)
        return _calibrated(expit(X @ self.weights_ + self.bias_), self.calibration_)

    def predict(self, X: Matrix) -> NDArray[np.bool_]:
        """Whether each label reaches its threshold, bool (n, labels)."""
        return np.asarray(self.predict_proba(X) >= self.thresholds_)

    def _fit_one(
        self, columns: Matrix, truth: NDArray[np.bool_], weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], float]:
        """Weights and bias on the columns as they are; a label that all or no items have gets a constant."""
        if truth.all() or not truth.any():
            return np.zeros(columns.shape[1]), float(logit(np.clip(truth.mean(), 0.001, 0.999)))
        scaler = StandardScaler().fit(columns)
        model = LogisticRegression(C=self.C, max_iter=1000)
        model.fit(scaler.transform(columns), truth, sample_weight=weight)
        weights = model.coef_[0] / scaler.scale_
        return weights, float(model.intercept_[0] - weights @ scaler.mean_)

    def _cross_fitted(
        self, columns: Matrix, truth: NDArray[np.bool_], weight: NDArray[np.float64], folds: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        held_out = np.zeros(len(truth))
        for train, test in PredefinedSplit(folds).split():
            weights, bias = self._fit_one(columns[train], truth[train], weight[train])
            held_out[test] = expit(columns[test] @ weights + bias)
        return held_out


def _beta_calibration(
    raw: NDArray[np.float64], truth: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    if truth.all() or not truth.any():
        return np.array([1.0, 1.0, 0.0])
    model = LogisticRegression(C=1e3).fit(_log_odds_parts(raw), truth, sample_weight=weight)
    first, second = model.coef_[0]
    if first < 0 or second < 0:  # keep the curve rising: fall back on scaling the log-odds
        odds = logit(np.clip(raw, _CLIP, 1 - _CLIP))[:, None]
        single = LogisticRegression(C=1e3).fit(odds, truth, sample_weight=weight)
        first = second = float(max(single.coef_[0, 0], 0.0))
        return np.array([first, second, float(single.intercept_[0])])
    return np.array([first, second, float(model.intercept_[0])])


def _log_odds_parts(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(raw, _CLIP, 1 - _CLIP)
    return np.stack([np.log(clipped), -np.log1p(-clipped)], axis=1)


def _calibrated(raw: NDArray[np.float64], curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (…) by a curve (3,), or (…, labels) by one curve per label (labels, 3)."""
    clipped = np.clip(raw, _CLIP, 1 - _CLIP)
    first, second, offset = curve.T
    return np.asarray(expit(first * np.log(clipped) - second * np.log1p(-clipped) + offset), dtype=np.float64)
