"""Measures from counts and sums are those of the items themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import (
    CesVariant,
    Method,
    Moments,
    Patterns,
    Quantifier,
    ces,
    ces_from_counts,
    decompose_change,
    decompose_patterns,
    dna_index,
    dna_of_patterns,
    drivers,
    drivers_of_patterns,
    overall_nps,
    overall_nps_of_moments,
    pack,
)
from feedback_nlp.metrics.dna import DNA_PILLARS

THEMES = [theme for themes in DNA_PILLARS.values() for theme in themes]


def frame_of(rng: np.random.Generator, n: int) -> pd.DataFrame:
    said = np.where(rng.random((n, len(THEMES))) < 0.4, rng.integers(-1, 2, (n, len(THEMES))), np.nan)
    frame = pd.DataFrame(said, columns=[f"theme:{theme}" for theme in THEMES])
    frame["nps"] = np.clip(np.round(7 + 2 * np.nansum(said, axis=1) + rng.normal(0, 1, n)), 0, 10)
    frame["organisation"] = rng.choice(["a", "b"], n)
    return frame


def packed(frame: pd.DataFrame) -> Patterns:
    return pack(frame[["nps", *(f"theme:{theme}" for theme in THEMES)]].to_numpy(float))


@given(st.lists(st.integers(1, 7), min_size=1, max_size=60), st.floats(0.5, 0.99))
def test_effort_from_a_histogram_is_effort_from_the_answers(answers: list[int], level: float) -> None:
    counts = np.bincount(answers, minlength=8)[1:]
    one, other = (
        ces_from_counts(counts, CesVariant.AGREE_1_7, level),
        ces(answers, CesVariant.AGREE_1_7, level),
    )
    assert (one.measure, one.n, one.method) == (other.measure, other.n, other.method)
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-9)


@pytest.mark.parametrize("counts", [[0] * 7, [1] * 6, [-1] + [1] * 6])
def test_a_histogram_that_cannot_be_is_refused(counts: list[int]) -> None:
    with pytest.raises(MeasureError, match=r"at least one answer|7 counts"):
        ces_from_counts(counts, CesVariant.AGREE_1_7)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 40))
def test_a_quantifier_from_sums_in_thousandths_is_the_one_from_the_items(seed: int, silent: int) -> None:
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], 20)
    thousandths = np.array([rng.multinomial(1000, rng.dirichlet(1 + 4 * np.eye(3)[one])) for one in group])
    others = np.array([rng.multinomial(1000, rng.dirichlet([1, 1, 2])) for _ in range(silent)]).reshape(-1, 3)

    def sums(rows: np.ndarray) -> Moments:  # type: ignore[type-arg]
        up, down = rows[:, 0], rows[:, 2]
        return Moments.of_thousandths(
            len(rows), up.sum(), down.sum(), (up * up).sum(), (up * down).sum(), (down * down).sum()
        )

    fitted = Quantifier.fit(thousandths / 1000, group, Method.PACC)
    summed = Quantifier.of_moments([sums(thousandths[group == one]) for one in range(3)])
    assert summed.table == pytest.approx(fitted.table, abs=1e-9)
    assert summed.spread == pytest.approx(fitted.spread, abs=1e-9)
    one = overall_nps((3, 4, 5), others / 1000, fitted)
    other = overall_nps_of_moments((3, 4, 5), sums(others), summed)
    assert (other.n, other.n_estimated) == (one.n, one.n_estimated)
    assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high), abs=1e-6)


def test_sums_over_nothing_have_no_mean_and_em_needs_the_items() -> None:
    empty = Moments.of(np.zeros((0, 3)))
    with pytest.raises(MeasureError, match="at least one item"):
        _ = empty.mean
    with pytest.raises(MeasureError, match="at least two items, got 0"):
        _ = empty.covariance
    rng = np.random.default_rng(1)
    em = Quantifier.fit(rng.dirichlet([1, 1, 1], 60), np.repeat([0, 1, 2], 20), Method.EM)
    with pytest.raises(MeasureError, match="EM needs every item"):
        em.shares_of(empty)
    with pytest.raises(MeasureError, match="at least 5 given scores of each group, got 0 promoters"):
        Quantifier.of_moments([empty] * 3)


def test_drivers_and_changes_from_patterns_are_those_of_the_items() -> None:
    rng = np.random.default_rng(2)
    before, after = frame_of(rng, 300), frame_of(rng, 200)
    assert drivers_of_patterns(THEMES, packed(before), rounds=100) == drivers(before, rounds=100)
    for by_polarity in (False, True):
        whole = decompose_change(before, after, by_polarity=by_polarity, rounds=100)
        assert (
            decompose_patterns(THEMES, packed(before), packed(after), by_polarity=by_polarity, rounds=100)
            == whole
        )
        assert sum(one.total for one in whole.contributions) == pytest.approx(whole.difference, abs=1e-9)


def test_the_index_of_packed_items_is_that_of_the_items() -> None:
    frame = frame_of(np.random.default_rng(3), 400)
    themes = [f"theme:{theme}" for theme in THEMES]
    groups = {str(name): pack(rows[themes].to_numpy(float)) for name, rows in frame.groupby("organisation")}
    for one, other in zip(dna_of_patterns(THEMES, groups), dna_index(frame), strict=True):
        assert (one.name, one.rank, one.thin) == (other.name, other.rank, other.thin)
        assert one.index is not None
        assert other.index is not None
        assert one.index.n == other.index.n
        assert (one.index.value, one.index.low) == pytest.approx(
            (other.index.value, other.index.low), abs=1e-9
        )


def test_patterns_of_another_width_are_refused() -> None:
    rows = packed(frame_of(np.random.default_rng(4), 9))
    with pytest.raises(MeasureError, match="2 themes need 3 columns, got 9"):
        drivers_of_patterns(THEMES[:2], rows)
    with pytest.raises(MeasureError, match="2 themes need 3 columns, got 9"):
        decompose_patterns(THEMES[:2], rows, rows)
    nothing = Patterns(rows.rows[:0], rows.counts[:0])
    with pytest.raises(MeasureError, match="at least 2 items with a score, got 0"):
        drivers_of_patterns(THEMES, nothing)
    with pytest.raises(MeasureError, match="at least one score in each period"):
        decompose_patterns(THEMES, rows, nothing)
