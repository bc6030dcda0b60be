"""When a person should look: where the model expects to be wrong, and where text and circumstances do not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from feedback_nlp.advocacy import ANSWERS

__all__ = ["REVIEW_SHARE", "ReviewPolicy", "contradicts", "expected_errors"]

REVIEW_SHARE = 0.20
"""Share of ordinary items that is sent to a person for doubt alone."""

MIN_KNOWN_SHARE = 0.5
MIN_WORDS_FOR_DOMAIN = 6
_TAIL = 0.02


def expected_errors(probability: NDArray[np.float64], assigned: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Per label the probability that its assignment is wrong; both arguments and the result (n, labels)."""
    return np.where(assigned, 1 - probability, probability)


def contradicts(probability: NDArray[np.float64], given: float) -> bool:
    """Whether a given answer 0-10 lies where the distribution (11,) read off the text holds under 2 % beyond it."""
    below = float(probability[given + 0.5 > ANSWERS].sum())
    above = float(probability[given - 0.5 < ANSWERS].sum())
    return min(below, above) < _TAIL


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """Review an item when the number of wrong theme assignments expected in it reaches `threshold`."""

    threshold: float

    @classmethod
    def fit(
        cls, probability: NDArray[np.float64], assigned: NDArray[np.bool_], share: float = REVIEW_SHARE
    ) -> Self:
        """Choose the threshold so that this share of held-out items (n, themes) is reviewed."""
        return cls(float(np.quantile(expected_errors(probability, assigned).sum(axis=1), 1 - share)))
