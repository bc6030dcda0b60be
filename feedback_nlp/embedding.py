"""Texts as points, near to each other where they say like things."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

__all__ = ["latent", "unit"]

_WIDTH = 64


def latent(features: csr_matrix) -> NDArray[np.float64]:
    """Latent semantic analysis (S. Deerwester and others, 1990) of texts, from these very texts.

    Args:
        features: Weights of n-grams, (texts, n-grams).

    Returns:
        The texts along the leading singular directions, (texts, at most 64), of unit length.
    """
    features = features.astype(np.float64)
    width = min(_WIDTH, min(features.shape) - 1)
    if width < 1:
        return unit(features.toarray())
    start = np.random.default_rng(0).standard_normal(min(features.shape))
    left, scale, _ = svds(features, k=width, v0=start)
    return unit(left * scale)


def unit(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows scaled to length 1; a row of zeros stays."""
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(points / np.maximum(length, 1e-12))
