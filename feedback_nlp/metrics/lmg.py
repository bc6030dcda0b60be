"""How much of a score each theme explains when themes go together: ridge regression, shared out fairly.

The share of a theme is the mean, over all orders in which themes can enter the regression, of what it adds to
the explained variance: the LMG share of R. Lindeman, P. Merenda and R. Gold, "Introduction to Bivariate and
Multivariate Analysis", 1980, which is the Shapley value of the explained variance; see U. Grömping,
"Estimators of relative importance in linear regression based on variance decomposition", The American
Statistician 61, 2007. LMG was chosen over J. Johnson's relative weights (2000), which only approximate it and
whose shares depend on an arbitrary rotation (Thomas et al., 2014). The ridge penalty (A. Hoerl and R. Kennard,
Technometrics 12, 1970) keeps nearly identical themes from taking large slopes of opposite sign.
"""

from __future__ import annotations

from math import comb

import numpy as np

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray

__all__ = ["ridge_shares", "shapley_of_r2"]

MOST = 16
"""Themes that can be shared out exactly; 2^16 regressions a sample."""

BLOCK = 3_000_000
"""Numbers held at once at the widest level of the tree of regressions."""


def shapley_of_r2(correlation: FloatArray, penalty: float) -> FloatArray:
    """Share out the variance that a ridge regression explains, for many correlation matrices at once.

    All 2^p subsets are run through by one tree: at each level one predictor is either dropped or swept out
    (a Schur complement), so that the leaves hold the residual variance of every subset.

    Args:
        correlation: correlations of p predictors and, last, the score; shape (b, p + 1, p + 1).
        penalty: added to the diagonal of the predictors, at least 0.

    Returns:
        Shares of shape (b, p), at least 0, whose sum is the explained share of the variance, 0-1.

    Raises:
        MeasureError: more predictors than can be shared out, or a negative penalty.
    """
    p = correlation.shape[-1] - 1
    if p > MOST:
        raise MeasureError(f"at most {MOST} themes can be shared out, got {p}")
    if penalty < 0:
        raise MeasureError(f"the penalty must be at least 0, got {penalty}")
    step = max(1, BLOCK // (2**p * 4))
    parts = [_shares(correlation[i : i + step], penalty) for i in range(0, len(correlation), step)]
    return np.concatenate(parts) if parts else np.zeros((0, p))


def _shares(correlation: FloatArray, penalty: float) -> FloatArray:
    b, size = correlation.shape[0], correlation.shape[-1]
    p = size - 1
    state = (correlation + penalty * np.diag([1.0] * p + [0.0]))[:, None]
    for left in range(p, 0, -1):
        column = state[..., 1:, :1]
        ratio = column / np.maximum(state[..., :1, :1], 1e-12)
        both = np.empty((b, state.shape[1], 2, left, left))
        both[:, :, 0] = state[..., 1:, 1:]
        np.multiply(ratio, column.swapaxes(-1, -2), out=both[:, :, 1])
        np.subtract(both[:, :, 0], both[:, :, 1], out=both[:, :, 1])
        state = both.reshape(b, -1, left, left)
    explained = correlation[:, None, -1, -1] - state[..., 0, 0]  # (b, 2^p); first predictor = highest bit
    subset = np.arange(2**p)
    members = (subset[:, None] >> np.arange(p)[None, :]) & 1
    cardinality = members.sum(axis=1)
    weight = np.array([1.0 / (p * comb(p - 1, k)) for k in range(p)])
    shares = np.empty((b, p))
    for i in range(p):
        bit = p - 1 - i
        absent = subset[members[:, bit] == 0]
        gain = explained[:, absent | (1 << bit)] - explained[:, absent]
        shares[:, i] = gain @ weight[cardinality[absent]]
    return shares


def ridge_shares(
    weights: FloatArray, design: FloatArray, score: FloatArray, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """LMG shares and ridge slopes of a score on polarities, for many samples at once.

    Args:
        weights: occurrences per pattern, shape (b, m).
        design: polarity per theme, 0 where not mentioned, shape (m, p).
        score: answers, shape (m,).
        penalty: ridge penalty on standardised predictors, at least 0; 0.05 costs a lone predictor 5 % of its
            explained variance.

    Returns:
        Shares of shape (b, p), 0-1, and slopes of shape (b, p) in points of the score a unit of polarity. A
        theme that never varies in a sample has share and slope 0; so have all when the score never varies.

    Raises:
        MeasureError: too many themes, or a negative penalty.
    """
    table = np.column_stack([design, score])
    n = weights.sum(axis=1)
    mean = weights @ table / n[:, None]
    size = table.shape[1]
    left, right = np.triu_indices(size)
    covariance = np.empty((len(weights), size, size))
    covariance[:, left, right] = weights @ (table[:, left] * table[:, right]) / n[:, None]
    covariance[:, right, left] = covariance[:, left, right]
    covariance -= mean[:, :, None] * mean[:, None, :]
    deviation = np.sqrt(np.clip(np.diagonal(covariance, axis1=1, axis2=2), 0.0, None))
    varies = deviation > 1e-9
    scale = np.where(varies, deviation, 1.0)
    correlation = covariance / scale[:, :, None] / scale[:, None, :]
    correlation = np.where(varies[:, :, None] & varies[:, None, :], correlation, 0.0)
    system = correlation[:, :-1, :-1] + penalty * np.eye(size - 1)
    system = system + np.where(varies[:, :-1], 0.0, 1.0)[:, :, None] * np.eye(size - 1)
    system = system + 1e-12 * np.eye(size - 1)
    slopes = np.linalg.solve(system, correlation[:, :-1, -1:])[..., 0] * scale[:, -1:] / scale[:, :-1]
    return shapley_of_r2(correlation, penalty), slopes
