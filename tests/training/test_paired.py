from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.estimators import Predictions
from feedback_nlp.labels import LabelledTexts
from training.compare import holm
from training.corpus import LabelledItem, to_arrays
from training.paired import differences
from training.scores import calibration_error
from training.train import TrainingRun
from training.weighted import average_precision, recall_at_precision, weighted_calibration_error

ranked = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=3, max_size=40).filter(
    lambda rows: any(truth for truth, _ in rows)
)


@given(ranked)
def test_average_precision_is_the_one_of_scikit_learn_ties_included(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([[value] for value, _ in rows])
    score = np.array([[place / 5] for _, place in rows])
    ours = average_precision(truth, score, np.ones((1, len(rows))))[0, 0]
    assert ours == pytest.approx(average_precision_score(truth[:, 0], score[:, 0]))


@given(ranked, st.integers(0, 10_000))
def test_a_weight_of_two_is_the_same_item_twice(rows: list[tuple[bool, int]], seed: int) -> None:
    weight = np.random.default_rng(seed).integers(1, 4, len(rows))
    truth = np.array([value for value, _ in rows])
    score = np.array([place / 5 for _, place in rows])
    ours = average_precision(truth[:, None], score[:, None], weight[None, :].astype(float))[0, 0]
    assert ours == pytest.approx(average_precision_score(np.repeat(truth, weight), np.repeat(score, weight)))


@given(ranked)
def test_recall_at_a_precision_is_the_best_point_of_the_curve(rows: list[tuple[bool, int]]) -> None:
    truth = np.array([value for value, _ in rows])
    score = np.array([place / 5 for _, place in rows])
    precision, recall, _ = precision_recall_curve(truth, score)
    ours = recall_at_precision(truth[:, None], score[:, None], np.ones((1, len(rows))), 0.5)[0, 0]
    assert ours == pytest.approx(recall[:-1][precision[:-1] >= 0.5].max(initial=0.0))


def test_calibration_error_is_the_one_of_an_evaluation() -> None:
    generator = np.random.default_rng(0)
    truth, probability = generator.random((50, 3)) < 0.3, generator.random((50, 3))
    ours = weighted_calibration_error(truth, probability, np.ones((1, 50)))[0]
    assert ours == pytest.approx(calibration_error(truth, probability))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_allowing_for_many_looks_never_makes_a_p_value_smaller_and_keeps_their_order(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(a >= one for a, one in zip(adjusted, p, strict=True))
    assert all(adjusted[i] <= adjusted[j] for i in range(len(p)) for j in range(len(p)) if p[i] < p[j])


@pytest.fixture(scope="module")
def judged(small_model: TrainingRun, test_items: list[LabelledItem]) -> tuple[LabelledTexts, Predictions]:
    analyzer = FeedbackAnalyzer.load(small_model.folder)
    data = to_arrays(test_items, analyzer.taxonomy)
    return data, analyzer.predict(data.texts)


def test_a_model_does_not_differ_from_itself(judged: tuple[LabelledTexts, Predictions]) -> None:
    data, predictions = judged
    rows = differences(data, predictions, predictions, tuple("abcdefghijkl"), tuple("wxyz"), resamples=50)
    assert {row.verdict for row in rows} == {"no difference shown"}
    assert {row.p for row in rows} == {1.0}


def test_a_theme_that_is_found_perfectly_is_better_and_the_others_are_as_they_were(
    judged: tuple[LabelledTexts, Predictions],
) -> None:
    data, old = judged
    assigned, probability = old.theme_assigned.copy(), old.theme_probability.copy()
    assigned[:, 3], probability[:, 3] = data.themes[:, 3], data.themes[:, 3]
    new = replace(old, theme_assigned=assigned, theme_probability=probability)
    rows = differences(data, old, new, tuple("abcdefghijkl"), tuple("wxyz"), resamples=200)
    verdicts = {(row.scope, row.measure): row.verdict for row in rows}
    assert verdicts["d", "F1"] == verdicts["d", "average precision"] == "better"
    assert verdicts["a", "F1"] == "no difference shown"
    swapped = differences(data, new, old, tuple("abcdefghijkl"), tuple("wxyz"), resamples=200)
    assert {row.verdict for row in swapped if row.scope == "d" and row.measure == "F1"} == {"worse"}


def test_an_error_that_grows_is_worse_though_the_number_is_higher(
    judged: tuple[LabelledTexts, Predictions],
) -> None:
    data, old = judged
    rows = differences(
        data, old, replace(old, sentiment=-old.sentiment), tuple("abcdefghijkl"), tuple("wxyz"), 100
    )
    (row,) = [row for row in rows if row.measure == "sentiment error"]
    assert row.new > row.old
    assert row.verdict == "worse"
