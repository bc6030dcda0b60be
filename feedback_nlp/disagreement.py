"""Where the two kinds of first-level models, n-grams and encoder, see different themes in a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from feedback_nlp.labels import LabelledTexts
from feedback_nlp.readings import Readings, view_of
from feedback_nlp.themes import ThemeClassifier

__all__ = ["DISAGREEMENT_SHARE", "Disagreement"]

DISAGREEMENT_SHARE = 0.05
"""Share of ordinary items that is sent to a person because the models disagree."""


@dataclass(frozen=True)
class Disagreement:
    """Two theme classifiers, one on the n-grams' columns alone and one on the encoder's alone.

    Attributes:
        opinions: The two.
        threshold: Distance of their probabilities (0-1) from which on they disagree about a theme.
    """

    opinions: tuple[ThemeClassifier, ThemeClassifier]
    threshold: float

    @classmethod
    def fit(
        cls, readings: Readings, data: LabelledTexts, folds: NDArray[np.int64], themes: Sequence[str]
    ) -> Self | None:
        """Fit on held-out readings, so that 5 % of the texts have a theme they disagree about; None without encoder."""
        by_encoder = np.array([view_of(name).startswith("encoder_") for name in readings.names])
        if not by_encoder.any():
            return None
        first, second = (
            _on(columns, readings, themes).fit(readings.values, data.themes, data.weight, folds)
            for columns in (~by_encoder, by_encoder)
        )
        distance = _distance(first, second, readings.values).max(axis=1)
        return cls((first, second), float(np.quantile(distance, 1 - DISAGREEMENT_SHARE)))

    def distance(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """How far the two probabilities of every theme are apart, 0-1, (n, themes)."""
        return _distance(*self.opinions, X)


def _on(columns: NDArray[np.bool_], readings: Readings, themes: Sequence[str]) -> ThemeClassifier:
    every = ThemeClassifier.for_columns(readings.names, themes)
    return ThemeClassifier(groups=tuple(tuple(i for i in group if columns[i]) for group in every.groups))


def _distance(first: ThemeClassifier, second: ThemeClassifier, X: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.abs(first.predict_proba(X) - second.predict_proba(X))
