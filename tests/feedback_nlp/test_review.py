from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.review import ReviewPolicy, contradicts, expected_errors

SATISFIED = np.array([0, 0, 0, 0, 0, 0, 0.02, 0.08, 0.3, 0.4, 0.2])


def test_what_is_expected_to_be_wrong_is_the_far_side_of_each_probability() -> None:
    probability = np.array([[0.9, 0.2, 0.6]])
    assigned = np.array([[True, False, False]])
    assert expected_errors(probability, assigned) == pytest.approx(np.array([[0.1, 0.2, 0.6]]))


@given(st.floats(0.05, 0.95))
def test_the_wanted_share_is_reviewed_and_it_is_the_most_doubtful(share: float) -> None:
    probability = np.random.default_rng(0).random((500, 12))
    assigned = probability > 0.5
    policy = ReviewPolicy.fit(probability, assigned, share)
    reviewed = expected_errors(probability, assigned).sum(axis=1) >= policy.threshold
    assert reviewed.mean() == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("given_score", "mismatch"), [(0, True), (5, True), (6.4, False), (7, False), (9, False), (10, False)]
)
def test_a_score_that_does_not_fit_the_text_is_seen(given_score: float, mismatch: bool) -> None:
    assert contradicts(SATISFIED, given_score) is mismatch
    assert contradicts(SATISFIED[::-1], 10 - given_score) is mismatch


def test_no_score_contradicts_a_text_that_says_nothing() -> None:
    assert not any(contradicts(np.full(11, 1 / 11), score) for score in range(11))
