"""Customer Advocacy Score ("they acted in my interest") and its four pillars, inferred from themes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from feedback_nlp.metrics.checks import answers_on_scale
from feedback_nlp.metrics.frames import NEUTRAL, polarity_matrix
from feedback_nlp.metrics.intervals import Estimate, wilson

__all__ = ["PILLARS", "CasScale", "cas", "cas_pillars"]

PILLARS: Mapping[str, tuple[str, ...]] = {
    "simple": ("gemak", "proces", "snelheid", "bereikbaarheid"),
    "transparent": ("transparantie",),
    "benevolent": ("empathie", "maatwerk", "proactiviteit"),
    "trustworthy": ("vertrouwen", "deskundigheid", "eigenaarschap"),
}
"""Which themes tell of which pillar. The pillars are those of Forrester's customer advocacy rankings
(simplicity, transparency, benevolence, trustworthiness); the assignment of themes is this project's own.
`kosten` tells of none: a low price is no advocacy."""


class CasScale(Enum):
    """The scale of the question, and from which answer on a customer agrees."""

    ZERO_TO_TEN = ("CAS (8-10 of 0-10)", 0, 10, 8)
    ONE_TO_FIVE = ("CAS (4-5 of 1-5)", 1, 5, 4)

    @property
    def label(self) -> str:
        """The measure's name."""
        return str(self.value[0])

    @property
    def low(self) -> int:
        """Lowest answer."""
        return int(self.value[1])

    @property
    def high(self) -> int:
        """Highest answer."""
        return int(self.value[2])

    @property
    def agrees_from(self) -> int:
        """Lowest answer that counts as agreement."""
        return int(self.value[3])


def cas(answers: ArrayLike, scale: CasScale = CasScale.ZERO_TO_TEN, level: float = 0.95) -> Estimate:
    """Customer Advocacy Score: the percentage that agrees "they acted in my interest".

    Args:
        answers: answers on the scale, shape (n,); None and NaN are skipped.
        scale: which scale was used.
        level: confidence level, 0-1.

    Returns:
        The percentage, 0-100, with Wilson's interval.

    Raises:
        MeasureError: no answers, or one that is not on the scale.
    """
    given = answers_on_scale(answers, scale.low, scale.high, scale.label)
    return wilson(int((given >= scale.agrees_from).sum()), int(given.size), scale.label, level)


def cas_pillars(
    frame: pd.DataFrame, pillars: Mapping[str, tuple[str, ...]] = PILLARS, level: float = 0.95
) -> dict[str, Estimate | None]:
    """What customers' own words say of each pillar: the percentage of favourable verdicts.

    An item speaks of a pillar when it mentions one of its themes; it is favourable when the mean polarity of
    those themes is above 1/3. Themes that the frame does not know are skipped.

    Args:
        frame: analysed items with columns ``theme:<code>`` (see `frames`).
        pillars: pillar -> codes of its themes.
        level: confidence level, 0-1.

    Returns:
        Pillar -> percentage of 0-100 with Wilson's interval; None when no item speaks of it.

    Raises:
        MeasureError: the frame has no theme columns, or a polarity outside -1..1.
    """
    codes, polarity = polarity_matrix(frame)
    found: dict[str, Estimate | None] = {}
    for pillar, themes in pillars.items():
        own = polarity[:, [codes.index(theme) for theme in themes if theme in codes]]
        said = ~np.isnan(own)
        mentioned = said.any(axis=1)
        n = int(mentioned.sum())
        if n == 0:
            found[pillar] = None
            continue
        mean = np.where(said, own, 0.0)[mentioned].sum(axis=1) / said[mentioned].sum(axis=1)
        found[pillar] = wilson(int((mean > NEUTRAL).sum()), n, f"CAS pillar: {pillar}", level)
    return found
