"""Items packed into distinct patterns, and the bootstrap over them.

A bootstrap sample of n items is a multinomial draw over their distinct patterns with the patterns' counts: the
same distribution as drawing items one by one, at a fraction of the work when patterns repeat. Of many items each
pattern is drawn on its own, from a Poisson distribution (J. Hanley and B. MacGibbon, "Creating non-parametric bootstrap
samples using Poisson frequencies", Computer Methods and Programs in Biomedicine 83, 2006), in half the time: a sample's
size then varies by the square root of n, which shares and means of the sample do not notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, IntArray, check_level

__all__ = ["Patterns", "pack", "percentile_bounds", "resamples"]

CHUNK = 4_000_000
"""Numbers held at once by a chunk of bootstrap samples."""

MANY = 10_000
"""Items from which on each pattern is drawn on its own."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct rows and how often each occurs.

    Attributes:
        rows: shape (m, d), distinct rows; NaN counts as a value of its own.
        counts: shape (m,), occurrences, at least 1.
    """

    rows: FloatArray
    counts: IntArray

    @property
    def n(self) -> int:
        """Number of items."""
        return int(self.counts.sum())


def pack(rows: FloatArray, times: IntArray | None = None) -> Patterns:
    """Pack rows into distinct patterns.

    Args:
        rows: shape (n, d); NaN allowed.
        times: how often each row occurs, shape (n,); None is once.

    Returns:
        The patterns.
    """
    marked = np.where(np.isnan(rows), np.inf, rows)
    distinct, place = np.unique(marked, axis=0, return_inverse=True)
    counts = np.bincount(place.ravel(), weights=times, minlength=len(distinct))
    return Patterns(np.where(np.isinf(distinct), np.nan, distinct), counts.astype(np.int64))


def resamples(counts: IntArray, rounds: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Bootstrap samples as counts per pattern, in chunks that fit in memory.

    Args:
        counts: occurrences per pattern, shape (m,).
        rounds: number of samples, at least 100.
        rng: source of randomness.

    Yields:
        Counts of shape (b, m), where the b add up to `rounds`; a sample's own size is the sum of its row.

    Raises:
        MeasureError: fewer than 100 samples were asked.
    """
    if rounds < 100:
        raise MeasureError(f"a bootstrap needs at least 100 rounds, got {rounds}")
    n = int(counts.sum())
    step = max(1, min(rounds, CHUNK // max(1, len(counts))))
    for start in range(0, rounds, step):
        size = min(step, rounds - start)
        drawn = (
            rng.poisson(counts, (size, len(counts)))
            if n >= MANY
            else rng.multinomial(n, counts / n, size=size)
        )
        yield drawn.astype(np.float64)


def percentile_bounds(samples: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """The percentile interval of bootstrap samples.

    Source: B. Efron and R. Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13.

    Args:
        samples: shape (rounds, ...); NaN where a sample gave no value.
        level: confidence level, 0-1.

    Returns:
        Lower and upper bounds, shape (...); NaN where no sample gave a value.

    Raises:
        MeasureError: the level is outside (0, 1).
    """
    tail = 0.5 - check_level(level) / 2.0
    bounds = np.full((2, *samples.shape[1:]), np.nan)
    known = ~np.isnan(samples).all(axis=0)
    bounds[:, known] = np.nanquantile(samples[:, known], [tail, 1.0 - tail], axis=0)
    return bounds[0], bounds[1]
