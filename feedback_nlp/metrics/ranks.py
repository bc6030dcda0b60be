"""Ranks that the data carry: places between which a figure can lie, and one place only when it is certain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import check_level

__all__ = ["Rank", "ranks"]


@dataclass(frozen=True, slots=True)
class Rank:
    """The places that a figure can hold, 1 being the highest figure.

    Attributes:
        best: best place that the data allow.
        worst: worst place that the data allow.
    """

    best: int
    worst: int

    @property
    def place(self) -> int | None:
        """The place when only one is possible, else None."""
        return self.best if self.best == self.worst else None


def ranks(values: ArrayLike, errors: ArrayLike, level: float = 0.95) -> tuple[Rank, ...]:
    """Simultaneous intervals for the ranks of independent figures.

    Every pair is compared by z at ``(1 - level)`` divided by the number of pairs (Bonferroni), so that all
    places hold at once with at least the level asked. A figure stands below those that surely beat it and
    above those that it surely beats. Source of the construction (there with Tukey's bound): D. Al Mohamad,
    J. Goeman and E. van Zwet, "Simultaneous confidence intervals for ranks", J. Multivariate Anal. 188, 2022.

    Args:
        values: figures, shape (k,), higher is better.
        errors: their standard errors, shape (k,), at least 0.
        level: confidence level of all places together, 0-1.

    Returns:
        k ranks in the order of the input.

    Raises:
        MeasureError: shapes differ, or an error is negative or no number.
    """
    value, error = np.asarray(values, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if value.shape != error.shape or value.ndim != 1:
        raise MeasureError(f"ranks need as many errors as values, got {error.shape} and {value.shape}")
    if value.size and not (np.isfinite(value).all() and np.isfinite(error).all() and (error >= 0).all()):
        raise MeasureError("ranks need finite values and errors of at least 0")
    k = value.size
    pairs = max(1, k * (k - 1) // 2)
    bound = stats.norm.ppf(1.0 - (1.0 - check_level(level)) / (2.0 * pairs))
    margin = bound * np.sqrt(error[:, None] ** 2 + error[None, :] ** 2)
    surely_above = value[:, None] - value[None, :] > margin
    beaten_by = surely_above.sum(axis=0)
    beats = surely_above.sum(axis=1)
    return tuple(Rank(1 + int(up), k - int(down)) for up, down in zip(beaten_by, beats, strict=True))
