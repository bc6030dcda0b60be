from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from feedback_nlp.stacking import RecallThreshold, StackedLabels, best_f1_threshold

LABELLED = st.integers(1, 60).flatmap(
    lambda n: st.tuples(
        st_numpy.arrays(bool, n), st_numpy.arrays(np.float64, n, elements=st.floats(0, 1, width=32))
    )
)


def made(seed: int, n: int = 4_000) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float64]]:
    """Two columns that speak of label 0, one of label 1; the labels; their true probabilities."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, 3)).astype(np.float32)
    odds = np.stack([2 * X[:, 0] + X[:, 1] - 1.5, np.where(X[:, 2] > 0, 5, 1) * X[:, 2] - 1], axis=1)
    probability = 1 / (1 + np.exp(-odds))
    return X, generator.random(odds.shape) < probability, probability


def f1(truth: NDArray[np.bool_], assigned: NDArray[np.bool_]) -> float:
    return float(2 * (truth & assigned).sum() / max(truth.sum() + assigned.sum(), 1))


@given(LABELLED)
def test_no_other_cut_between_scores_has_a_better_f1(
    labelled: tuple[NDArray[np.bool_], NDArray[np.float64]],
) -> None:
    truth, score = labelled
    score = score + np.arange(score.size) * 1e-3  # without ties any cut can be made
    if truth.any():
        reached = f1(truth, score >= best_f1_threshold(truth, score))
        assert reached >= max(f1(truth, score >= cut) for cut in score) - 1e-12


@given(LABELLED, st.floats(0.05, 1))
def test_the_wanted_recall_is_reached_and_no_higher_threshold_reaches_it(
    labelled: tuple[NDArray[np.bool_], NDArray[np.float64]], recall: float
) -> None:
    truth, score = labelled
    threshold = RecallThreshold(recall)(truth, score)
    if truth.any():
        assert (score[truth] >= threshold).mean() >= recall
        assert (score[truth] > threshold).mean() < recall


@pytest.mark.parametrize("rule", [best_f1_threshold, RecallThreshold(0.9)])
def test_without_a_labelled_item_the_threshold_is_a_half(rule: RecallThreshold) -> None:
    assert rule(np.zeros(3, dtype=bool), np.array([0.1, 0.9, 0.4])) == 0.5


def test_probabilities_are_calibrated_where_plain_logistic_regression_is_not() -> None:
    X, Y, _ = made(seed=1)
    fresh, truth, _ = made(seed=2)
    calibrated = StackedLabels(groups=((0, 1), (2,))).fit(X, Y).predict_proba(fresh)[:, 1]
    plain = LogisticRegression().fit(X[:, 2:], Y[:, 1]).predict_proba(fresh[:, 2:])[:, 1]

    def gap(predicted: NDArray[np.float64]) -> float:
        which = np.digitize(predicted, np.linspace(0.1, 0.9, 9))
        gaps = [(predicted - truth[:, 1])[which == number].sum() for number in range(10)]
        return float(np.abs(gaps).sum() / len(predicted))

    assert gap(calibrated) < 0.03
    assert gap(calibrated) < 0.6 * gap(plain)


def test_a_label_looks_at_its_own_columns_alone() -> None:
    X, Y, _ = made(seed=1, n=400)
    model = StackedLabels(groups=((0, 1), (2,))).fit(X, Y)
    other = X.copy()
    other[:, 2] = 7
    before, after = model.predict_proba(X), model.predict_proba(other)
    assert (before[:, 0] == after[:, 0]).all()
    assert (before[:, 1] != after[:, 1]).any()


def test_a_higher_score_never_lowers_a_probability() -> None:
    X, Y, _ = made(seed=3, n=400)
    model = StackedLabels(groups=((0, 1), (2,))).fit(X, ~Y[:, ::-1])  # columns that hardly speak of the label
    line = np.zeros((50, 3), dtype=np.float32)
    line[:, 2] = np.linspace(-4, 4, 50)
    steps = np.diff(model.predict_proba(line)[:, 1])
    assert (steps >= 0).all() or (steps <= 0).all()


@pytest.mark.parametrize("value", [False, True])
def test_a_label_that_all_or_none_have_is_learned_as_such(value: bool) -> None:
    X, Y, _ = made(seed=1, n=100)
    Y[:, 1] = value
    model = StackedLabels(groups=((0, 1), (2,))).fit(X, Y)
    assert (model.predict(X)[:, 1] == value).all()


def test_items_count_by_their_weight() -> None:
    X, Y, _ = made(seed=1, n=600)
    heavy = np.where(Y[:, 0], 20.0, 1.0)
    plain = StackedLabels(groups=((0, 1), (2,))).fit(X, Y).predict_proba(X)
    weighted = StackedLabels(groups=((0, 1), (2,))).fit(X, Y, heavy).predict_proba(X)
    assert weighted[:, 0].mean() > plain[:, 0].mean() + 0.1


def test_assigned_is_what_reaches_its_threshold() -> None:
    X, Y, _ = made(seed=1, n=400)
    model = StackedLabels(groups=((0, 1), (2,))).fit(X, Y)
    assert (model.predict(X) == (model.predict_proba(X) >= model.thresholds_)).all()
    assert ((model.thresholds_ > 0) & (model.thresholds_ < 1)).all()


def test_it_follows_the_conventions_of_estimators() -> None:
    model = clone(StackedLabels(groups=((0, 1), (2,)), rule=RecallThreshold(0.9), C=0.5))
    assert model.get_params() == {"groups": ((0, 1), (2,)), "rule": RecallThreshold(0.9), "C": 0.5}
    with pytest.raises(NotFittedError):
        model.predict(np.zeros((1, 3), dtype=np.float32))
