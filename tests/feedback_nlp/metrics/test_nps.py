from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW, _zconfint_generic

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import eps, nps, nps_difference, nps_from_counts

counts = st.tuples(*[st.integers(0, 500)] * 3).filter(lambda c: sum(c) > 0)


def test_a_worked_example_comes_out_to_the_last_digit() -> None:
    # 19 promoters, 12 passives and 5 detractors by the formula of Rocks (2016), in fractions:
    # 39 answers after the added three, of which 19.75 promoters and 5.75 detractors.
    up, down = Fraction(79, 4) / 39, Fraction(23, 4) / 39
    variance = (up + down - (up - down) ** 2) / 39
    half = 1.959963984540054 * math.sqrt(variance)
    found = nps([9] * 10 + [10] * 9 + [7] * 6 + [8] * 6 + [0, 3, 6, 6, 5])
    assert found.value == pytest.approx(100 * 14 / 36, abs=1e-9)
    assert found.low == pytest.approx(100 * (float(up - down) - half), abs=1e-9)
    assert found.high == pytest.approx(100 * (float(up - down) + half), abs=1e-9)
    assert (found.n, found.n_given, found.n_estimated) == (36, 36, 0)


@given(counts, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_interval_is_that_of_statsmodels_over_the_adjusted_answers(
    groups: tuple[int, int, int], level: float
) -> None:
    weights = np.array(groups) + np.array([0.75, 1.5, 0.75])
    adjusted = DescrStatsW(np.array([100.0, 0.0, -100.0]), weights=weights, ddof=0)
    error = math.sqrt(adjusted.var / weights.sum())
    low, high = _zconfint_generic(adjusted.mean, error, 1 - level, "two-sided")
    found = nps_from_counts(*groups, level)
    assert found.low == pytest.approx(max(-100, low), abs=1e-9)
    assert found.high == pytest.approx(min(100, high), abs=1e-9)


@given(counts)
def test_swapping_promoters_and_detractors_turns_the_score_round(groups: tuple[int, int, int]) -> None:
    one, other = nps_from_counts(*groups), nps_from_counts(*groups[::-1])
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low), abs=1e-9)


@given(counts, counts)
def test_a_difference_is_tested_with_unpooled_errors(
    first: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    parts = []
    for groups in (first, second):
        weights = np.array(groups) + np.array([0.75, 1.5, 0.75])
        adjusted = DescrStatsW(np.array([100.0, 0.0, -100.0]), weights=weights, ddof=0)
        parts.append((adjusted.mean, adjusted.var / weights.sum()))
    z = (parts[0][0] - parts[1][0]) / math.sqrt(parts[0][1] + parts[1][1])
    found = nps_difference(first, second)
    assert found.z == pytest.approx(z, abs=1e-9)
    assert found.p_value == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), abs=1e-9)
    if found.low > -200 and found.high < 200:
        assert found.more_than_noise == (found.p_value < 0.05)


def test_answers_that_were_not_given_do_not_count() -> None:
    assert nps([10, None, float("nan"), 0]) == nps([10, 0])


def test_employees_have_the_same_formula_under_another_name() -> None:
    found, same = eps([9, 9, 7, 2]), nps([9, 9, 7, 2])
    assert found.measure == "EPS"
    assert (found.value, found.low, found.high) == (same.value, same.low, same.high)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([9, 11], "nps must be 0-10, got 11 at position 1"),
        ([9, "goed"], "nps must be a number, got 'goed' at position 1"),
        ([], "NPS needs at least one answer"),
        ([None], "NPS needs at least one answer"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_place(answers: list[object], message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        nps(answers)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(MeasureError, match="confidence level"):
        nps([9], level)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(MeasureError, match="cannot be negative"):
        nps_from_counts(3, -1, 2)
