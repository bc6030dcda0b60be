"""The unit of work: some rows of one file in, the bytes that stand for them in the results out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from feedback_nlp.batch import BATCH, BatchAnalyzer, classify_rows
from feedback_nlp.scoring.encodings import Encoding
from feedback_nlp.tables import Row

__all__ = ["Scored", "Task", "chunked", "score_task"]

_BATCHES = 4
_CHARACTERS = 1_000_000
_COMPLAINTS = 5


@dataclass(frozen=True, slots=True)
class Task:
    """Rows of one file that are scored together.

    Attributes:
        file: Number of the file, from 0.
        rows: Consecutive rows; none at all for a file without rows.
        encoding: How their results are written.
    """

    file: int
    rows: tuple[Row, ...]
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a task.

    Attributes:
        file: Number of the file, from 0.
        body: The results as they stand in the file.
        rows: How many rows.
        failed: How many of them have an error instead of an analysis.
        complaints: What was wrong with the first of these.
    """

    file: int
    body: bytes
    rows: int
    failed: int
    complaints: tuple[str, ...]


def score_task(analyzer: BatchAnalyzer, task: Task) -> Scored:
    """Score a task's rows, in the same batches in which `classify` takes them, hence with the same numbers."""
    outcomes = list(classify_rows(analyzer, task.rows))
    wrong = [outcome.complaint for outcome in outcomes if outcome.error is not None]
    return Scored(
        task.file, task.encoding.encode(outcomes), len(outcomes), len(wrong), tuple(wrong[:_COMPLAINTS])
    )


def chunked(rows: Iterator[Row]) -> Iterator[tuple[Row, ...]]:
    """Rows in chunks of whole batches, fewer where texts are long; one empty chunk when there are no rows.

    Where a chunk ends depends on nothing but the rows from its first on, so that a run that is gone on with cuts as
    the one before it did.
    """
    first = True
    while True:
        chunk: list[Row] = []
        size = 0
        for _ in range(_BATCHES):
            batch = list(islice(rows, BATCH))
            chunk += batch
            size += sum(len(row.text or "") for row in batch)
            if len(batch) < BATCH or size >= _CHARACTERS:
                break
        if chunk or first:
            yield tuple(chunk)
        if len(chunk) % BATCH or not chunk:
            return
        first = False
