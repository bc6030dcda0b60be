from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import (
    CasScale,
    CesVariant,
    cas,
    cas_pillars,
    ces,
    first_contact_resolution,
    solved_at_first_contact,
    theme_shares,
)
from feedback_nlp.metrics.intervals import wilson, wilson_bounds


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_worked_examples_of_newcombe_1998(
    successes: int, n: int, low: float, high: float
) -> None:
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Stat. Med. 17, table I, method 3
    found = wilson(successes, n, "share")
    assert (round(found.low / 100, 4), round(found.high / 100, 4)) == (low, high)


@given(
    st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999)
)
def test_wilson_is_that_of_statsmodels(case: tuple[int, int], level: float) -> None:
    low, high = wilson_bounds(*case, level)
    expected = proportion_confint(*case, alpha=1 - level, method="wilson")
    assert (float(low), float(high)) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(1, 7), min_size=2, max_size=60).filter(lambda a: len(set(a)) > 1))
def test_ces_is_the_mean_with_the_t_interval_of_statsmodels(answers: list[int]) -> None:
    found = ces(answers, CesVariant.AGREE_1_7)
    low, high = DescrStatsW(np.array(answers, float)).tconfint_mean()
    assert found.value == pytest.approx(np.mean(answers), abs=1e-9)
    assert (found.low, found.high) == pytest.approx((max(1, low), min(7, high)), abs=1e-9)


@pytest.mark.parametrize("variant", list(CesVariant))
def test_ces_never_goes_without_its_variant(variant: CesVariant) -> None:
    found = ces([variant.low, variant.high], variant)
    assert found.measure == variant.label
    assert f"{variant.low}-{variant.high}" in found.measure
    assert (found.low, found.high) == (variant.low, variant.high)
    with pytest.raises(
        MeasureError, match=rf"{variant.low}-{variant.high}\D+got {variant.high + 1} at position 0"
    ):
        ces([variant.high + 1], variant)


def test_one_answer_says_nothing_of_the_mean() -> None:
    found = ces([4], CesVariant.AGREE_1_7)
    assert (found.value, found.low, found.high) == (4, 1, 7)


def test_cas_is_the_share_that_agrees_on_either_scale() -> None:
    assert cas([8, 9, 10, 7]).value == cas([4, 5, 5, 3], CasScale.ONE_TO_FIVE).value == 75.0
    expected = proportion_confint(3, 4, method="wilson")
    assert (cas([8, 9, 10, 7]).low / 100, cas([8, 9, 10, 7]).high / 100) == pytest.approx(expected, abs=1e-9)


def test_pillars_are_read_from_themes() -> None:
    frame = pd.DataFrame(
        {
            "theme:gemak": [0.9, -0.9, np.nan, np.nan],
            "theme:proces": [0.8, 0.9, np.nan, np.nan],
            "theme:vertrouwen": [np.nan, np.nan, -0.7, np.nan],
            "theme:kosten": [1.0, 1.0, 1.0, 1.0],
        }
    )
    pillars = cas_pillars(frame)
    simple, trust = pillars["simple"], pillars["trustworthy"]
    assert simple is not None
    assert trust is not None
    assert (simple.value, simple.n) == (50.0, 2)  # the second item is of two minds
    assert (trust.value, trust.n) == (0.0, 1)
    assert pillars["transparent"] is None
    assert pillars["benevolent"] is None


def test_shares_per_polarity_add_up_to_the_share() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {f"theme:{name}": np.where(rng.random(200) < 0.3, rng.uniform(-1, 1, 200), np.nan) for name in "ab"}
    )
    table = theme_shares(frame)
    for theme, rows in table.groupby("theme"):
        by = rows.set_index("polarity")["share"]
        assert by["positive"] + by["neutral"] + by["negative"] == pytest.approx(by["any"], abs=1e-9)
        assert by["any"] == pytest.approx(100 * frame[f"theme:{theme}"].notna().mean(), abs=1e-9)
        expected = proportion_confint(rows["count"].to_numpy(), 200, method="wilson")
        assert rows["low"].to_numpy() == pytest.approx(100 * expected[0], abs=1e-9)
        assert rows["high"].to_numpy() == pytest.approx(100 * expected[1], abs=1e-9)


def test_a_question_asked_again_within_a_week_was_not_solved_at_once() -> None:
    contacts = pd.DataFrame(
        [
            ("anna", "factuur", "2026-01-01"),
            ("anna", "factuur", "2026-01-05"),  # repeats the first
            ("anna", "adres", "2026-01-05"),  # another question, solved
            ("bert", "factuur", "2026-01-06"),  # solved
            ("anna", "factuur", "2026-01-29"),  # a new question, too fresh to say
            ("cees", "adres", "2026-01-30"),
            ("cees", "adres", "2026-01-31"),  # repeats, hence known at once
        ],
        columns=["customer", "topic", "at"],
    )
    solved = solved_at_first_contact(contacts)
    assert solved.to_dict() == {0: False, 2: True, 3: True, 5: False}
    found = first_contact_resolution(solved)
    assert (found.value, found.n) == (50.0, 4)


def test_a_contact_without_a_moment_is_refused() -> None:
    contacts = pd.DataFrame({"customer": ["a"], "topic": ["b"], "at": [None]})
    with pytest.raises(MeasureError, match="no moment in 'at' of row 0"):
        solved_at_first_contact(contacts)


def test_solved_is_yes_or_no() -> None:
    with pytest.raises(MeasureError, match="got 'misschien'"):
        first_contact_resolution(pd.Series([True, "misschien"]))
