"""A number on a scale and the label read off it, made to agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["labelled"]


def labelled(score: NDArray[np.float64], label: NDArray[np.int8], band: float) -> NDArray[np.float64]:
    """Scores moved no further than needed for their labels to be read off them.

    A score nearer to 0 than `band` reads as 0, any other as its sign. The expected value of an uncertain text lies
    near 0 even where 0 is the least likely of all; a label that was decided on its own is therefore kept.

    Args:
        score: Any shape.
        label: -1, 0 or 1, of the same shape.
        band: Above 0.
    """
    clear = np.where(score * label < band, label * band, score)
    inside = np.nextafter(band, 0.0)
    return np.asarray(np.where(label == 0, np.clip(score, -inside, inside), clear))
