from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from feedback_nlp.readings import column
from feedback_nlp.sentiment import SentimentScorer, sentiment_label

NAMES = (column("theme", "snelheid", "text"), column("tone", "", "a"), column("tone", "", "b"))


def test_sentiment_follows_the_tone_and_stays_on_its_scale() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(600, 3)).astype(np.float32)
    sentiment = np.clip(np.rint(X[:, 1] + X[:, 2]), -2, 2)
    scorer = SentimentScorer.for_columns(NAMES).fit(X, sentiment)
    assert np.corrcoef(scorer.predict(X), sentiment)[0, 1] > 0.9
    extreme = np.array([[0, 1e6, 1e6], [0, -1e6, -1e6]], dtype=np.float32)
    assert scorer.predict(extreme).tolist() == [1, -1]


def test_a_text_of_which_nothing_is_sure_has_the_likeliest_label_not_the_mean() -> None:
    """Half negative, half positive and never neutral: the expected value is 0, yet 0 is what nobody said."""
    generator = np.random.default_rng(1)
    X = generator.normal(size=(900, 3)).astype(np.float32)
    sentiment = np.where(X[:, 1] + generator.normal(size=900) * 3 > 0, 2.0, -2.0)
    labels = [
        sentiment_label(score) for score in SentimentScorer.for_columns(NAMES).fit(X, sentiment).predict(X)
    ]
    assert set(labels) == {"negatief", "positief"}


def test_texts_of_one_tone_alone_can_be_learned_from() -> None:
    X = np.random.default_rng(2).normal(size=(50, 3)).astype(np.float32)
    scorer = SentimentScorer.for_columns(NAMES).fit(X, np.full(50, -1.0))
    assert scorer.predict(X) == pytest.approx(np.full(50, -0.5))


@pytest.mark.parametrize(
    ("score", "label"),
    [(-1, "negatief"), (-0.25, "negatief"), (-0.24, "neutraal"), (0.24, "neutraal"), (0.25, "positief")],
)
def test_a_score_has_a_dutch_name(score: float, label: str) -> None:
    assert sentiment_label(score) == label


def test_it_follows_the_conventions_of_estimators() -> None:
    scorer = clone(SentimentScorer.for_columns(NAMES))
    assert scorer.get_params() == {"columns": (1, 2)}
    with pytest.raises(NotFittedError):
        scorer.predict(np.zeros((1, 3), dtype=np.float32))
