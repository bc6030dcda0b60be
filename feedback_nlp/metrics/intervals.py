"""Interval estimates: the one shape in which every measure is given, and the plain intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, check_level

__all__ = [
    "Estimate",
    "mean_t",
    "mean_t_from_counts",
    "normal_quantile",
    "t_bounds",
    "wilson",
    "wilson_bounds",
]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval and the number of answers that carry it.

    Attributes:
        measure: what it is, e.g. ``NPS`` or ``CES 1-7 (agree)``.
        value: the figure, in the measure's own unit.
        low: lower bound of the interval.
        high: upper bound of the interval.
        n: number of answers behind it.
        level: confidence level of the interval, 0-1.
        method: how the interval was made.
        n_estimated: how many of the ``n`` were not given by customers but estimated from their words.
    """

    measure: str
    value: float
    low: float
    high: float
    n: int
    level: float
    method: str
    n_estimated: int = 0

    @property
    def n_given(self) -> int:
        """Number of answers that customers gave themselves."""
        return self.n - self.n_estimated

    @property
    def half_width(self) -> float:
        """Half the width of the interval, in the measure's unit."""
        return (self.high - self.low) / 2.0

    def covers(self, value: float) -> bool:
        """Whether a value lies within the interval, bounds included.

        Args:
            value: a value in the measure's unit.

        Returns:
            True when it does.
        """
        return self.low <= value <= self.high


def normal_quantile(level: float) -> float:
    """The two-sided standard normal quantile, 1.96 for 0.95.

    Args:
        level: confidence level, 0-1.

    Returns:
        The quantile.

    Raises:
        MeasureError: the level is outside (0, 1).
    """
    return float(stats.norm.ppf(0.5 + check_level(level) / 2.0))


def wilson_bounds(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval for many proportions at once.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
    (1927); recommended for n <= 40 and above by Brown, Cai and DasGupta, Statistical Science 16 (2001).

    Args:
        successes: counts, any shape; need not be whole numbers.
        n: totals of the same shape; 0 gives NaN bounds.
        level: confidence level, 0-1.

    Returns:
        Lower and upper bounds as shares, 0-1, in the shape of the input.

    Raises:
        MeasureError: the level is outside (0, 1).
    """
    z = normal_quantile(level)
    count = np.asarray(successes, dtype=np.float64)
    total = np.asarray(n, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / total
        scale = 1.0 + z * z / total
        centre = (share + z * z / (2.0 * total)) / scale
        half = z / scale * np.sqrt(share * (1.0 - share) / total + z * z / (4.0 * total * total))
    # At none and at all, rounding would otherwise leave the bound a hair beside 0 or 1.
    low = np.where(count == 0, np.where(total > 0, 0.0, np.nan), centre - half)
    high = np.where(count == total, np.where(total > 0, 1.0, np.nan), centre + half)
    return low, high


def wilson(successes: int, n: int, measure: str, level: float = 0.95) -> Estimate:
    """A share in percent with Wilson's interval.

    Args:
        successes: number that has the property.
        n: number in all, at least 1.
        measure: name of the measure.
        level: confidence level, 0-1.

    Returns:
        The estimate, 0-100.

    Raises:
        MeasureError: nothing was counted, or more successes than cases.
    """
    if n < 1:
        raise MeasureError(f"{measure} needs at least one answer, got {n}")
    if not 0 <= successes <= n:
        raise MeasureError(f"{measure}: {successes} of {n} is impossible")
    low, high = wilson_bounds(successes, n, level)
    return Estimate(
        measure, 100.0 * successes / n, 100.0 * float(low), 100.0 * float(high), n, level, "Wilson"
    )


def t_bounds(
    mean: ArrayLike, variance: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Student's t interval for many means at once.

    Args:
        mean: sample means, any shape.
        variance: sample variances with n - 1 in the denominator, same shape.
        n: sample sizes, same shape; below 2 gives NaN bounds.
        level: confidence level, 0-1.

    Returns:
        Lower and upper bounds in the unit of the mean.

    Raises:
        MeasureError: the level is outside (0, 1).
    """
    check_level(level)
    size = np.asarray(n, dtype=np.float64)
    centre = np.asarray(mean, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        quantile = stats.t.ppf(0.5 + level / 2.0, np.where(size > 1, size - 1, np.nan))
        half = quantile * np.sqrt(np.asarray(variance, dtype=np.float64) / size)
    return centre - half, centre + half


def mean_t_from_counts(counts: ArrayLike, measure: str, low: int, high: int, level: float = 0.95) -> Estimate:
    """A mean of whole answers with Student's t interval, from how often each was given; else as `mean_t`.

    Args:
        counts: how often each answer was given, from `low` to `high`; shape (high - low + 1,).
        measure: name of the measure.
        low: lowest answer on the scale.
        high: highest answer on the scale.
        level: confidence level, 0-1.

    Returns:
        The estimate; with a single answer the interval is the whole scale.

    Raises:
        MeasureError: there is no answer, a count is negative, or there are not as many counts as answers.
    """
    check_level(level)
    given = np.asarray(counts, dtype=np.float64)
    if given.shape != (high - low + 1,) or (given < 0).any():
        raise MeasureError(f"{measure} needs {high - low + 1} counts of at least 0, got {counts!r}")
    n = int(given.sum())
    if n < 1:
        raise MeasureError(f"{measure} needs at least one answer, got none")
    answers = np.arange(low, high + 1, dtype=np.float64)
    mean = float(given @ answers) / n
    if n == 1:
        return Estimate(measure, mean, low, high, 1, level, "whole scale (one answer)")
    lower, upper = t_bounds(mean, float(given @ (answers - mean) ** 2) / (n - 1), n, level)
    return Estimate(measure, mean, max(low, float(lower)), min(high, float(upper)), n, level, "Student t")


def mean_t(values: FloatArray, measure: str, low: float, high: float, level: float = 0.95) -> Estimate:
    """A mean with Student's t interval, cut off at the ends of the scale.

    Args:
        values: answers of shape (n,), no NaN.
        measure: name of the measure.
        low: lowest answer on the scale; the interval does not go below it.
        high: highest answer on the scale.
        level: confidence level, 0-1.

    Returns:
        The estimate; with a single answer the interval is the whole scale.

    Raises:
        MeasureError: there is no answer.
    """
    check_level(level)
    n = int(values.size)
    if n < 1:
        raise MeasureError(f"{measure} needs at least one answer, got none")
    mean = float(values.mean())
    if n == 1:
        return Estimate(measure, mean, low, high, 1, level, "whole scale (one answer)")
    lower, upper = t_bounds(mean, float(values.var(ddof=1)), n, level)
    return Estimate(measure, mean, max(low, float(lower)), min(high, float(upper)), n, level, "Student t")
