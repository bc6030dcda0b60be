from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from feedback_nlp.readings import column
from feedback_nlp.themes import NEUTRAL_BAND, PolarityScorer, ThemeClassifier, polarity_label

NAMES = (
    column("theme", "snelheid", "text"),
    column("theme", "gemak", "text"),
    column("polarity", "snelheid", "text"),
    column("polarity", "gemak", "text"),
    column("tone", "", "polarity"),
    column("theme", "snelheid", "clause"),
)
THEMES = ("snelheid", "gemak")


def test_a_theme_is_decided_by_all_columns_that_speak_of_it_whoever_wrote_them() -> None:
    assert ThemeClassifier.for_columns(NAMES, THEMES).groups == ((0, 5), (1,))


def test_each_theme_has_the_polarity_of_what_is_said_of_it() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(400, len(NAMES))).astype(np.float32)
    polarity = np.sign(X[:, 2:4]).astype(np.int8)
    themes = generator.random((400, 2)) < 0.7
    scorer = PolarityScorer.for_columns(NAMES, THEMES).fit(X, polarity, themes)
    predicted = scorer.predict(X)
    assert ((predicted >= -1) & (predicted <= 1)).all()
    assert (np.sign(predicted) == polarity).mean() > 0.95


def test_what_is_most_likely_neutral_is_called_neutral_and_nothing_else_is() -> None:
    generator = np.random.default_rng(1)
    X = generator.normal(size=(600, len(NAMES))).astype(np.float32)
    polarity = np.where(np.abs(X[:, 2:4]) < 0.8, 0, np.sign(X[:, 2:4])).astype(np.int8)
    X[:, 4] = np.abs(X[:, 2]) < 0.8
    themes = np.stack([np.ones(600, dtype=bool), np.zeros(600, dtype=bool)], axis=1)
    scorer = PolarityScorer.for_columns(NAMES, THEMES).fit(X, polarity, themes)
    likeliest = scorer.model_.predict(X[:, [2, 4]])
    assert set(likeliest) == {-1, 0, 1}
    assert (polarity_label(scorer.predict(X)[:, 0]) == likeliest).all()


@given(st.floats(-1, 1))
def test_near_zero_is_neutral(polarity: float) -> None:
    expected = 0 if abs(polarity) < NEUTRAL_BAND else np.sign(polarity)
    assert polarity_label(np.array([polarity]))[0] == expected


def test_the_scorer_follows_the_conventions_of_estimators() -> None:
    scorer = clone(PolarityScorer.for_columns(NAMES, THEMES))
    assert scorer.get_params() == {"groups": ((2,), (3,)), "shared": (4,)}
    with pytest.raises(NotFittedError):
        scorer.predict(np.zeros((1, len(NAMES)), dtype=np.float32))
