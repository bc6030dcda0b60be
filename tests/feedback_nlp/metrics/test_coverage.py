"""Does each interval hold the truth as often as it says? 10,000 simulated samples each.

Where an interval of this kind is known to miss, the test says from which n on it holds, and shows that below it does
not: a claim of coverage without its n would be false. The costlier simulations are in tests/benchmarks.
"""

from __future__ import annotations

import numpy as np
import pytest

from feedback_nlp.metrics.checks import FloatArray
from feedback_nlp.metrics.intervals import normal_quantile, t_bounds, wilson_bounds
from feedback_nlp.metrics.nps import adjusted_nps, nps_bounds

RUNS = 10_000
WITHIN = 0.015
USUAL = [(0.3, 0.4, 0.3), (0.5, 0.3, 0.2), (0.6, 0.3, 0.1), (0.2, 0.3, 0.5)]
"""Shares of promoters, passives and detractors."""


def held(low: FloatArray, high: FloatArray, truth: float | FloatArray) -> float:
    return float(np.mean((low <= truth) & (truth <= high)))


@pytest.mark.parametrize("n", [50, 100, 400, 2000])
@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize(
    "shares", [(0.3, 0.4, 0.3), (0.5, 0.3, 0.2), (0.6, 0.3, 0.1), (0.2, 0.3, 0.5), (0.8, 0.15, 0.05)]
)
def test_the_nps_interval_holds_from_50_answers_on(
    n: int, level: float, shares: tuple[float, float, float]
) -> None:
    counts = np.random.default_rng(1).multinomial(n, shares, RUNS)
    covered = held(*nps_bounds(*counts.T, level), 100 * (shares[0] - shares[2]))
    assert covered == pytest.approx(level, abs=WITHIN)


@pytest.mark.parametrize("shares", USUAL)
def test_the_nps_interval_holds_from_20_answers_on_when_no_group_is_rare(
    shares: tuple[float, float, float],
) -> None:
    counts = np.random.default_rng(2).multinomial(20, shares, RUNS)
    assert held(*nps_bounds(*counts.T), 100 * (shares[0] - shares[2])) == pytest.approx(0.95, abs=WITHIN)


@pytest.mark.parametrize("sizes", [(15, 15), (30, 60), (100, 100), (400, 1000)])
def test_the_interval_of_a_difference_holds_from_15_answers_each_on(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    first = rng.multinomial(sizes[0], (0.3, 0.4, 0.3), RUNS)
    second = rng.multinomial(sizes[1], (0.5, 0.3, 0.2), RUNS)
    (centre_1, error_1), (centre_2, error_2) = adjusted_nps(*first.T), adjusted_nps(*second.T)
    half = normal_quantile(0.95) * np.hypot(error_1, error_2)
    assert held(centre_1 - centre_2 - half, centre_1 - centre_2 + half, -30.0) == pytest.approx(
        0.95, abs=WITHIN
    )


@pytest.mark.parametrize("n", [10, 30, 100])
def test_wilson_holds_from_10_answers_on_over_all_shares(n: int) -> None:
    rng = np.random.default_rng(4)
    share = rng.random(RUNS)
    low, high = wilson_bounds(rng.binomial(n, share), np.full(RUNS, n))
    assert held(low, high, share) == pytest.approx(0.95, abs=WITHIN)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.35, 0.5, 0.8])
def test_wilson_holds_at_any_single_share_from_400_answers_on(share: float) -> None:
    counts = np.random.default_rng(5).binomial(400, share, RUNS)
    assert held(*wilson_bounds(counts, np.full(RUNS, 400)), share) == pytest.approx(0.95, abs=WITHIN)


def test_wilson_at_a_single_share_may_miss_with_few_answers() -> None:
    counts = np.random.default_rng(6).binomial(
        30, 0.1, RUNS
    )  # counts are whole numbers: coverage comes in steps
    assert abs(held(*wilson_bounds(counts, np.full(RUNS, 30)), 0.1) - 0.95) > WITHIN


MIXED = (0.05, 0.05, 0.1, 0.1, 0.2, 0.25, 0.25)
CEILING = (0.02, 0.02, 0.03, 0.05, 0.1, 0.28, 0.5)


def ces_coverage(shares: tuple[float, ...], n: int) -> float:
    answers = np.arange(1, 8)
    counts = np.random.default_rng(7).multinomial(n, shares, RUNS)
    mean = counts @ answers / n
    variance = (counts @ answers**2 - n * mean**2) / (n - 1)
    return held(*t_bounds(mean, variance, np.full(RUNS, n)), float(np.dot(shares, answers)))


@pytest.mark.parametrize(
    ("shares", "n"), [(MIXED, 20), (MIXED, 50), (MIXED, 400), (CEILING, 100), (CEILING, 400)]
)
def test_the_ces_interval_holds_from_20_answers_on_or_100_when_half_give_full_marks(
    shares: tuple[float, ...], n: int
) -> None:
    assert ces_coverage(shares, n) == pytest.approx(0.95, abs=WITHIN)


def test_the_ces_interval_misses_with_20_answers_when_half_give_full_marks() -> None:
    assert ces_coverage(CEILING, 20) < 0.95 - 2 * WITHIN
