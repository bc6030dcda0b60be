"""Scores as surveys ask them, on the codebook's scales: NPS 0-10, CAS 0-10, CES 1-7 with 7 = very easy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedback_nlp.errors import TableError
from feedback_nlp.metrics.ces import CesVariant

__all__ = ["CAS_SCALES", "CES_SCALES", "NPS", "Scale", "ScaleError"]

_NOT_GIVEN = frozenset(
    (
        "",
        "-",
        "?",
        "nvt",
        "n.v.t.",
        "n.v.t",
        "n/a",
        "na",
        "nan",
        "null",
        "none",
        "geen",
        "weet niet",
        "geen mening",
    )
)


class ScaleError(TableError):
    """A score is not on its scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a question was asked, and where its ends lie on the codebook's scale.

    Attributes:
        name: What it is called in flags and reports.
        low: Lowest answer as asked.
        high: Highest answer as asked.
        to_low: What `low` becomes.
        to_high: What `high` becomes; below `to_low` for a scale on which low is good.
    """

    name: str
    low: int
    high: int
    to_low: int
    to_high: int

    def normalise(self, raw: Any) -> int | None:
        """The answer on the codebook's scale, rounded half up; None when none was given.

        Raises:
            ScaleError: It is no number, or lies outside the scale.
        """
        if raw is None or (isinstance(raw, float) and math.isnan(raw)):
            return None
        if isinstance(raw, str):
            text = raw.strip().casefold()
            if text in _NOT_GIVEN:
                return None
            raw = text.replace(",", ".")
        try:
            value = float(raw)
        except (TypeError, ValueError) as exc:
            raise ScaleError(f"must be a number {self.low}-{self.high}, got {str(raw)[:40]!r}") from exc
        if not self.low <= value <= self.high or isinstance(raw, bool):
            raise ScaleError(f"must be {self.low}-{self.high}, got {value:g}")
        share = (value - self.low) / (self.high - self.low)
        return math.floor(self.to_low + share * (self.to_high - self.to_low) + 0.5)


NPS = Scale("NPS 0-10", 0, 10, 0, 10)

CAS_SCALES: Mapping[str, Scale] = {
    "0-10": Scale("CAS 0-10", 0, 10, 0, 10),
    "1-10": Scale("CAS 1-10", 1, 10, 0, 10),
    "1-5": Scale("CAS 1-5", 1, 5, 0, 10),
}
"""Ways to ask "the organisation acted in my interest"."""

CES_SCALES: Mapping[str, Scale] = {
    "agree-1-7": Scale(CesVariant.AGREE_1_7.label, 1, 7, 1, 7),
    "effort-1-5": Scale(CesVariant.EFFORT_1_5.label, 1, 5, 7, 1),
    "ease-0-10": Scale(CesVariant.EASE_0_10.label, 0, 10, 1, 7),
}
"""The variants of the effort question, by the name of the flag; they run in opposite directions."""
