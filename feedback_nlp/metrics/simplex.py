"""Least squares over shares: the point of the probability simplex that fits best."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from feedback_nlp.metrics.checks import FloatArray

__all__ = ["shares_by_least_squares"]


def shares_by_least_squares(matrix: FloatArray, target: FloatArray) -> FloatArray:
    """Minimise ``|matrix @ q - target|`` over shares q (at least 0, adding up to 1), exactly.

    The minimum of a convex quadratic over a simplex is the equality-constrained minimum on one of its faces;
    with the few classes of a score all faces (7 for 3 classes) are tried, so nothing has to converge.

    Args:
        matrix: shape (..., m, k), k small.
        target: shape (..., m), with the same leading dimensions.

    Returns:
        Shares of shape (..., k).
    """
    k = matrix.shape[-1]
    gram = np.swapaxes(matrix, -1, -2) @ matrix + 1e-12 * np.eye(k)
    right = np.einsum("...mk,...m->...k", matrix, target)
    best = np.full(right.shape, np.nan)
    best_loss = np.full(right.shape[:-1], np.inf)
    for size in range(k, 0, -1):
        for face in map(list, combinations(range(k), size)):
            system = np.ones((*right.shape[:-1], size + 1, size + 1))
            system[..., :size, :size] = gram[..., face, :][..., face]
            system[..., size, size] = 0.0
            wanted = np.ones((*right.shape[:-1], size + 1))
            wanted[..., :size] = right[..., face]
            shares = np.zeros_like(right)
            shares[..., face] = np.linalg.solve(system, wanted[..., None])[..., :size, 0]
            inside = (shares >= -1e-12).all(axis=-1)
            loss = np.einsum("...i,...ij,...j->...", shares, gram, shares) - 2.0 * (shares * right).sum(
                axis=-1
            )
            better = inside & (loss < best_loss - 1e-15)
            best = np.where(better[..., None], shares, best)
            best_loss = np.where(better, loss, best_loss)
    clipped = np.clip(best, 0.0, None)
    result: FloatArray = clipped / clipped.sum(axis=-1, keepdims=True)
    return result
