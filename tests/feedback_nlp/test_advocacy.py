from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from feedback_nlp.advocacy import AdvocacyScorer, AnswerScorer
from feedback_nlp.readings import column

NAMES = (column("theme", "snelheid", "text"), column("tone", "", "a"), column("tone", "", "b"))


def made(seed: int, n: int = 3_000) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Answers that follow the second column; those of the dissatisfied are more scattered."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, 3)).astype(np.float32)
    noise = generator.normal(size=n) * np.where(X[:, 1] < 0, 2.0, 1.0)
    return X, np.clip(np.rint(6 + 2.5 * X[:, 1] + noise), 0, 10)


X, ANSWERS = made(seed=1)
SCORER = AnswerScorer(columns=(1, 2)).fit(X, ANSWERS)


def test_four_of_five_answers_not_learned_from_lie_in_the_interval() -> None:
    fresh, answers = made(seed=2)
    told = SCORER.predict_distribution(fresh)
    assert 0.77 <= np.mean((answers >= told.low) & (answers <= told.high)) <= 0.87


def test_another_coverage_can_be_asked() -> None:
    fresh, answers = made(seed=2)
    wide = AnswerScorer(columns=(1, 2), coverage=0.95).fit(X, ANSWERS).predict_distribution(fresh)
    assert np.mean((answers >= wide.low) & (answers <= wide.high)) >= 0.93


def test_intervals_are_wider_where_answers_are_more_scattered() -> None:
    fresh = np.zeros((2, 3), dtype=np.float32)
    fresh[:, 1] = -0.8, 0.3
    told = SCORER.predict_distribution(fresh)
    width = told.high - told.low
    assert width[0] > width[1]


def test_shares_of_promoters_passives_and_detractors_are_right_on_the_whole() -> None:
    fresh, answers = made(seed=3)
    told = SCORER.predict_distribution(fresh)
    assert told.promoter.mean() == pytest.approx((answers >= 9).mean(), abs=0.03)
    assert told.passive.mean() == pytest.approx(((answers == 7) | (answers == 8)).mean(), abs=0.03)
    assert told.detractor.mean() == pytest.approx((answers <= 6).mean(), abs=0.03)


def test_what_was_never_seen_still_gives_a_distribution() -> None:
    extreme = np.array([[0, -1e6, 0], [0, 1e6, 0], [0, 0, 1e6], [0, 0, 0]], dtype=np.float32)
    told = SCORER.predict_distribution(extreme)
    assert np.allclose(told.probability.sum(axis=1), 1)
    assert (told.probability >= 0).all()
    assert ((told.low >= 0) & (told.low <= told.high) & (told.high <= 10)).all()
    assert ((told.expected >= 0) & (told.expected <= 10)).all()
    assert np.allclose(told.promoter + told.passive + told.detractor, 1)


def test_where_hardly_anything_was_answered_nothing_is_certain() -> None:
    few, answers = made(seed=4, n=60)
    extreme = np.array([[0, -9, 0], [0, 9, 0]], dtype=np.float32)
    told = AnswerScorer(columns=(1, 2)).fit(few, answers).predict_distribution(extreme)
    assert (told.probability.max(axis=1) < 0.9).all()


def test_both_answers_are_learned_from_the_tone_alone() -> None:
    both = AdvocacyScorer.for_columns(NAMES)
    assert both.columns == (1, 2)
    predicted = both.fit(X, np.stack([ANSWERS, 10 - ANSWERS], axis=1)).predict(X)
    assert np.corrcoef(predicted[:, 0], ANSWERS)[0, 1] > 0.75
    assert np.corrcoef(predicted[:, 1], 10 - ANSWERS)[0, 1] > 0.75


@pytest.mark.parametrize("scorer", [AnswerScorer(columns=(1,), coverage=0.9), AdvocacyScorer(columns=(1,))])
def test_they_follow_the_conventions_of_estimators(scorer: AnswerScorer | AdvocacyScorer) -> None:
    copy = clone(scorer)
    assert copy is not scorer
    assert copy.get_params() == scorer.get_params()


def test_a_scorer_that_learned_nothing_says_so() -> None:
    with pytest.raises(NotFittedError):
        AnswerScorer(columns=(1,)).predict(X)
