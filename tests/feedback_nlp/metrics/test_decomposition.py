from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import decompose_change, nps
from feedback_nlp.metrics.decomposition import NO_THEME

polarity = st.one_of(st.none(), st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]))
item = st.tuples(st.integers(0, 10), polarity, polarity, polarity)
period = st.lists(item, min_size=1, max_size=40)


def frame_of(items: list[tuple[float | None, ...]]) -> pd.DataFrame:
    return pd.DataFrame(items, columns=["nps", "theme:a", "theme:b", "theme:c"], dtype=float)


@settings(max_examples=50, deadline=None)
@given(period, period, st.booleans())
def test_contributions_add_up_to_the_change(
    before: list[tuple[float | None, ...]], after: list[tuple[float | None, ...]], by_polarity: bool
) -> None:
    one, two = frame_of(before), frame_of(after)
    change = decompose_change(one, two, by_polarity=by_polarity, rounds=100)
    assert change.before == pytest.approx(nps(one["nps"]).value, abs=1e-9)
    assert change.after == pytest.approx(nps(two["nps"]).value, abs=1e-9)
    assert sum(part.total for part in change.contributions) == pytest.approx(change.difference, abs=1e-9)
    assert sum(part.share_before for part in change.contributions) == pytest.approx(100)
    assert sum(part.share_after for part in change.contributions) == pytest.approx(100)


def test_a_worked_example_of_kitagawa() -> None:
    # Before: half speak of a (NPS -100), half of b (NPS 100). After: 3/4 of a, whose level is now -1/3.
    one = frame_of([(0, -1, None, None), (10, None, 1, None)])
    two = frame_of([(0, -1, None, None), (0, -1, None, None), (10, -1, None, None), (10, None, 1, None)])
    parts = {part.theme: part for part in decompose_change(one, two, rounds=100).contributions}
    # overall 0 -> 0; reference 0; mix a = 1/4 * (-100 - 33.3)/2, level a = 5/8 * 66.7; mix b = -1/4 * 100
    assert parts["a"].mix.value == pytest.approx(0.25 * (-400 / 3) / 2)
    assert parts["a"].level.value == pytest.approx(0.625 * 200 / 3)
    assert parts["b"].mix.value == pytest.approx(-25)
    assert parts["b"].level.value == 0
    assert parts["a"].nps_after == pytest.approx(-100 / 3)


def test_a_theme_that_is_new_counts_as_mix_alone() -> None:
    one = frame_of([(9, None, None, None)] * 4)
    two = frame_of([(9, None, None, None)] * 2 + [(2, None, None, -1.0)] * 2)
    change = decompose_change(one, two, rounds=100)
    parts = {part.theme: part for part in change.contributions}
    assert set(parts) == {"c", NO_THEME}
    assert parts["c"].level.value == 0
    assert parts["c"].nps_before is None
    assert change.difference == -100


def test_a_level_that_moved_is_seen_by_its_interval() -> None:
    rng = np.random.default_rng(1)

    def answers(mean: float, n: int = 400) -> pd.DataFrame:
        said = rng.random((n, 3)) < 0.5
        mood = 7 + said[:, 0] * mean + rng.normal(0, 1.5, n)
        table = np.column_stack([np.clip(np.round(mood), 0, 10), np.where(said, -1.0, np.nan)])
        return pd.DataFrame(table, columns=["nps", "theme:a", "theme:b", "theme:c"])

    change = decompose_change(answers(0.0), answers(-4.0))
    assert change.contributions[0].theme == "a"
    assert change.contributions[0].level.high < 0
    assert change.contributions[0].mix.covers(0)


def test_periods_must_know_the_same_themes_and_have_scores() -> None:
    one = frame_of([(9, 1, None, None)])
    with pytest.raises(MeasureError, match="same theme columns"):
        decompose_change(one, one.drop(columns="theme:b"))
    with pytest.raises(MeasureError, match="at least one score"):
        decompose_change(one, one.assign(nps=np.nan))
