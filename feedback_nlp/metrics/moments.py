"""Sums over items from which means and covariances follow, so that many items can be kept as a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray

__all__ = ["Moments"]


@dataclass(frozen=True, slots=True)
class Moments:
    """The first two moments of rows of d numbers.

    Attributes:
        n: number of rows.
        total: sum of the rows, shape (d,).
        products: sum of the rows' outer products, shape (d, d).
    """

    n: int
    total: FloatArray
    products: FloatArray

    @classmethod
    def of(cls, rows: FloatArray) -> Self:
        """Add up rows.

        Args:
            rows: shape (n, d).

        Returns:
            Their moments.
        """
        return cls(len(rows), rows.sum(axis=0), rows.T @ rows)

    @classmethod
    def of_thousandths(
        cls,
        n: int,
        promoter: int,
        detractor: int,
        promoter_squared: int,
        product: int,
        detractor_squared: int,
    ) -> Self:
        """Moments of the probabilities promoter, passive, detractor from whole sums in thousandths.

        The passive's follow, since the three add up to 1.

        Args:
            n: number of items.
            promoter: sum of the promoters' probabilities.
            detractor: sum of the detractors'.
            promoter_squared: sum of squares of the promoters'.
            product: sum of promoter times detractor.
            detractor_squared: sum of squares of the detractors'.

        Returns:
            Moments of shape (3,), probabilities 0-1.
        """
        one = 1000
        passive = one * n - promoter - detractor
        up_flat = one * promoter - promoter_squared - product
        down_flat = one * detractor - detractor_squared - product
        flat = one * passive - up_flat - down_flat
        total = np.array([promoter, passive, detractor], dtype=np.float64) / one
        products = np.array(
            [
                [promoter_squared, up_flat, product],
                [up_flat, flat, down_flat],
                [product, down_flat, detractor_squared],
            ],
            dtype=np.float64,
        )
        return cls(n, total, products / one**2)

    @property
    def mean(self) -> FloatArray:
        """Mean row, shape (d,).

        Raises:
            MeasureError: there are no rows.
        """
        if self.n < 1:
            raise MeasureError("a mean needs at least one item, got none")
        return self.total / self.n

    @property
    def covariance(self) -> FloatArray:
        """Sample covariance with n - 1 in the denominator, shape (d, d).

        Raises:
            MeasureError: there are fewer than two rows.
        """
        if self.n < 2:
            raise MeasureError(f"a covariance needs at least two items, got {self.n}")
        return (self.products - np.outer(self.total, self.total) / self.n) / (self.n - 1)
