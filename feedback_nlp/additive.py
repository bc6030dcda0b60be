"""Smooth additive models: one curve per column, added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted

__all__ = ["AdditiveClassifier", "AdditiveRegression"]

_PENALTIES = (0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True, slots=True)
class _Curves:
    """A fitted pipeline's curves, written out as pieces of parabolas.

    Scikit-learn's `SplineTransformer` evaluates each column's basis on its own; written out, a single row takes a
    thirtieth of the time, with the same numbers.

    Attributes:
        breaks: Where one piece of a column's curve ends and the next begins, ascending, (columns, pieces - 1).
        origins: From where each piece counts, (columns, pieces).
        pieces: Square, linear and constant coefficient of each piece, (3, columns, pieces, outputs).
        offset: What is added to the sums, (outputs,).
    """

    breaks: NDArray[np.float64]
    origins: NDArray[np.float64]
    pieces: NDArray[np.float64]
    offset: NDArray[np.float64]

    @classmethod
    def of(cls, model: Pipeline) -> Self:
        """From a fitted `_pipeline`."""
        before, splines, after, linear = (step for _, step in model.steps)
        weights = np.atleast_2d(linear.coef_) / after.scale_
        offset = np.atleast_1d(linear.intercept_) - weights @ after.mean_
        per_column = np.split(weights.T, len(splines.bsplines_))
        curves = [
            _as_parabolas(basis, own, mean, scale, splines.extrapolation == "linear")
            for basis, own, mean, scale in zip(
                splines.bsplines_, per_column, before.mean_, before.scale_, strict=True
            )
        ]
        breaks = np.stack([each for each, _ in curves])
        # a piece counts from its left end, and the one before the first break from that break
        origins = np.concatenate([breaks[:, :1], breaks], axis=1)
        return cls(breaks, origins, np.stack([pieces for _, pieces in curves], axis=1), offset)

    def sums(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the curves add up to for every row, (n, outputs)."""
        columns = np.asarray(X, dtype=np.float64)
        place = np.arange(columns.shape[1])
        piece = (columns[:, :, None] >= self.breaks).sum(axis=2)
        along = (columns - self.origins[place, piece])[:, :, None]
        square, slope, constant = self.pieces[:, place, piece]
        return np.asarray(((square * along + slope) * along + constant).sum(axis=1) + self.offset)


class AdditiveRegression(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge regression over quadratic splines of every column, straight outside the range that was seen.

    Attributes:
        curves_: What was learned.
    """

    def fit(
        self,
        X: NDArray[np.float32],
        y: NDArray[np.float64],
        sample_weight: NDArray[np.float64] | None = None,
    ) -> Self:
        """Learn from columns (n, m) and targets (n,)."""
        model = _pipeline(RidgeCV(alphas=_PENALTIES), knots=5, outside="linear")
        self.curves_ = _Curves.of(model.fit(X, y, ridgecv__sample_weight=sample_weight))
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """The regression's value for every row, (n,)."""
        check_is_fitted(self)
        return self.curves_.sums(X)[:, 0]


class AdditiveClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Multinomial logistic regression over quadratic splines of every column, level outside the range that was seen.

    Args:
        C: Inverse regularisation.

    Attributes:
        classes_: The classes that occurred, ascending.
        curves_: What was learned; one output per class.
    """

    def __init__(self, C: float = 0.1) -> None:
        self.C = C

    def fit(
        self,
        X: NDArray[np.float32],
        y: NDArray[np.int8],
        sample_weight: NDArray[np.float64] | None = None,
    ) -> Self:
        """Learn from columns (n, m) and classes (n,), of which there must be at least two.

        Raises:
            ValueError: There is only one class.
        """
        model = _pipeline(LogisticRegression(C=self.C, max_iter=1000), knots=4, outside="constant")
        model.fit(X, y, logisticregression__sample_weight=sample_weight)
        self.classes_ = model.classes_
        curves = _Curves.of(model)
        if len(self.classes_) == 2:  # scikit-learn keeps one output then, for the second class
            curves = _Curves(
                curves.breaks,
                curves.origins,
                np.concatenate([np.zeros_like(curves.pieces), curves.pieces], axis=3),
                np.concatenate([[0.0], curves.offset]),
            )
        self.curves_ = curves
        return self

    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of every class, (n, classes)."""
        check_is_fitted(self)
        return np.asarray(softmax(self.curves_.sums(X), axis=1))

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.int8]:
        """The likeliest class, (n,)."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


def _pipeline(linear: BaseEstimator, knots: int, outside: Literal["linear", "constant"]) -> Pipeline:
    splines = SplineTransformer(n_knots=knots, degree=2, extrapolation=outside)
    return make_pipeline(StandardScaler(), splines, StandardScaler(), linear)


def _as_parabolas(
    basis: BSpline, weights: NDArray[np.float64], mean: float, scale: float, straight: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A column's curves over the column as it is: their breaks (k,) and coefficients (3, k + 1, outputs).

    The splines, one per column of `weights`, are over (x - mean) / scale; outside their knots they go on as straight
    lines, or stay level.
    """
    degree = basis.k
    curve = BSpline(basis.t, weights, degree)
    breaks = basis.t[degree : len(basis.t) - degree]
    bend = curve(breaks, nu=2) / 2
    slope, height = curve(breaks, nu=1), curve(breaks)
    level = np.zeros_like(bend[:1])
    outer = slope if straight else np.zeros_like(slope)
    pieces = np.stack(
        [
            np.concatenate([level, bend[:-1], level]),
            np.concatenate([outer[:1], slope[:-1], outer[-1:]]),
            np.concatenate([height[:1], height]),
        ]
    )
    return breaks * scale + mean, pieces / np.array([scale**2, scale, 1.0])[:, None, None]
