"""The tone of a text as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.additive import AdditiveRegression
from feedback_nlp.readings import columns_of

__all__ = ["SentimentScorer", "sentiment_label"]

_SCALE = 2.0
_NEUTRAL_BAND = 0.25


def sentiment_label(score: float) -> str:
    """`negatief`, `neutraal` or `positief` for a score from -1 to 1; a score nearer to 0 than 0.25 is neutral."""
    if abs(score) < _NEUTRAL_BAND:
        return "neutraal"
    return "positief" if score > 0 else "negatief"


class SentimentScorer(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Sentiment from -1 (very negative) to 1 (very positive).

    An additive regression over what the first level says of the whole text's tone and of each theme's polarity.

    Args:
        columns: The columns of X to use.

    Attributes:
        model_: The regression, on the codebook's scale of -2 to 2.
    """

    def __init__(self, columns: Sequence[int]) -> None:
        self.columns = columns

    @classmethod
    def for_columns(cls, names: Sequence[str]) -> SentimentScorer:
        """For a table with these columns."""
        return cls(columns=columns_of(names, "tone"))

    def fit(
        self,
        X: NDArray[np.float32],
        sentiment: NDArray[np.float64],
        sample_weight: NDArray[np.float64] | None = None,
    ) -> Self:
        """Learn from sentiments on the codebook's scale, -2 to 2."""
        self.model_ = AdditiveRegression().fit(X[:, list(self.columns)], sentiment, sample_weight)
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores -1 to 1, (n,)."""
        check_is_fitted(self)
        return np.asarray(np.clip(self.model_.predict(X[:, list(self.columns)]) / _SCALE, -1.0, 1.0))
