"""Customer Effort Score in the three variants that are in use; a figure never goes without its variant."""

from __future__ import annotations

from enum import Enum

from numpy.typing import ArrayLike

from feedback_nlp.metrics.checks import answers_on_scale
from feedback_nlp.metrics.intervals import Estimate, mean_t, mean_t_from_counts

__all__ = ["CesVariant", "ces", "ces_from_counts"]


class CesVariant(Enum):
    """A variant of the question: its name, the ends of its scale, and which end is good.

    * ``EFFORT_1_5``: "how much effort did you have to put in" of M. Dixon, K. Freeman and N. Toman, "Stop
      trying to delight your customers", Harvard Business Review, 2010; 1 very little, 5 very much: low is good.
    * ``AGREE_1_7``: "the company made it easy for me" (CES 2.0) of M. Dixon, N. Toman and R. DeLisi, "The
      Effortless Experience", 2013; 1 strongly disagree, 7 strongly agree: high is good. The codebook's `ces`.
    * ``EASE_0_10``: "how easy was it", 0 very difficult, 10 very easy: high is good.
    """

    EFFORT_1_5 = ("CES 1-5 (effort, low is good)", 1, 5, False)
    AGREE_1_7 = ("CES 1-7 (agree it was easy, high is good)", 1, 7, True)
    EASE_0_10 = ("CES 0-10 (ease, high is good)", 0, 10, True)

    @property
    def label(self) -> str:
        """The variant's name, to be shown with every figure."""
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
    def high_is_good(self) -> bool:
        """Whether a higher answer means less effort."""
        return bool(self.value[3])


def ces(answers: ArrayLike, variant: CesVariant, level: float = 0.95) -> Estimate:
    """Customer Effort Score: the mean answer, with Student's t interval.

    Args:
        answers: answers on the variant's scale, shape (n,); None and NaN are skipped.
        variant: which question was asked; there is no default, since the scales run in opposite directions.
        level: confidence level, 0-1.

    Returns:
        The mean on the variant's own scale; `measure` carries the variant's name.

    Raises:
        MeasureError: no answers, or one that is not on the variant's scale.
    """
    given = answers_on_scale(answers, variant.low, variant.high, variant.label)
    return mean_t(given, variant.label, variant.low, variant.high, level)


def ces_from_counts(counts: ArrayLike, variant: CesVariant, level: float = 0.95) -> Estimate:
    """Customer Effort Score from how often each answer was given.

    Args:
        counts: how often each answer of the variant's scale was given, the lowest first.
        variant: which question was asked.
        level: confidence level, 0-1.

    Returns:
        As `ces` of the same answers.

    Raises:
        MeasureError: no answers, or not one count for each answer of the scale.
    """
    return mean_t_from_counts(counts, variant.label, variant.low, variant.high, level)
