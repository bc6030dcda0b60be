"""Which themes a text speaks of, and in which tone it speaks of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.additive import AdditiveClassifier
from feedback_nlp.readings import columns_of
from feedback_nlp.stacking import StackedLabels
from feedback_nlp.tone import labelled

__all__ = ["NEUTRAL_BAND", "PolarityScorer", "ThemeClassifier", "polarity_label"]

NEUTRAL_BAND = 0.05
"""A polarity nearer to 0 than this counts as neutral or mixed: there `PolarityScorer` puts what is most likely so."""

_REGULARISATION = 0.01
"""Inverse, of the polarity's classifier; chosen on held-out folds."""


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

    One additive classifier for all themes over what is said where the theme is spoken of and over the tone of the whole
    text. The polarity is P(satisfied) - P(dissatisfied), moved where needed so that the most likely of the three
    (dissatisfied, neutral or mixed, satisfied) is what `polarity_label` says of it.

    Args:
        groups: For each theme the columns of X about its polarity, equally many and in the same order for all.
        shared: The columns about the whole text.

    Attributes:
        model_: The classifier over a theme's columns and the shared ones.
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
    ) -> Self:
        """Learn from the themes that are spoken of: `polarity` and `themes` are (n, themes)."""
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        rows, which = np.nonzero(themes)
        columns = self._columns(X)[rows, which]
        self.model_ = AdditiveClassifier(_REGULARISATION).fit(columns, polarity[rows, which], weight[rows])
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Polarity -1 to 1 of every theme, (n, themes)."""
        check_is_fitted(self)
        columns = self._columns(X)
        flat = self.model_.predict_proba(columns.reshape(-1, columns.shape[2]))
        classes = self.model_.classes_
        expected = (flat @ classes.astype(np.float64)).reshape(columns.shape[:2])
        likeliest = classes[flat.argmax(axis=1)].reshape(columns.shape[:2])
        return labelled(expected, likeliest, NEUTRAL_BAND)

    def _columns(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Every theme's own columns and the shared ones, (n, themes, columns)."""
        return X[:, [[*group, *self.shared] for group in self.groups]]
