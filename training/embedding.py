"""Texts as points, near to each other where they say like things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import svds

from feedback_nlp.analyzer import FeedbackAnalyzer

__all__ = ["embed", "unit"]

_WIDTH = 64


def embed(analyzer: FeedbackAnalyzer, texts: Sequence[str]) -> NDArray[np.float64]:
    """Embeddings of unit length, (texts, width).

    With the sentence encoder its own; without one, the leading singular directions of the texts' n-grams (latent
    semantic analysis, S. Deerwester and others, 1990), found from these very texts.
    """
    if analyzer._encoder is not None:
        return unit(analyzer._encoder.encode(texts).embedding.astype(np.float64))
    features = analyzer._reader.features_.transform(texts).astype(np.float64)
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
