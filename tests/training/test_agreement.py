from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.agreement import krippendorff_alpha, theme_agreement

N = float("nan")
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
)
"""Four observers, missing data: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), C."""


def test_alpha_is_the_published_one() -> None:
    assert krippendorff_alpha(PUBLISHED) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_two_observers_and_binary_data_is_the_published_one() -> None:
    values = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=float)
    assert krippendorff_alpha(values) == pytest.approx(0.095, abs=0.0005)


@given(st.lists(st.integers(0, 3), min_size=3, max_size=20).filter(lambda row: len(set(row)) > 1))
def test_people_who_always_agree_have_alpha_one(row: list[int]) -> None:
    assert krippendorff_alpha(np.array([row, row, row], dtype=float)) == pytest.approx(1.0)


@given(st.integers(0, 1000))
def test_a_weight_of_two_is_the_same_item_twice(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 3, (3, 12)).astype(float)
    weight = generator.integers(1, 3, 12)
    twice = krippendorff_alpha(np.repeat(values, weight, axis=1))
    weighted = krippendorff_alpha(values, weight.astype(float))
    assert weighted == pytest.approx(twice, nan_ok=True)


def test_agreement_is_told_per_theme_with_an_interval_and_polarity_last() -> None:
    items = [
        {"anna": {"kosten": -1}, "bert": {"kosten": -1}},
        {"anna": {}, "bert": {}},
        {"anna": {"kosten": 1}, "bert": {"kosten": 1}},
        {"anna": {"kosten": 1}, "bert": {}},
        {"anna": {}, "bert": {}},
        {"anna": {}},
    ]
    kosten, snelheid, polarity = theme_agreement(items, ["kosten", "snelheid"])
    assert kosten.items == 5
    assert kosten.alpha is not None
    assert kosten.low is not None
    assert kosten.high is not None
    assert kosten.low <= kosten.alpha < 1
    assert kosten.high <= 1
    assert snelheid.alpha is None
    assert (polarity.code, polarity.alpha, polarity.items) == ("polarity", 1.0, 2)
