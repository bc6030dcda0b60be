"""Difference in differences over weekly cells, with errors that know of weekly swings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from feedback_nlp.metrics.checks import BoolArray, FloatArray
from feedback_nlp.metrics.weekly import CONTROL, TOUCHED, WeeklyCells

__all__ = ["Differences", "Trend", "difference_in_differences", "pre_trend", "two_sided"]

FEW_WEEKS = 6
"""Degrees of freedom below which weekly swings cannot be estimated."""


@dataclass(frozen=True, slots=True)
class Differences:
    """A difference in differences.

    Attributes:
        value: (touched after - touched before) - (control after - control before).
        sampling_error: standard error if answers were independent draws within each of the four cells.
        swing: variance of the weekly differences over what sampling explains; 1 when not more, None when there
            are too few weeks to see it.
        df: degrees of freedom of the interval; infinite when sampling alone is reckoned with.
        n: answers, shape (2, 2): before / after, `CONTROL` / `TOUCHED`.
        mean: means, same shape.
        variance: variances of single answers, same shape.
        weeks: number of weeks in which both groups have answers.
    """

    value: float
    sampling_error: float
    swing: float | None
    df: float
    n: FloatArray
    mean: FloatArray
    variance: FloatArray
    weeks: int

    @property
    def error(self) -> float:
        """Standard error, widened by the weekly swings."""
        return self.sampling_error * float(np.sqrt(self.swing or 1.0))

    def quantile(self, level: float) -> float:
        """The two-sided quantile of the interval.

        Args:
            level: confidence level, 0-1.

        Returns:
            Quantile of Student's t, or of the normal when `df` is infinite.
        """
        return _t_quantile(0.5 + level / 2.0, self.df)


@dataclass(frozen=True, slots=True)
class Trend:
    """How the gap between touched and control moved before the improvement.

    Attributes:
        slope: change of the gap a week, in the outcome's unit.
        p_value: two-sided, of the hypothesis of parallel trends.
        weeks: number of weeks it rests on.
    """

    slope: float
    p_value: float
    weeks: int


def difference_in_differences(cells: WeeklyCells, before: BoolArray, after: BoolArray) -> Differences | None:
    """Compare the change of what was touched with the change of what was not.

    The estimate and its unpooled standard error are those of the saturated regression with HC2 errors (D. Card
    and A. Krueger, AER 84, 1994, for the design). Shocks that a whole week shares would make that error too
    small (M. Bertrand, E. Duflo and S. Mullainathan, "How much should we trust differences-in-differences
    estimates?", QJE 119, 2004); hence the weekly gaps touched - control are compared with what sampling lets
    them vary, and the error is widened by the square root of the ratio, as in quasi-likelihood (P. McCullagh and
    J. Nelder, "Generalized Linear Models", 1989, 4.5), never narrowed; the interval then has the degrees of
    freedom of the weeks.

    Args:
        cells: the weekly cells.
        before: which weeks count as before, shape (w,).
        after: which weeks count as after, shape (w,).

    Returns:
        The comparison; None when one of the four cells has fewer than 2 answers.
    """
    phases = (before, after)
    n = np.array([cells.n[phase].sum(axis=0) for phase in phases])
    if (n < 2).any():
        return None
    total = np.array([cells.total[phase].sum(axis=0) for phase in phases])
    squares = np.array([cells.squares[phase].sum(axis=0) for phase in phases])
    mean = total / n
    low, high = cells.outcome.bounds
    # Never surer than if one answer of the cell had been at the other end of the scale.
    variance = np.maximum((squares - n * mean**2) / (n - 1), (high - low) ** 2 / n)
    change = mean[1] - mean[0]
    gap_squares, rows = 0.0, 0
    for i, phase in enumerate(phases):
        gap, spread = _gaps(cells, phase, variance[i])
        if gap.size:
            middle = float((gap / spread).sum() / (1.0 / spread).sum())
            gap_squares += float(((gap - middle) ** 2 / spread).sum())
            rows += gap.size
    freedom = rows - 2
    swing = max(1.0, gap_squares / freedom) if freedom >= FEW_WEEKS else None
    return Differences(
        value=float(change[TOUCHED] - change[CONTROL]),
        sampling_error=float(np.sqrt((variance / n).sum())),
        swing=swing,
        df=float(freedom) if swing is not None and swing > 1.0 else np.inf,
        n=n,
        mean=mean,
        variance=variance,
        weeks=rows,
    )


def pre_trend(cells: WeeklyCells, before: BoolArray) -> Trend | None:
    """Did the gap between touched and control already move before the improvement?

    Weighted least squares of the weekly gap on the week; the slope's error is widened by residual swings.

    Args:
        cells: the weekly cells.
        before: which weeks count as before, shape (w,).

    Returns:
        The trend; None when fewer than 4 weeks have answers in both groups.
    """
    n, total, squares = (part[before].sum(axis=0) for part in (cells.n, cells.total, cells.squares))
    if (n < 2).any():
        return None
    low, high = cells.outcome.bounds
    variance = np.maximum((squares - total**2 / n) / (n - 1), (high - low) ** 2 / n)
    gap, spread = _gaps(cells, before, variance)
    week = cells.week[before & (cells.n > 0).all(axis=1)].astype(np.float64)
    if gap.size < 4:
        return None
    weight = 1.0 / spread
    centred = week - (weight * week).sum() / weight.sum()
    information = float((weight * centred**2).sum())
    slope = float((weight * centred * gap).sum()) / information
    level = float((weight * gap).sum() / weight.sum())
    freedom = gap.size - 2
    swing = float((weight * (gap - level - slope * centred) ** 2).sum()) / freedom
    error = np.sqrt(max(1.0, swing) / information)
    df = float(freedom) if swing > 1.0 else np.inf
    return Trend(slope, two_sided(slope / error, df), int(gap.size))


def two_sided(statistic: float, df: float) -> float:
    """Two-sided p-value of a statistic.

    Args:
        statistic: estimate over its standard error.
        df: degrees of freedom of Student's t; infinite is the normal.

    Returns:
        The p-value, 0-1.
    """
    one_side = special.ndtr(-abs(statistic)) if np.isinf(df) else special.stdtr(df, -abs(statistic))
    return 2.0 * float(one_side)


def _t_quantile(probability: float, df: float) -> float:
    return float(special.ndtri(probability) if np.isinf(df) else special.stdtrit(df, probability))


def _gaps(cells: WeeklyCells, phase: BoolArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weekly gaps touched - control and their sampling variances, of weeks with answers in both."""
    use = phase & (cells.n > 0).all(axis=1)
    mean = cells.total[use] / cells.n[use]
    return mean[:, TOUCHED] - mean[:, CONTROL], (variance / cells.n[use]).sum(axis=1)
