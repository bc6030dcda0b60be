"""A run from beginning to end, or from where it was stopped to the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from feedback_nlp.scoring.chunks import Task, chunked
from feedback_nlp.scoring.encodings import Encoding
from feedback_nlp.scoring.engines import Engine
from feedback_nlp.scoring.journal import Journal, Progress
from feedback_nlp.scoring.plan import Plan
from feedback_nlp.tables import open_table

__all__ = ["Finished", "score"]


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run went.

    Attributes:
        rows: How many rows the results hold.
        failed: How many of them have an error instead of an analysis.
        skipped: How many an earlier run had done.
        complaints: What was wrong with the first of those that failed.
    """

    rows: int
    failed: int
    skipped: int
    complaints: tuple[str, ...]


def score(
    plan: Plan,
    engine: Engine,
    *,
    restart: bool = False,
    on_progress: Callable[[Progress], object] = lambda progress: None,
) -> Finished:
    """Do what a plan says; what an earlier, stopped run of the same plan did is kept.

    Args:
        plan: Which files become which.
        engine: Who does the work.
        restart: Begin anew instead.
        on_progress: Called after each piece, and once at the beginning.

    Raises:
        ScoreError: Another run is at it, one with other options was begun, or workers die again and again.
        TableError: A file cannot be read; what was done before it is kept.
    """
    with Journal(plan, restart=restart) as journal, engine:
        skipped = journal.progress.rows
        on_progress(journal.progress)
        encodings: dict[int, Encoding] = {}
        for scored in engine.map(_tasks(plan, journal.progress, encodings)):
            while journal.progress.file < scored.file:
                journal.finish_file(encodings.pop(journal.progress.file))
            journal.add(scored, encodings[scored.file])
            on_progress(journal.progress)
        for file in sorted(encodings):
            journal.finish_file(encodings[file])
        journal.finish()
        done = journal.progress
    return Finished(done.rows, done.failed, skipped, done.complaints)


def _tasks(plan: Plan, start: Progress, encodings: dict[int, Encoding]) -> Iterator[Task]:
    """The work that is left; the encoding of every file is noted when its first task is made."""
    for file in range(start.file, len(plan.files)):
        path = plan.files[file]
        with open_table(
            path, text_column=plan.text_column, id_column=plan.id_column, format=plan.format
        ) as table:
            encodings[file] = plan.encoding(file, table)
            rows = islice(table.rows, start.file_rows if file == start.file else 0, None)
            for chunk in chunked(rows):
                yield Task(file, chunk, encodings[file])
