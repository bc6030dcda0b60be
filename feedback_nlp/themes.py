"""Which themes a text speaks of, and in which tone it speaks of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.readings import columns_of
from feedback_nlp.stacking import StackedLabels

__all__ = ["NEUTRAL_BAND", "PolarityScorer", "ThemeClassifier", "polarity_label"]

NEUTRAL_BAND = 0.05
"""A polarity nearer to 0 than this counts as neutral or mixed: there `PolarityScorer` puts what is most likely so."""

REGULARISATION = (1.0, 0.3, 0.1, 0.03, 0.01)
"""Inverse regularisations to choose from."""

_NEUTRAL = np.nextafter(NEUTRAL_BAND, 0.0)


def polarity_label(polarity: NDArray[np.float64]) -> NDArray[np.int8]:
    """-1, 0 or 1 for polarities from -1 to 1."""
    return (np.sign(polarity) * (np.abs(polarity) >= NEUTRAL_BAND)).astype(np.int8)


class ThemeClassifier(StackedLabels):
    """Probability and assignment of every theme; see `StackedLabels` for what is learned.

    A theme is assigned where its calibrated probability reaches its own threshold, the one with the best F1 on
    held-out folds.
    """

    @classmethod
    def for_columns(cls, names: Sequence[str], themes: Sequence[str]) -> ThemeClassifier:
        """For a table with these columns: each theme uses those that speak of it."""
        return cls(groups=tuple(columns_of(names, "theme", code) for code in themes))


class PolarityScorer(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """The tone in which a text speaks of each theme, supposing that it does.

    One multinomial logistic regression for all themes over what is said where the theme is spoken of and over the
    tone of the whole text. The polarity is P(satisfied) - P(dissatisfied), moved where needed so that the most likely
    of the three (dissatisfied, neutral or mixed, satisfied) is what `polarity_label` says of it.

    Args:
        groups: For each theme the columns of X about its polarity, equally many and in the same order for all.
        shared: The columns about the whole text.

    Attributes:
        classes_: The polarities that occurred, ascending.
        weights_: Shape (columns of a theme, classes).
        bias_: Shape (classes,).
    """

    def __init__(self, groups: Sequence[Sequence[int]], shared: Sequence[int]) -> None:
        self.groups = groups
        self.shared = shared

    @classmethod
    def for_columns(cls, names: Sequence[str], themes: Sequence[str]) -> PolarityScorer:
        """For a table with these columns."""
        groups = tuple(columns_of(names, "polarity", code) for code in themes)
        return cls(groups=groups, shared=columns_of(names, "tone"))

    def fit(
        self,
        X: NDArray[np.float32],
        polarity: NDArray[np.int8],
        themes: NDArray[np.bool_],
        sample_weight: NDArray[np.float64] | None = None,
        folds: NDArray[np.int64] | None = None,
    ) -> Self:
        """Learn from the themes that are spoken of: `polarity` and `themes` are (n, themes).

        With `folds` (n,), which rows are held out together, the regularisation that is right most often on held-out
        rows is used, else that of `REGULARISATION`'s first.
        """
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        rows, which = np.nonzero(themes)
        columns = np.concatenate([self._columns(X, k)[rows[which == k]] for k in range(len(self.groups))])
        order = np.concatenate([np.flatnonzero(which == k) for k in range(len(self.groups))])
        target = polarity[rows[order], which[order]]
        scaler = StandardScaler().fit(columns)
        scaled, weight = scaler.transform(columns), weight[rows[order]]
        held_out = None if folds is None else folds[rows[order]]
        model = LogisticRegression(C=_regularisation(scaled, target, weight, held_out), max_iter=1000)
        model.fit(scaled, target, sample_weight=weight)
        # As one matrix over the columns as they are; two classes have one row of weights, for the second of them.
        weights, bias = model.coef_, model.intercept_
        if len(weights) == 1:
            weights, bias = np.vstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])
        self.weights_ = (weights / scaler.scale_).T
        self.bias_ = bias - scaler.mean_ @ self.weights_
        self.classes_ = model.classes_
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Polarity -1 to 1 of every theme, (n, themes)."""
        check_is_fitted(self)
        columns = np.stack([self._columns(X, k) for k in range(len(self.groups))], axis=1)
        probability = softmax(columns @ self.weights_ + self.bias_, axis=2)
        expected = probability @ self.classes_.astype(np.float64)
        likeliest = self.classes_[probability.argmax(axis=2)]
        clear = np.where(expected * likeliest < NEUTRAL_BAND, likeliest * NEUTRAL_BAND, expected)
        return np.asarray(np.where(likeliest == 0, np.clip(expected, -_NEUTRAL, _NEUTRAL), clear))

    def _columns(self, X: NDArray[np.float32], theme: int) -> NDArray[np.float32]:
        return X[:, [*self.groups[theme], *self.shared]]


def _regularisation(
    X: NDArray[np.float64],
    target: NDArray[np.int8],
    weight: NDArray[np.float64],
    folds: NDArray[np.int64] | None,
) -> float:
    """The C with the best accuracy on held-out rows; the first of equally good ones."""
    if folds is None or len(np.unique(folds)) < 2:
        return REGULARISATION[0]
    right = np.zeros(len(REGULARISATION))
    for train, test in PredefinedSplit(folds).split():
        if len(np.unique(target[train])) < 2:
            return REGULARISATION[0]
        for place, C in enumerate(REGULARISATION):
            model = LogisticRegression(C=C, max_iter=1000).fit(
                X[train], target[train], sample_weight=weight[train]
            )
            right[place] += weight[test] @ (model.predict(X[test]) == target[test])
    return REGULARISATION[int(right.argmax())]
