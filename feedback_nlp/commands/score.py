"""`feedback-nlp score`: many rows, with all cores or a cluster."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from feedback_nlp.commands.inputs import (
    IdColumn,
    InputFormat,
    Labels,
    Language,
    ModelOption,
    TextColumn,
    progress,
)
from feedback_nlp.commands.tally import Tally

if TYPE_CHECKING:
    from feedback_nlp.scoring import Engine, Plan
    from feedback_nlp.scoring.journal import Progress

__all__ = ["score"]

EngineName = Literal["local", "dask"]
Kind = Literal["csv", "tsv", "jsonl", "parquet"]


def score(
    source: Annotated[
        Path,
        typer.Argument(metavar="IN", help="A file (.csv, .jsonl, .parquet, .xlsx), or a folder of them."),
    ],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="Where the results go: a file for a file, a folder for a folder."),
    ],
    to: Annotated[
        Kind | None, typer.Option(help="Format of the results where the name of OUT does not tell.")
    ] = None,
    text_column: TextColumn = None,
    id_column: IdColumn = "id",
    format: InputFormat = None,
    model: ModelOption = None,
    language: Labels = "nl",
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Worker processes; one a core when left out.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Processes of this machine, or a Dask cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://…", help="Dask scheduler; a cluster on this machine is started when left out."
        ),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Throw away what a stopped run has done.")
    ] = False,
) -> None:
    """Classify all rows of a large file, or of a folder of files.

    The results are those of `feedback-nlp classify`, byte for byte, but made
    with all cores (or a cluster), in constant memory. `classify` is for a
    text, standard input and files of up to some ten thousand rows, and
    starts quicker; `score` is for more, and may be stopped at any moment
    (Ctrl-C, kill, power cut): the same command goes on where it was. Until
    the end the results stand in OUT.work; then OUT is there at once.

    Of a folder all files below it are scored, in folders such as
    month=2026-05 too, and the results stand in like folders. JSON Lines hold
    the whole analysis; CSV and Parquet your own columns and the scores.

    Examples:

      feedback-nlp score answers.csv scored.csv --text-column toelichting

      feedback-nlp score answers.parquet scored.jsonl --workers 8

      feedback-nlp score year/ scored/ --to parquet

      feedback-nlp score year/ scored/ --engine dask --scheduler tcp://10.0.0.5:8786
    """
    if scheduler is not None and engine != "dask":
        raise typer.BadParameter("goes with --engine dask", param_hint="--scheduler")
    from feedback_nlp.artifacts import read_manifest, verify
    from feedback_nlp.commands.models import model_folder
    from feedback_nlp.scoring import make_plan
    from feedback_nlp.scoring import score as run

    folder = model_folder(model)
    manifest = read_manifest(folder)
    verify(folder, manifest)
    plan = make_plan(
        source,
        out,
        manifest,
        kind=to,
        text_column=text_column,
        id_column=id_column,
        format=format,
        language=language,
    )
    tally = Tally()
    chosen = _engine(engine, folder, scheduler, workers, language)
    try:
        with _stopped_by_sigterm(), _bar(plan, tally) as advance:
            finished = run(plan, chosen, restart=restart, on_progress=advance)
    except KeyboardInterrupt:
        typer.secho(
            f"\nstopped after {tally.done:,} rows; the same command goes on from there", err=True, fg="yellow"
        )
        raise typer.Exit(130) from None
    tally.done, tally.failed = finished.rows, finished.failed
    tally.first_errors = list(finished.complaints)
    tally.report(out, skipped=finished.skipped)
    if tally.failed:
        raise typer.Exit(1)


def _engine(
    name: EngineName, folder: Path, scheduler: str | None, workers: int | None, language: Language
) -> Engine:
    from feedback_nlp.scoring import LocalEngine, ModelFolder, PackedModel

    if name == "local":
        return LocalEngine(ModelFolder(folder, language), workers)
    from feedback_nlp.scoring.dask_engine import DaskEngine

    return DaskEngine(PackedModel.of(folder, language), scheduler, workers)


@contextmanager
def _bar(plan: Plan, tally: Tally) -> Iterator[Callable[[Progress], None]]:
    from feedback_nlp.tables import estimate_rows

    counts = [estimate_rows(path) for path in plan.files]
    known = [count for count in counts if count is not None]
    with progress("scoring", sum(known) if len(known) == len(counts) else None) as advance:

        def follow(now: Progress) -> None:
            advance(now.rows - tally.done)
            tally.done = now.rows

        yield follow


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """SIGTERM stops a run as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
