"""What the sentence encoder says, as columns of the table that the second level reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from feedback_nlp.readings import Readings, column

__all__ = ["encoder_readings"]

_FAMILY = {
    "theme": "theme",
    "peak": "theme",
    "mass": "theme",
    "polarity": "polarity",
    "mixed": "polarity",
    "signal": "signal",
}


def encoder_readings(columns: Sequence[str], document: NDArray[np.float32]) -> Readings:
    """Rename the encoder's document columns (see `encoder.document_columns`); `document` is (texts, columns)."""
    return Readings(_renamed(tuple(columns)), document)


@lru_cache(maxsize=16)
def _renamed(names: tuple[str, ...]) -> tuple[str, ...]:
    """An encoder's names are the same for every text; made anew they take as long as a text's tokens."""
    return tuple(map(_rename, names))


def _rename(name: str) -> str:
    kind, dot, code = name.partition(".")
    return column(_FAMILY[kind], code, f"encoder_{kind}") if dot else column("tone", "", f"encoder_{name}")
