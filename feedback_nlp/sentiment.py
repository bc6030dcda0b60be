"""The tone of a text as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import f1_score
from sklearn.model_selection import PredefinedSplit
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.additive import AdditiveClassifier, AdditiveRegression
from feedback_nlp.folds import folds_of
from feedback_nlp.readings import columns_of
from feedback_nlp.tone import labelled

__all__ = ["SentimentScorer", "sentiment_label"]

_SCALE = 2.0
_NEUTRAL_BAND = 0.25
_TILTS = (1.0, 1.3, 1.6, 2.0, 2.5)
_AS_GOOD = 0.005
"""A tilt whose macro-F1 is this near to the best does as well: every tilt costs right answers."""


def sentiment_label(score: float) -> str:
    """`negatief`, `neutraal` or `positief` for a score from -1 to 1; a score nearer to 0 than 0.25 is neutral."""
    if abs(score) < _NEUTRAL_BAND:
        return "neutraal"
    return "positief" if score > 0 else "negatief"


class SentimentScorer(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Sentiment from -1 (very negative) to 1 (very positive), with a sign that was decided on its own.

    Two additive models over what the first level says of the whole text's tone: a regression for the score, and a
    classifier for its label, because the expected score of an uncertain text is near 0 where 0 is least likely. How
    much more "neutral" counts than its probability is the least that comes near the best macro-F1 of the labels on
    held-out folds; the score is then moved, no further than needed, until `sentiment_label` says the same.

    Args:
        columns: The columns of X to use.

    Attributes:
        score_: The regression, on the codebook's scale of -2 to 2.
        label_: The classifier of negative, neutral and positive; None where only one of them occurred.
        tilt_: What the probability of "neutral" is multiplied by.
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
        folds: NDArray[np.int64] | None = None,
    ) -> Self:
        """Learn from sentiments on the codebook's scale, -2 to 2; `folds` (n,): which rows are held out together."""
        columns = X[:, list(self.columns)]
        label = np.sign(sentiment).astype(np.int8)
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        folds = folds_of(len(X), folds)
        self.score_ = AdditiveRegression().fit(columns, sentiment, weight)
        self.label_ = _classifier(columns, label, weight)
        self.tilt_ = _best_tilt(columns, label, weight, folds)
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores -1 to 1, (n,)."""
        check_is_fitted(self)
        columns = X[:, list(self.columns)]
        score = np.clip(self.score_.predict(columns) / _SCALE, -1.0, 1.0)
        return (
            score
            if self.label_ is None
            else labelled(score, _labels(self.label_, columns, self.tilt_), _NEUTRAL_BAND)
        )


def _classifier(
    columns: NDArray[np.float32], label: NDArray[np.int8], weight: NDArray[np.float64]
) -> AdditiveClassifier | None:
    return None if len(np.unique(label)) < 2 else AdditiveClassifier().fit(columns, label, weight)


def _labels(model: AdditiveClassifier, columns: NDArray[np.float32], tilt: float) -> NDArray[np.int8]:
    return _tilted(model.classes_, model.predict_proba(columns), tilt)


def _tilted(classes: NDArray[np.int8], probability: NDArray[np.float64], tilt: float) -> NDArray[np.int8]:
    return np.asarray(classes[(probability * np.where(classes == 0, tilt, 1.0)).argmax(axis=1)])


def _best_tilt(
    columns: NDArray[np.float32],
    label: NDArray[np.int8],
    weight: NDArray[np.float64],
    folds: NDArray[np.int64],
) -> float:
    said = {tilt: np.zeros(len(label), dtype=np.int8) for tilt in _TILTS}
    for train, test in PredefinedSplit(folds).split():
        model = _classifier(columns[train], label[train], weight[train])
        if model is None:
            return _TILTS[0]
        probability = model.predict_proba(columns[test])
        for tilt, found in said.items():
            found[test] = _tilted(model.classes_, probability, tilt)
    scores = {
        tilt: f1_score(label, found, average="macro", sample_weight=weight, zero_division=0)
        for tilt, found in said.items()
    }
    return next(tilt for tilt, score in scores.items() if score >= max(scores.values()) - _AS_GOOD)
