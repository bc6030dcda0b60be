"""The table that first-level models write and second-level estimators read: a row a text, a named column a view of it.

A column's name is `family:code:view`. Families: `theme` (is the theme spoken of), `polarity` (in which tone), `signal`,
and `tone` (of the whole text; its code is empty). An estimator picks the columns that speak of its label and needs to
know nothing of who wrote them, so n-grams, encoder and whatever comes later combine freely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Readings", "column", "columns_of", "view_of"]


def column(family: str, code: str, view: str) -> str:
    """The name of a column."""
    return f"{family}:{code}:{view}"


def columns_of(names: Sequence[str], family: str, code: str = "") -> tuple[int, ...]:
    """Places of the columns of a family that speak of `code`."""
    prefix = f"{family}:{code}:"
    return tuple(index for index, name in enumerate(names) if name.startswith(prefix))


def view_of(name: str) -> str:
    """The view in a column's name."""
    return name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Readings:
    """Named numbers about some texts.

    Attributes:
        names: Column names, length m.
        values: Shape (texts, m), float32.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.values.shape[1] != len(self.names):
            raise ValueError(f"{len(self.names)} names for {self.values.shape[1]} columns")

    def beside(self, other: Readings) -> Readings:
        """Both tables side by side, for the same texts."""
        return Readings(self.names + other.names, np.hstack([self.values, other.values]))
