"""How likely an effect is to be seen, and how long one has to wait until it would be."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from feedback_nlp.metrics.checks import FloatArray
from feedback_nlp.metrics.did import FEW_WEEKS, Differences

__all__ = ["Needed", "answers_needed", "power_to_see"]

FURTHEST = 260
"""Weeks that one looks ahead."""

GRID = 32
"""Points at which the distribution of the estimated swing is taken."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What is still lacking before the effect can be told.

    Attributes:
        weeks: weeks to wait at the present rate.
        touched: further answers needed of what was touched.
        control: further answers that come from the other journeys meanwhile.
    """

    weeks: int
    touched: int
    control: int


def power_to_see(
    effect: float,
    sampling_error: ArrayLike,
    weeks: ArrayLike,
    level: float = 0.95,
    swing: float = 1.0,
    trend_alpha: float = 0.05,
) -> FloatArray:
    """Chance that an effect leads to the verdict that fits its sign.

    It follows the rule of the verdict: the estimated swing of the weeks is a multiple of a chi-square; where it
    comes out above 1 it widens the interval; and truly parallel trends fail their own test at `trend_alpha`.

    Args:
        effect: true effect, in the outcome's unit; its sign does not matter.
        sampling_error: standard error from sampling alone, any shape.
        weeks: weeks in which both groups have answers, same shape.
        level: confidence level of the interval, 0-1.
        swing: true variance of the weekly gaps over what sampling explains, at least 1.
        trend_alpha: level of the test of parallel trends, 0-1.

    Returns:
        Chances 0-1, in the shape of the input.
    """
    error = np.asarray(sampling_error, dtype=np.float64)[..., None]
    freedom = np.asarray(weeks, dtype=np.float64)[..., None] - 2.0
    estimable = freedom >= FEW_WEEKS
    grid = (np.arange(GRID) + 0.5) / GRID
    usable = np.where(estimable, freedom, 1.0)
    seen = np.where(estimable, swing * special.chdtri(usable, 1.0 - grid) / usable, 1.0)
    bound = np.where(seen > 1.0, special.stdtrit(usable, 0.5 + level / 2.0), special.ndtri(0.5 + level / 2.0))
    true_error = error * np.sqrt(swing)
    chance = special.ndtr((abs(effect) - bound * error * np.sqrt(np.maximum(1.0, seen))) / true_error)
    result: FloatArray = (1.0 - trend_alpha) * chance.mean(axis=-1)
    return result


def answers_needed(
    seen: Differences,
    weekly: FloatArray,
    effect: float,
    *,
    power: float = 0.8,
    level: float = 0.95,
    least: int = 30,
    trend_alpha: float = 0.05,
) -> Needed | None:
    """How long to wait until an effect worth knowing would be seen with the power asked.

    The effect is one chosen beforehand, not the one observed: power at the observed effect says nothing that the
    p-value does not (J. Hoenig and D. Heisey, "The abuse of power", The American Statistician 55, 2001).

    Args:
        seen: the comparison so far.
        weekly: answers a week to come, shape (2,): control, touched.
        effect: smallest effect worth knowing, in the outcome's unit.
        power: chance asked, 0-1.
        level: confidence level of the interval, 0-1.
        least: answers that each of the four cells must have.
        trend_alpha: level of the test of parallel trends.

    Returns:
        What is lacking (0 weeks when it is all there); None when five years would not do, as when the time
        before is too thin.
    """
    if (seen.n[0] < least).any():
        return None

    def enough(ahead: int) -> bool:
        after = seen.n[1] + ahead * weekly
        variance = float((seen.variance[0] / seen.n[0]).sum() + (seen.variance[1] / after).sum())
        chance = power_to_see(
            effect, np.sqrt(variance), seen.weeks + ahead, level, seen.swing or 1.0, trend_alpha
        )
        return bool(chance >= power) and bool((after >= least).all())

    # More answers never lower the chance, so the first week that is enough is found by halving.
    weeks = bisect_left(range(FURTHEST + 1), True, key=enough)
    if weeks > FURTHEST:
        return None
    control, touched = np.ceil(weeks * weekly).astype(int)
    return Needed(weeks, int(touched), int(control))
