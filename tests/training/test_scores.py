from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray
from sklearn.metrics import f1_score, precision_score, recall_score

from feedback_nlp.advocacy import ANSWERS, AnswerDistribution
from feedback_nlp.estimators import Predictions
from feedback_nlp.labels import LabelledTexts
from training.scores import (
    Figure,
    bootstrap,
    calibration_error,
    evaluation,
    macro_f1,
    micro_f1,
    per_label,
)

TABLES = st.tuples(st_numpy.arrays(bool, (20, 3)), st_numpy.arrays(bool, (20, 3)))


@settings(max_examples=20)
@given(TABLES)
def test_figures_per_label_are_those_of_scikit_learn(
    tables: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> None:
    truth, assigned = tables
    rows = per_label(("a", "b", "c"), truth, assigned, assigned.astype(float))
    for name, score in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
        expected = score(truth, assigned, average=None, zero_division=0)
        assert [row[name] for row in rows.values()] == pytest.approx(expected, abs=1e-4)
    assert [row["support"] for row in rows.values()] == truth.sum(axis=0).tolist()


def test_macro_f1_is_the_mean_over_the_labels_that_occur() -> None:
    truth = np.array([[1, 0, 1], [1, 0, 0], [0, 0, 1], [1, 0, 1]], dtype=bool)
    assigned = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [1, 0, 1]], dtype=bool)
    figure = macro_f1(truth, assigned)
    assert figure.value == pytest.approx((6 / 7 + 4 / 5) / 2)
    assert 0 <= figure.low <= figure.value <= figure.high <= 1


def test_a_bootstrap_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(0).normal(size=400)
    figure = bootstrap(lambda rows: float(values[rows].mean()), 400)
    assert figure.value == values.mean()
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert figure == bootstrap(lambda rows: float(values[rows].mean()), 400), "the same seed, the same draws"


@pytest.mark.parametrize(("figure", "average"), [(macro_f1, "macro"), (micro_f1, "micro")])
def test_intervals_of_f1_are_those_of_items_drawn_one_by_one(
    figure: Callable[[NDArray[np.bool_], NDArray[np.bool_]], Figure], average: str
) -> None:
    generator = np.random.default_rng(3)
    truth = generator.random((60, 3)) < 0.3
    assigned = truth ^ (generator.random((60, 3)) < 0.2)
    one_by_one = bootstrap(
        lambda rows: float(f1_score(truth[rows], assigned[rows], average=average, zero_division=0)), 60
    )
    assert figure(truth, assigned).to_dict() == pytest.approx(one_by_one.to_dict(), abs=1e-4)


def test_a_figure_is_told_with_its_interval() -> None:
    figure = Figure(0.81234, 0.7, 0.9)
    assert str(figure) == "0.812 (0.700-0.900)"
    assert figure.to_dict() == {"value": 0.8123, "low": 0.7, "high": 0.9}


def test_calibration_error_is_the_gap_between_what_is_said_and_what_happens() -> None:
    said = np.repeat([0.25, 0.75], 100)[:, None]
    happened = np.concatenate([np.arange(100) < 25, np.arange(100) < 55])[:, None]
    assert calibration_error(happened, said) == pytest.approx(0.5 * 0.20)
    assert calibration_error(np.ones((3, 1), dtype=bool), np.ones((3, 1))) == 0


def judged(right: bool) -> dict[str, object]:
    """The evaluation of predictions that are all right, or all wrong."""
    n = 40
    generator = np.random.default_rng(0)
    themes = generator.random((n, 2)) < 0.5
    polarity = np.where(themes, generator.choice([-1, 1], (n, 2)), 0).astype(np.int8)
    sentiment = generator.integers(-2, 3, n).astype(np.float64)
    answers = generator.integers(0, 11, n)
    data = LabelledTexts(
        ("tekst",) * n,
        themes,
        polarity,
        (),
        sentiment,
        answers * 1.0,
        answers * 1.0,
        themes[:, :1],
        np.ones(n),
    )
    sign = 1 if right else -1
    told = answers if right else 10 - answers
    distribution = AnswerDistribution(np.eye(len(ANSWERS))[told], told, told)
    assigned = themes == right
    return evaluation(
        data,
        Predictions(
            theme_probability=assigned * 1.0,
            theme_assigned=assigned | themes if not right else assigned,
            polarity=sign * polarity * 1.0,
            sentiment=sign * sentiment / 2,
            nps=distribution,
            cas=distribution,
            signal_probability=assigned[:, :1] * 1.0,
            signal_assigned=assigned[:, :1],
        ),
        ("a", "b"),
        ("s",),
    )


def test_what_is_all_right_gets_full_marks() -> None:
    figures: dict[str, object] = judged(right=True)
    for name in ("macro_f1", "micro_f1", "polarity_accuracy", "sentiment_r"):
        assert figures[name] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert figures["expected_calibration_error"] == 0
    assert figures["signals"]["s"]["recall_at_precision"] == 1  # type: ignore[index]
    assert figures["nps"]["mean_absolute_error"]["value"] == 0  # type: ignore[index]
    assert figures["cas"]["coverage_80"]["value"] == 1  # type: ignore[index]


def test_what_is_all_wrong_gets_none() -> None:
    figures: dict[str, object] = judged(right=False)
    assert figures["polarity_accuracy"]["value"] == 0  # type: ignore[index]
    assert figures["sentiment_r"]["value"] == -1  # type: ignore[index]
    assert figures["expected_calibration_error"] == 1
    assert figures["signals"]["s"]["f1"] == 0  # type: ignore[index]
    assert figures["nps"]["r"]["value"] == -1  # type: ignore[index]
    assert figures["nps"]["coverage_80"]["value"] < 0.3  # type: ignore[index]
