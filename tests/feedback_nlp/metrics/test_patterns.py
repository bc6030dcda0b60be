from __future__ import annotations

import numpy as np
import pytest

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.patterns import MANY, resamples


@pytest.mark.parametrize("n", [MANY // 10, MANY * 10])
def test_the_means_of_samples_spread_as_those_of_items_drawn_one_by_one(n: int) -> None:
    values = np.array([0.0, 1.0, 3.0, 10.0])
    chance = np.array([0.4, 0.3, 0.2, 0.1])
    counts = (n * chance).astype(np.int64)
    samples = np.concatenate(list(resamples(counts, 4_000, np.random.default_rng(1))))
    means = samples @ values / samples.sum(axis=1)
    mean = chance @ values
    spread = np.sqrt(chance @ (values - mean) ** 2 / n)
    assert samples.shape == (4_000, 4)
    assert means.mean() == pytest.approx(mean, abs=5 * spread / np.sqrt(4_000))
    assert means.std() == pytest.approx(spread, rel=0.05)


def test_samples_of_few_items_are_as_large_as_what_they_are_drawn_from() -> None:
    counts = np.array([3, 1, 6], dtype=np.int64)
    for sample in resamples(counts, 100, np.random.default_rng(0)):
        assert (sample.sum(axis=1) == 10).all()


def test_too_few_rounds_are_refused() -> None:
    with pytest.raises(MeasureError, match="at least 100 rounds, got 99"):
        next(resamples(np.array([1], dtype=np.int64), 99, np.random.default_rng(0)))
