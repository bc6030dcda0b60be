from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import Method, Quantifier, group_of, nps_from_counts, overall_nps
from feedback_nlp.metrics.checks import FloatArray, IntArray
from feedback_nlp.metrics.quantification import expectation_maximisation
from feedback_nlp.metrics.simplex import shares_by_least_squares

CENTRES = np.array([[1.6, 0.0], [0.0, 0.6], [-1.6, 0.0]])


def draw(shares: list[float], n: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """Items of three Gaussian groups with the posteriors under equal shares."""
    group = rng.choice(3, n, p=shares)
    x = CENTRES[group] + rng.normal(size=(n, 2))
    return special.softmax(x @ CENTRES.T - 0.5 * (CENTRES**2).sum(axis=1), axis=1), group


@pytest.fixture(scope="module")
def given_scores() -> tuple[FloatArray, IntArray]:
    return draw([1 / 3, 1 / 3, 1 / 3], 900, np.random.default_rng(1))


@pytest.mark.parametrize("method", list(Method))
def test_every_method_beats_counting_when_the_mixture_shifts(
    method: Method, given_scores: tuple[FloatArray, IntArray]
) -> None:
    rng = np.random.default_rng(2)
    quantifier = Quantifier.fit(*given_scores, method)
    counted, estimated = [], []
    for shares in ([0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.5, 0.0, 0.5], [0.2, 0.6, 0.2]):
        probabilities = draw(shares, 1500, rng)[0]
        hard = np.bincount(probabilities.argmax(axis=1), minlength=3) / 1500
        counted.append(np.abs(hard - shares).mean())
        estimated.append(np.abs(quantifier.shares(probabilities) - shares).mean())
    assert np.mean(estimated) < 0.5 * np.mean(counted)


@pytest.mark.slow  # importing QuaPy takes seconds
def test_the_three_methods_agree_with_quapy(given_scores: tuple[FloatArray, IntArray]) -> None:
    with warnings.catch_warnings():  # compiling it warns of its strings, and warnings are errors here
        warnings.simplefilter("ignore")
        from quapy.method import aggregative

    probabilities, group = given_scores
    fresh = draw([0.6, 0.3, 0.1], 400, np.random.default_rng(3))[0]
    classes = np.arange(3)
    em, _ = aggregative.EMQ.EM(np.bincount(group) / group.size, fresh, epsilon=1e-10)
    assert Quantifier.fit(probabilities, group, Method.EM).shares(fresh) == pytest.approx(em, abs=1e-5)
    soft = aggregative.PACC.getPteCondEstim(classes, group, probabilities)
    hard = aggregative.ACC.getPteCondEstim(classes, group, probabilities.argmax(axis=1))
    counts = np.bincount(fresh.argmax(axis=1), minlength=3) / 400
    for method, table, mean in ((Method.PACC, soft, fresh.mean(axis=0)), (Method.ACC, hard, counts)):
        ours = Quantifier.fit(probabilities, group, method)
        assert ours.table == pytest.approx(table, abs=1e-9)
        assert ours.shares(fresh) == pytest.approx(np.linalg.solve(table, mean), abs=1e-6)


def test_em_ends_where_the_likelihood_is_greatest(given_scores: tuple[FloatArray, IntArray]) -> None:
    fresh = draw([0.2, 0.3, 0.5], 300, np.random.default_rng(4))[0]
    prior = np.full(3, 1 / 3)

    def loss(free: FloatArray) -> float:
        return -float(np.log(fresh @ (special.softmax([*free, 0.0]) / prior)).sum())

    best = special.softmax([*optimize.minimize(loss, [0.0, 0.0], tol=1e-10).x, 0.0])
    assert expectation_maximisation(fresh, prior, tolerance=1e-12)[0] == pytest.approx(best, abs=1e-4)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_the_fit_over_shares_cannot_be_bettered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, target = rng.random((3, 3)), rng.normal(0.3, 0.5, 3)
    found = shares_by_least_squares(matrix, target)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    others = np.vstack([rng.dirichlet([0.5, 0.5, 0.5], 2000), np.eye(3)])
    losses = ((others @ matrix.T - target) ** 2).sum(axis=1)
    assert ((matrix @ found - target) ** 2).sum() <= losses.min() + 1e-9


def test_a_mixture_says_how_many_scores_were_given(given_scores: tuple[FloatArray, IntArray]) -> None:
    quantifier = Quantifier.fit(*given_scores)
    silent = draw([0.2, 0.2, 0.6], 600, np.random.default_rng(5))[0]
    found = overall_nps((60, 20, 20), silent, quantifier)
    assert (found.n, found.n_given, found.n_estimated) == (700, 100, 600)
    alone = quantifier.estimate(silent)
    assert found.value == pytest.approx((100 * 40 + 600 * alone.value) / 700)
    assert (alone.n_given, alone.n_estimated) == (0, 600)
    told = overall_nps((60, 20, 20), np.empty((0, 3)), quantifier)
    same = nps_from_counts(60, 20, 20)
    assert (told.value, told.low, told.high) == pytest.approx((same.value, same.low, same.high))


def test_the_bootstrap_of_em_is_as_wide_as_its_scatter(given_scores: tuple[FloatArray, IntArray]) -> None:
    rng = np.random.default_rng(6)
    quantifier = Quantifier.fit(*given_scores, Method.EM)
    samples = [draw([0.5, 0.3, 0.2], 250, rng)[0] for _ in range(60)]
    scatter = np.std([quantifier.shares(p) @ [100, 0, -100] for p in samples], ddof=1)
    errors = [quantifier.standard_error(p, rounds=100) for p in samples[:5]]
    assert np.mean(errors) == pytest.approx(scatter, rel=0.3)
    found = quantifier.estimate(samples[0])
    assert found.low < found.value < found.high


def test_groups_follow_the_answers() -> None:
    assert group_of([10, 9, 8, 7, 6, 0]).tolist() == [0, 0, 1, 1, 2, 2]
    with pytest.raises(MeasureError, match="got 11"):
        group_of([11])


@pytest.mark.parametrize(
    ("probabilities", "groups", "message"),
    [
        (np.full((20, 3), 0.5), np.arange(20) % 3, "add up to 1"),
        (np.full((20, 2), 0.5), np.arange(20) % 3, r"shape \(n, 3\)"),
        (np.full((20, 3), 1 / 3), np.zeros(20, int), "got 0 passives"),
        (np.full((20, 3), 1 / 3), np.arange(20) % 3, "do not tell the groups apart"),
        (np.full((20, 3), 1 / 3), np.arange(20), "groups must be 0-2"),
    ],
)
def test_what_teaches_nothing_is_refused(probabilities: FloatArray, groups: IntArray, message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        Quantifier.fit(probabilities, groups)
