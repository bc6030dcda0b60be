"""A sentence encoder's embeddings, brought apart.

The embeddings of any two texts share a large part, and vary in some directions far more than in others, so that their
cosine says little of whether they are about the same. Taking off the mean and giving every direction about the same
spread mends that (J. Su and others, "Whitening Sentence Representations for Better Semantics and Faster Retrieval",
2021, arXiv 2103.15316). Mean and spread are those of the texts that the encoder was taught with and stay with it: a
text has the same point whatever is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from feedback_nlp.embedding import unit
from feedback_nlp.errors import EncoderError

__all__ = ["WHITENING_FILE", "Whitening"]

WHITENING_FILE = "whitening.npz"

_FLOOR = 0.3
"""Part of the mean variance that is added to every direction's: the smallest ones are noise."""


@dataclass(frozen=True, slots=True)
class Whitening:
    """What is taken off an embedding, and what it is then multiplied with.

    Attributes:
        mean: Shape (width,), float32.
        matrix: Shape (width, width), float32.
    """

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @classmethod
    def of(cls, embedding: NDArray[np.floating]) -> Whitening:
        """By the embeddings of texts, (texts, width), of which there must be more than one."""
        points = unit(embedding.astype(np.float64))
        mean = points.mean(axis=0)
        variance, directions = np.linalg.eigh(np.cov(points, rowvar=False))
        spread = np.sqrt(np.maximum(variance, 0.0) + _FLOOR * variance.mean())
        return cls(mean.astype(np.float32), (directions / spread).astype(np.float32))

    def points(self, embedding: NDArray[np.floating]) -> NDArray[np.float64]:
        """Embeddings (texts, width) as rows of unit length whose cosine compares what the texts are about."""
        return unit((unit(embedding.astype(np.float64)) - self.mean) @ self.matrix.astype(np.float64))

    def save(self, folder: Path) -> Path:
        """Write `WHITENING_FILE` into an encoder's folder."""
        path = folder / WHITENING_FILE
        np.savez(path, mean=self.mean, matrix=self.matrix)
        return path

    @classmethod
    def read(cls, content: bytes) -> Whitening:
        """From the content of the file.

        Raises:
            EncoderError: It is something else.
        """
        try:
            with np.load(BytesIO(content), allow_pickle=False) as stored:
                return cls(stored["mean"], stored["matrix"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as exc:
            raise EncoderError(f"{WHITENING_FILE} does not hold a mean and a matrix: {exc}") from exc
