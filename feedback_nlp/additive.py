"""A smooth additive regression: one curve per column, added up."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, PPoly
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted

__all__ = ["AdditiveRegression"]

_PENALTIES = (0.1, 1.0, 10.0, 100.0)


class AdditiveRegression(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge regression over quadratic splines of every column, straight outside the range that was seen.

    Fitted as a scikit-learn pipeline (`SplineTransformer`, `RidgeCV`), whose curves are then written out as pieces of
    parabolas: the same numbers, at a thirtieth of the time for a single row, because the transformer evaluates each
    column's basis on its own.

    Attributes:
        breaks_: Where one piece of a column's curve ends and the next begins, ascending, (columns, pieces - 1).
        origins_: From where each piece counts, (columns, pieces).
        pieces_: Square, linear and constant coefficient of each piece, (3, columns, pieces).
        intercept_: What is added to the sum.
    """

    def fit(
        self,
        X: NDArray[np.float32],
        y: NDArray[np.float64],
        sample_weight: NDArray[np.float64] | None = None,
    ) -> Self:
        """Learn from columns (n, m) and targets (n,)."""
        model = _pipeline().fit(X, y, ridgecv__sample_weight=sample_weight)
        before, splines, after, ridge = (step for _, step in model.steps)
        weights = ridge.coef_ / after.scale_
        self.intercept_ = float(ridge.intercept_ - weights @ after.mean_)
        curves = [
            _as_parabolas(spline, weight, mean, scale)
            for spline, weight, mean, scale in zip(
                splines.bsplines_, weights.reshape(X.shape[1], -1), before.mean_, before.scale_, strict=True
            )
        ]
        self.breaks_ = np.stack([breaks for breaks, _ in curves])
        # a piece counts from its left end, and the one before the first break from that break
        self.origins_ = np.concatenate([self.breaks_[:, :1], self.breaks_], axis=1)
        self.pieces_ = np.stack([pieces for _, pieces in curves], axis=1)
        return self

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """The regression's value for every row, (n,)."""
        check_is_fitted(self)
        columns = np.asarray(X, dtype=np.float64)
        piece = (columns[:, :, None] >= self.breaks_).sum(axis=2)
        place = np.arange(columns.shape[1])
        square, slope, constant = self.pieces_[:, place, piece]
        along = columns - self.origins_[place, piece]
        return np.asarray(((square * along + slope) * along + constant).sum(axis=1) + self.intercept_)


def _pipeline() -> Pipeline:
    return make_pipeline(
        StandardScaler(),
        SplineTransformer(n_knots=5, degree=2, extrapolation="linear"),
        StandardScaler(),
        RidgeCV(alphas=_PENALTIES),
    )


def _as_parabolas(
    basis: BSpline, weights: NDArray[np.float64], mean: float, scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A column's curve over the column as it is: its breaks (k,) and its coefficients (3, k + 1).

    The spline is one over (x - mean) / scale; outside its knots it goes on as a straight line.
    """
    degree = basis.k
    curve = BSpline(basis.t, weights, degree)
    breaks = basis.t[degree : len(basis.t) - degree]
    inside: Any = PPoly.from_spline(curve)
    first = int(np.searchsorted(inside.x, breaks[0], side="right")) - 1
    within = inside.c[:, first : first + len(breaks) - 1]
    slope = curve.derivative()
    ends = [np.array([0.0, float(slope(end)), float(curve(end))]) for end in (breaks[0], breaks[-1])]
    pieces = np.column_stack([ends[0], within, ends[1]])
    return breaks * scale + mean, pieces / np.array([scale**2, scale, 1.0])[:, None]
