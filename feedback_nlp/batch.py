"""Many rows through the analyzer, in order and in constant memory; a row that fails does not stop the others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from feedback_nlp.tables.row import Row

__all__ = ["BATCH", "SCALES", "BatchAnalyzer", "Outcome", "classify_rows", "item_from_row"]

BATCH = 256
"""How many rows are analysed together."""

SCALES = {"nps": (0, 10), "cas": (0, 10), "ces": (1, 7)}
"""Columns with scores that were given, and the least and the most of each."""

_NOT_GIVEN = {"", "-", "?", "nvt", "n.v.t.", "n.v.t", "n/a", "na", "nan", "null", "none", "geen", "weet niet"}


class BatchAnalyzer(Protocol):
    """The part of `FeedbackAnalyzer` that is needed here."""

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> Sequence[Analysis | TextError]:
        """Analyses in the items' order, an item's own error in its place."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: an analysis, or an error in plain words; never both, never neither."""

    row: Row
    analysis: Analysis | None = None
    error: str | None = None

    @property
    def complaint(self) -> str:
        """What went wrong with which row, for the person who can mend it."""
        named = f" (id {self.row.id})" if self.row.id else ""
        return f"row {self.row.number}{named}: {self.error}"

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract: an Analysis, or `{"id", "error", "row"}` with the number of the data row."""
        if self.analysis is not None:
            return self.analysis.to_dict()
        return {"id": self.row.id, "error": self.error, "row": self.row.number}


def classify_rows(analyzer: BatchAnalyzer, rows: Iterable[Row], *, chunk: int = BATCH) -> Iterator[Outcome]:
    """One outcome a row, in order.

    Args:
        analyzer: Who analyses.
        rows: The rows; their columns nps, cas and ces are handed on as given scores when present.
        chunk: How many rows are held in memory at once.
    """
    source = iter(rows)
    while batch := list(islice(source, chunk)):
        prepared = [item_from_row(row) for row in batch]
        items = [item for item in prepared if isinstance(item, FeedbackItem)]
        results = iter(analyzer.analyze_batch(items))
        for row, item in zip(batch, prepared, strict=True):
            if isinstance(item, str):
                yield Outcome(row, error=item)
                continue
            result = next(results)
            if isinstance(result, Analysis):
                yield Outcome(row, analysis=result)
            else:
                yield Outcome(row, error=str(result))


def item_from_row(row: Row) -> FeedbackItem | str:
    """The row as an item, or in plain words why it cannot be one.

    Scores may be numbers or be written as in "9" and "7,5"; "nvt" and the like count as not given.
    """
    if row.error is not None or row.text is None:
        return row.error or "no text"
    by_key = {name.strip().casefold(): value for name, value in row.fields.items()}
    scores: dict[str, float | None] = {}
    for name, (low, high) in SCALES.items():
        raw = by_key.get(name)
        score = _number(raw)
        if score is not None and not low <= score <= high:
            return f"{name} must be {low}-{high}, got {_shown(raw)}"
        scores[name] = score
    return FeedbackItem(row.text, id=row.id, **scores)


def _number(value: Any) -> float | None:
    """The number; None when none was given, NaN when what was given is no number."""
    if value is None or (isinstance(value, str) and value.strip().casefold() in _NOT_GIVEN):
        return None
    if isinstance(value, float) and math.isnan(value):  # how data frames write "not given"
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return math.nan
    try:
        return float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return math.nan


def _shown(value: Any) -> str:
    shown = value if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"
