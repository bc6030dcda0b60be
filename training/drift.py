"""Has the text that comes in moved away from what the model learned from?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from training.compare import holm

__all__ = ["Drift", "ShareShift", "expected_error", "mean_discrepancy", "new_items", "share_shifts"]

Floats = NDArray[np.float64]

_PERMUTATIONS = 500
_LARGEST = 1000
_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class ShareShift:
    """A theme's share of items before and now; `p` is adjusted for the number of themes (Holm)."""

    theme: str
    before: float
    now: float
    p: float


@dataclass(frozen=True, slots=True)
class Drift:
    """What came of a comparison of recent items with a reference.

    Attributes:
        recent: Number of recent items.
        reference: Number of reference items.
        discrepancy: Squared maximum mean discrepancy of the embeddings.
        p_text: Permutation p-value of "the texts are alike".
        shares: Per theme, the most moved first.
        p_shares: The smallest adjusted p-value among them.
        error_before: Wrong theme assignments expected per item in the reference.
        error_now: The same in the recent items, with its 95 % bootstrap interval in `error_interval`.
        error_interval: Its ends.
        new: Rows of the recent items that are unlike anything in the reference, the most unlike first.
    """

    recent: int
    reference: int
    discrepancy: float
    p_text: float
    shares: tuple[ShareShift, ...]
    error_before: float
    error_now: float
    error_interval: tuple[float, float]
    new: tuple[int, ...]

    @property
    def p_shares(self) -> float:
        """The smallest adjusted p-value of the shares; 1 without themes."""
        return min((shift.p for shift in self.shares), default=1.0)

    @property
    def falling(self) -> bool:
        """Whether expected accuracy is lower than in the reference, beyond chance."""
        return self.error_interval[0] > self.error_before

    @property
    def moved(self) -> bool:
        """Whether text or mix of themes moved, beyond chance (5 %, shared by the two tests)."""
        return min(holm([self.p_text, self.p_shares])) < 0.05

    def to_dict(self, ids: Sequence[str]) -> dict[str, Any]:
        """As JSON; `ids` are those of the recent items."""
        return {
            "recent": self.recent,
            "reference": self.reference,
            "moved": self.moved,
            "text": {"discrepancy": round(self.discrepancy, 6), "p": round(self.p_text, 4)},
            "shares": [
                {"theme": s.theme, "before": round(s.before, 4), "now": round(s.now, 4), "p": round(s.p, 5)}
                for s in self.shares
            ],
            "expected_errors": {
                "before": round(self.error_before, 4),
                "now": round(self.error_now, 4),
                "low": round(self.error_interval[0], 4),
                "high": round(self.error_interval[1], 4),
                "falling_accuracy": self.falling,
            },
            "new_items": [ids[row] for row in self.new],
        }


def mean_discrepancy(left: Floats, right: Floats, seed: int = 0) -> tuple[float, float]:
    """Squared maximum mean discrepancy, unbiased, with a Gaussian kernel of median width, and its permutation p-value.

    A. Gretton and others, "A kernel two-sample test", JMLR 13, 2012. At most 1,000 rows of either side are used,
    drawn at random.

    Args:
        left: Rows (n, width); at least 2.
        right: Rows (m, width); at least 2.
        seed: For the draw and the permutations.
    """
    generator = np.random.default_rng(seed)
    parts = [
        part if len(part) <= _LARGEST else part[generator.choice(len(part), _LARGEST, replace=False)]
        for part in (left, right)
    ]
    points = np.vstack(parts)
    n, total = len(parts[0]), len(points)
    squares = (points**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares[None, :] - 2 * points @ points.T, 0)
    width = float(np.median(distance[np.triu_indices(total, 1)]))
    kernel = np.exp(-distance / max(width, 1e-12))
    np.fill_diagonal(kernel, 0.0)
    first = np.zeros((total, _PERMUTATIONS + 1))
    first[:n, 0] = 1
    for draw in range(1, _PERMUTATIONS + 1):
        first[generator.permutation(total)[:n], draw] = 1
    product = kernel @ first
    inside = (first * product).sum(axis=0)
    across = product.sum(axis=0) - inside
    outside = kernel.sum() - inside - 2 * across
    m = total - n
    values = inside / (n * (n - 1)) + outside / (m * (m - 1)) - 2 * across / (n * m)
    return float(values[0]), float((1 + (values[1:] >= values[0]).sum()) / (_PERMUTATIONS + 1))


def share_shifts(
    themes: Sequence[str], before: Floats, n_before: int, now: NDArray[np.bool_]
) -> tuple[ShareShift, ...]:
    """Two-sided z-test per theme on the share of items it is assigned to, adjusted for the number of themes.

    Args:
        themes: Theme codes.
        before: Shares in the reference, (themes,).
        n_before: Number of its items.
        now: Whether the themes are assigned to the recent items, (n, themes).
    """
    n = len(now)
    share = now.mean(axis=0)
    pooled = (before * n_before + share * n) / (n_before + n)
    error = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / n_before + 1 / n), 1e-12))
    p = holm([float(value) for value in 2 * norm.sf(np.abs(share - before) / error)])
    rows = [ShareShift(code, float(before[k]), float(share[k]), p[k]) for k, code in enumerate(themes)]
    return tuple(sorted(rows, key=lambda row: (row.p, -abs(row.now - row.before))))


def expected_error(wrong: Floats, seed: int = 0) -> tuple[float, tuple[float, float]]:
    """Mean of the items' expected wrong assignments (n,), with its 95 % bootstrap interval."""
    generator = np.random.default_rng(seed)
    draws = wrong[generator.integers(0, len(wrong), (1000, len(wrong)))].mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(wrong.mean()), (float(low), float(high))


def new_items(recent: Floats, reference: Floats) -> tuple[int, ...]:
    """Recent rows farther from the reference than 99 % of the reference's rows are from each other, the farthest first.

    Distance is that to the fifth nearest neighbour, by cosine; rows have unit length.
    """
    near = min(_NEIGHBOURS, len(reference) - 1)
    if near < 1:
        return ()
    own = np.partition(reference @ reference.T - 3 * np.eye(len(reference)), -near, axis=1)[:, -near]
    limit = float(np.quantile(own, 0.01))
    likeness = np.partition(recent @ reference.T, -near, axis=1)[:, -near]
    far = np.flatnonzero(likeness < limit)
    return tuple(int(row) for row in far[np.argsort(likeness[far])])
