"""Would this writer recommend us, and did we act in their interest: expected answers with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import PredefinedSplit
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.additive import AdditiveRegression
from feedback_nlp.folds import folds_of
from feedback_nlp.readings import columns_of

__all__ = ["ANSWERS", "AdvocacyScorer", "AnswerDistribution", "AnswerScorer"]

ANSWERS = np.arange(11)
_GRID = np.linspace(-1.0, 11.0, 121)
_COVERAGE = 0.80
_BANDWIDTH = 0.5
_FIRST, _LAST = np.triu_indices(len(ANSWERS))


@dataclass(frozen=True, slots=True)
class AnswerDistribution:
    """Probabilities of the answers 0-10 for n texts, and the interval read off them.

    Attributes:
        probability: Shape (n, 11), rows add up to 1.
        low: Lower end of the 80 % interval, int (n,).
        high: Upper end, included, int (n,).
    """

    probability: NDArray[np.float64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]

    @property
    def expected(self) -> NDArray[np.float64]:
        """Expected answer 0-10, (n,)."""
        return np.asarray(self.probability @ ANSWERS)

    @property
    def detractor(self) -> NDArray[np.float64]:
        """Probability of an answer 0-6, (n,)."""
        return np.asarray(self.probability[:, :7].sum(axis=1))

    @property
    def passive(self) -> NDArray[np.float64]:
        """Probability of 7 or 8, (n,)."""
        return np.asarray(self.probability[:, 7:9].sum(axis=1))

    @property
    def promoter(self) -> NDArray[np.float64]:
        """Probability of 9 or 10, (n,)."""
        return np.asarray(self.probability[:, 9:].sum(axis=1))


class AnswerScorer(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """The answer a writer would give on a scale of 0-10, as a distribution.

    A regression gives a point; what was really answered around such points on held-out folds, smoothed by a
    kernel, gives the distribution. The interval is the shortest run of answers that holds enough probability; how
    much is enough is set so that 80 % of the held-out answers fall inside (split-conformal calibration with the
    held-out folds as calibration set).

    Args:
        columns: The columns of X to use.
        coverage: Share of answers that the interval shall hold, 0-1.

    Attributes:
        model_: The regression.
        table_: Distribution per grid point of the regression's output, (121, 11).
        mass_: How much probability an interval must hold.
    """

    def __init__(self, columns: Sequence[int], coverage: float = _COVERAGE) -> None:
        self.columns = columns
        self.coverage = coverage

    def fit(
        self,
        X: NDArray[np.float32],
        answers: NDArray[np.float64],
        sample_weight: NDArray[np.float64] | None = None,
        folds: NDArray[np.int64] | None = None,
    ) -> Self:
        """Learn from given answers 0-10; `folds` (n,) says which rows are held out together."""
        columns = X[:, list(self.columns)]
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        folds = folds_of(len(X), folds)
        held_out = np.zeros(len(X))
        for train, test in PredefinedSplit(folds).split():
            part = AdditiveRegression().fit(columns[train], answers[train], weight[train])
            held_out[test] = part.predict(columns[test])
        self.model_ = AdditiveRegression().fit(columns, answers, weight)
        answered = np.rint(answers).astype(np.int64)
        self.table_ = _conditional_table(held_out, answered, weight)
        self.mass_ = _calibrated_mass(self._distribution(held_out), answered, self.coverage)
        return self

    def predict_distribution(self, X: NDArray[np.float32]) -> AnswerDistribution:
        """Distribution of the answer and its interval for every row."""
        check_is_fitted(self)
        probability = self._distribution(self.model_.predict(X[:, list(self.columns)]))
        low, high = _shortest_intervals(probability, self.mass_)
        return AnswerDistribution(probability, low, high)

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Expected answers 0-10, (n,)."""
        return self.predict_distribution(X).expected

    def _distribution(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        place = np.clip((point - _GRID[0]) / (_GRID[1] - _GRID[0]), 0, len(_GRID) - 1.000001)
        left = place.astype(np.int64)
        share = (place - left)[:, None]
        return np.asarray((1 - share) * self.table_[left] + share * self.table_[left + 1])


class AdvocacyScorer(BaseEstimator):  # type: ignore[misc]
    """Both answers, "would you recommend us" (NPS) and "did we act in your interest" (CAS).

    Args:
        columns: The columns of X to use.

    Attributes:
        nps_: Fitted `AnswerScorer`.
        cas_: Fitted `AnswerScorer`.
    """

    def __init__(self, columns: Sequence[int]) -> None:
        self.columns = columns

    @classmethod
    def for_columns(cls, names: Sequence[str]) -> AdvocacyScorer:
        """For a table with these columns."""
        return cls(columns=columns_of(names, "tone"))

    def fit(
        self,
        X: NDArray[np.float32],
        answers: NDArray[np.float64],
        sample_weight: NDArray[np.float64] | None = None,
        folds: NDArray[np.int64] | None = None,
    ) -> Self:
        """Learn from answers (n, 2): NPS and CAS."""
        self.nps_ = AnswerScorer(self.columns).fit(X, answers[:, 0], sample_weight, folds)
        self.cas_ = AnswerScorer(self.columns).fit(X, answers[:, 1], sample_weight, folds)
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Expected answers, (n, 2): NPS and CAS."""
        return np.stack([self.nps_.predict(X), self.cas_.predict(X)], axis=1)


def _conditional_table(
    point: NDArray[np.float64], answered: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    kernel = np.exp(-0.5 * ((_GRID[:, None] - point[None, :]) / _BANDWIDTH) ** 2) * weight
    table = kernel @ np.eye(len(ANSWERS))[answered]
    # Where hardly anything was answered the grid point's own neighbourhood decides, with the weight of one answer.
    prior = np.exp(-0.5 * ((_GRID[:, None] - ANSWERS[None, :]) / 1.5) ** 2)
    table = table + prior / prior.sum(axis=1, keepdims=True)
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def _shortest_intervals(
    probability: NDArray[np.float64], mass: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    cumulative = np.hstack([np.zeros((len(probability), 1)), np.cumsum(probability, axis=1)])
    cumulative[:, -1] = 1.0
    held = cumulative[:, _LAST + 1] - cumulative[:, _FIRST]
    # Shorter always beats longer; among equally short ones the fuller.
    rank = np.where(held >= mass - 1e-12, held - 2.0 * (_LAST - _FIRST), -np.inf)
    best = rank.argmax(axis=1)
    return _FIRST[best], _LAST[best]


def _calibrated_mass(probability: NDArray[np.float64], answered: NDArray[np.int64], coverage: float) -> float:
    def covered(mass: float) -> float:
        low, high = _shortest_intervals(probability, mass)
        return float(np.mean((answered >= low) & (answered <= high)))

    below, above = 0.3, 0.99
    for _ in range(20):
        middle = (below + above) / 2
        if covered(middle) < coverage:
            below = middle
        else:
            above = middle
    return above
