"""Labelled texts as arrays: what the estimators learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LabelledTexts", "Quote"]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that show a theme: `text[start:end]` of the text in row `row` speaks of theme number `theme`."""

    row: int
    theme: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """Texts with their labels; n texts, t themes, s signals.

    Attributes:
        texts: The texts.
        themes: Whether a theme is spoken of, bool (n, t).
        polarity: -1, 0 or 1 where it is, 0 elsewhere, int8 (n, t).
        quotes: Which words show which theme; texts without any are allowed.
        sentiment: -2 to 2, float (n,).
        nps: 0 to 10, float (n,).
        cas: 0 to 10, float (n,).
        signals: Whether a signal is given, bool (n, s).
        weight: How much a text counts, float (n,); 1 is usual.
    """

    texts: tuple[str, ...]
    themes: NDArray[np.bool_]
    polarity: NDArray[np.int8]
    quotes: tuple[Quote, ...]
    sentiment: NDArray[np.float64]
    nps: NDArray[np.float64]
    cas: NDArray[np.float64]
    signals: NDArray[np.bool_]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> LabelledTexts:
        """Only the given rows, in that order."""
        index = np.asarray(rows, dtype=np.int64)
        place = {int(row): new for new, row in enumerate(index)}
        return LabelledTexts(
            texts=tuple(self.texts[row] for row in index),
            themes=self.themes[index],
            polarity=self.polarity[index],
            quotes=tuple(
                Quote(place[quote.row], quote.theme, quote.start, quote.end)
                for quote in self.quotes
                if quote.row in place
            ),
            sentiment=self.sentiment[index],
            nps=self.nps[index],
            cas=self.cas[index],
            signals=self.signals[index],
            weight=self.weight[index],
        )
