"""Net Promoter Score and Employee Promoter Score, with the adjusted-Wald interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, answers_on_scale
from feedback_nlp.metrics.intervals import Estimate, normal_quantile

__all__ = [
    "ADDED",
    "ScoreDifference",
    "adjusted_nps",
    "count_groups",
    "eps",
    "nps",
    "nps_bounds",
    "nps_difference",
    "nps_from_counts",
]

ADDED = (0.75, 1.5, 0.75)
"""Answers added before the interval is made: promoters, passives, detractors."""

METHOD = "adjusted Wald (n+3)"


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """The difference of two Net Promoter Scores, the first minus the second.

    Attributes:
        difference: difference of the plain scores, -200..200.
        low: lower bound of the interval.
        high: upper bound of the interval.
        z: test statistic, made of the adjusted scores.
        p_value: two-sided, of the hypothesis that there is no difference.
        level: confidence level of the interval, 0-1.
        n_first: number of answers behind the first score.
        n_second: number of answers behind the second score.
    """

    difference: float
    low: float
    high: float
    z: float
    p_value: float
    level: float
    n_first: int
    n_second: int

    @property
    def more_than_noise(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0.0 or self.high < 0.0


def count_groups(answers: ArrayLike, measure: str = "nps") -> tuple[int, int, int]:
    """How many promoters (9-10), passives (7-8) and detractors (0-6) there are.

    Args:
        answers: answers 0-10, shape (n,); None and NaN are skipped.
        measure: name of the question, for messages.

    Returns:
        Promoters, passives, detractors.

    Raises:
        MeasureError: an answer is not 0-10.
    """
    given = answers_on_scale(answers, 0, 10, measure)
    promoters = int((given >= 8.5).sum())
    detractors = int((given < 6.5).sum())
    return promoters, int(given.size) - promoters - detractors, detractors


def adjusted_nps(
    promoters: ArrayLike, passives: ArrayLike, detractors: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """The score after 3 answers were added, and its standard error; many scores at once.

    Source: B. Rocks, "Interval estimation for the Net Promoter Score", The American Statistician 70(4), 2016
    (adjusted Wald with 3 added answers, spread 3/4, 3/2, 3/4, did best of six); J. Lewis and J. Sauro,
    measuringu.com/nps-confidence-intervals, 2020.

    Args:
        promoters: counts, any shape.
        passives: counts of the same shape.
        detractors: counts of the same shape.

    Returns:
        Adjusted score and standard error, both on the scale -100..100.
    """
    up = np.asarray(promoters, dtype=np.float64) + ADDED[0]
    flat = np.asarray(passives, dtype=np.float64) + ADDED[1]
    down = np.asarray(detractors, dtype=np.float64) + ADDED[2]
    total = up + flat + down
    score = (up - down) / total
    variance = (up + down) / total - score**2
    return 100.0 * score, 100.0 * np.sqrt(variance / total)


def nps_bounds(
    promoters: ArrayLike, passives: ArrayLike, detractors: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """The adjusted-Wald interval of many scores at once, cut off at -100 and 100.

    Args:
        promoters: counts, any shape.
        passives: counts of the same shape.
        detractors: counts of the same shape.
        level: confidence level, 0-1.

    Returns:
        Lower and upper bounds, -100..100.

    Raises:
        MeasureError: the level is outside (0, 1).
    """
    z = normal_quantile(level)
    centre, error = adjusted_nps(promoters, passives, detractors)
    return np.maximum(-100.0, centre - z * error), np.minimum(100.0, centre + z * error)


def nps_from_counts(
    promoters: int, passives: int, detractors: int, level: float = 0.95, measure: str = "NPS"
) -> Estimate:
    """Net Promoter Score: percentage of promoters minus percentage of detractors.

    Source of the score: F. Reichheld, "The one number you need to grow", Harvard Business Review, 2003; of
    the interval: `adjusted_nps`.

    Args:
        promoters: number of answers 9-10.
        passives: number of answers 7-8.
        detractors: number of answers 0-6.
        level: confidence level, 0-1.
        measure: name of the measure.

    Returns:
        The plain score, -100..100, with the adjusted-Wald interval (whose middle lies nearer to 0).

    Raises:
        MeasureError: no answers, or a negative count.
    """
    if min(promoters, passives, detractors) < 0:
        raise MeasureError(f"{measure}: counts cannot be negative, got {(promoters, passives, detractors)}")
    n = promoters + passives + detractors
    if n < 1:
        raise MeasureError(f"{measure} needs at least one answer, got none")
    low, high = nps_bounds(promoters, passives, detractors, level)
    return Estimate(measure, 100.0 * (promoters - detractors) / n, float(low), float(high), n, level, METHOD)


def nps(answers: ArrayLike, level: float = 0.95) -> Estimate:
    """Net Promoter Score of answers 0-10.

    Args:
        answers: answers 0-10, shape (n,); None and NaN are skipped.
        level: confidence level, 0-1.

    Returns:
        The score, -100..100, with the adjusted-Wald interval.

    Raises:
        MeasureError: no answers, or one that is not 0-10.
    """
    return nps_from_counts(*count_groups(answers, "nps"), level)


def eps(answers: ArrayLike, level: float = 0.95) -> Estimate:
    """Employee Promoter Score: the formula of the NPS over employees' answers.

    Args:
        answers: answers 0-10 of employees only, shape (n,); None and NaN are skipped.
        level: confidence level, 0-1.

    Returns:
        The score, -100..100, with the adjusted-Wald interval.

    Raises:
        MeasureError: no answers, or one that is not 0-10.
    """
    return nps_from_counts(*count_groups(answers, "eps"), level, "EPS")


def nps_difference(
    first: tuple[int, int, int], second: tuple[int, int, int], level: float = 0.95
) -> ScoreDifference:
    """Whether two independent Net Promoter Scores differ: z with unpooled standard errors.

    Source: J. Lewis and J. Sauro, measuringu.com/nps-significance-test, 2021: each score is adjusted as for
    its own interval, and the standard errors are added in quadrature without pooling.

    Args:
        first: promoters, passives and detractors of the first group.
        second: the same of the second group.
        level: confidence level, 0-1.

    Returns:
        The difference of the plain scores; interval and test rest on the adjusted ones.

    Raises:
        MeasureError: a group has no answers or a negative count.
    """
    one, two = nps_from_counts(*first, level), nps_from_counts(*second, level)
    (centre_1, error_1), (centre_2, error_2) = adjusted_nps(*first), adjusted_nps(*second)
    error = float(np.hypot(error_1, error_2))
    centre = float(centre_1 - centre_2)
    half = normal_quantile(level) * error
    z = centre / error
    return ScoreDifference(
        difference=one.value - two.value,
        low=max(-200.0, centre - half),
        high=min(200.0, centre + half),
        z=z,
        p_value=float(2.0 * stats.norm.sf(abs(z))),
        level=level,
        n_first=one.n,
        n_second=two.n,
    )
