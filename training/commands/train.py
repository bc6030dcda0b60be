"""`feedback-nlp train`."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from training.sources import Sources
    from training.train import TrainingRun

__all__ = ["train"]


def train(
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Labelled JSON Lines; may be given several times. Default: the project's corpus and its supplement."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The model's folder. Default: models/feedback-nl/<time>.")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="Folder of the models. Default: the project's models/.")
    ] = None,
    taxonomy: Annotated[
        Path | None, typer.Option(help="Taxonomy file. Default: the one of the library.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="accurate (with the sentence encoder), fast (n-grams and evidence), or auto.")
    ] = "auto",
    corrections: Annotated[
        list[Path] | None,
        typer.Option(help="Corrections exported by the service, or other labelled files that may have gaps."),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(help="SOURCE=NUMBER: how much a file's items count, by its name without ending."),
    ] = None,
    without: Annotated[
        list[Path] | None,
        typer.Option(
            envvar="FEEDBACK_NLP_WITHOUT",
            help="Ids to leave out, one a line, as the service lists erased ones; may be given several times.",
        ),
    ] = None,
    learning_curve: Annotated[
        bool, typer.Option(help="Also show whether more labels would still help; takes a little longer.")
    ] = True,
    jobs: Annotated[int, typer.Option(min=1, help="Processes and threads at a time.")] = 2,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Read and check everything, say what would be learned from; write nothing."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Train a model, judge it on the frozen test split, write its folder.

    The first model ever trained is put live; later ones wait for promotion. Stopped by Ctrl-C, the same command
    goes on where it was; a model's folder is there whole or not at all.

    Exit codes: 0 trained; 2 wrong use or faulty data; 3 the encoder is missing; 130 stopped by Ctrl-C.

    Examples:

      feedback-nlp train

      feedback-nlp train --profile fast --out models/feedback-nl/try-1

      feedback-nlp train --corrections corrections.jsonl --weight corrections=2 --without erased.txt
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    from feedback_nlp.errors import FeedbackNlpError
    from feedback_nlp.registry import Registry, default_models_folder
    from feedback_nlp.taxonomy import Taxonomy
    from training.aliases import Aliases
    from training.checkpoints import sweep
    from training.corpus import LABELLED
    from training.encoded import find_encoder
    from training.sources import load_sources, parse_weights, read_ids
    from training.train import STEPS, TrainingConfig
    from training.train import train as run

    if profile not in ("auto", "accurate", "fast"):
        raise typer.BadParameter(f"must be auto, accurate or fast, got {profile!r}", param_hint="--profile")
    folder = models or default_models_folder()
    own_taxonomy = Taxonomy.load(taxonomy) if taxonomy else Taxonomy.default()
    registry = Registry.load(folder)
    sources = load_sources(
        data or LABELLED,
        corrections or [],
        own_taxonomy,
        parse_weights(weight or ()),
        Aliases.beside(taxonomy),
        read_ids(without or ()),
    )
    items = sources.items
    if dry_run:
        _show_sources(sources, as_json=as_json)
        return
    sweep(folder)
    encoder = (
        None
        if profile == "fast"
        else find_encoder(folder, own_taxonomy, jobs, required=profile == "accurate")
    )
    config = TrainingConfig(
        profile="accurate" if encoder else "fast", n_jobs=jobs, learning_curve=learning_curve
    )
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
            task = bar.add_task("starting", total=STEPS)

            def step(name: str) -> None:
                bar.update(task, advance=bar.tasks[0].description != "starting", description=name)

            result = run(
                items, folder, taxonomy=own_taxonomy, config=config, encoder=encoder, out=out,
                parent=registry.live.rpartition("/")[2] if registry.live else None, sources=sources.to_dict(),
                progress=step,
            )  # fmt: skip
            bar.update(task, completed=STEPS, description="done")
    except FileExistsError as exc:
        raise FeedbackNlpError(str(exc)) from exc
    if registry.live is None and result.folder.resolve().is_relative_to(folder.resolve()):
        name = str(result.folder.resolve().relative_to(folder.resolve()))
        registry.activate(name, by=_user(), why="the first model", action="first")
    if as_json:
        typer.echo(json.dumps({"folder": str(result.folder), **result.metrics}, ensure_ascii=False))
        return
    show_figures(result.metrics["test"], "test split")
    _closing(result)


def _show_sources(sources: Sources, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"items": len(sources.items), **sources.to_dict()}, ensure_ascii=False))
        return
    for source, count in sources.counts.items():
        typer.echo(f"{source}: {count:,} items, weight {sources.weights[source]:g}")
    typer.echo(f"{len(sources.items):,} items in all; nothing was written (--dry-run)")
    for number, what in (
        (sources.filled, "answers that were not given are filled with the usual ones"),
        (sources.replaced, "rows are replaced by later ones of the same id"),
        (sources.withheld, "items are left out, since their text stands in the test split"),
        (sources.erased, "items are left out, since they are to be forgotten (--without)"),
    ):
        if number:
            typer.echo(f"{number:,} {what}")


def show_figures(figures: dict[str, Any], title: str) -> None:
    """Print the figures of an evaluation as tables."""
    from rich.console import Console
    from rich.table import Table

    from training.scores import SIGNAL_PRECISION

    if not figures["items"]:
        typer.echo(f"{title}: no items, so no figures")
        return
    console = Console()
    table = Table(title=f"{title}: {figures['items']:,} items", title_justify="left")
    at = f"recall at precision {SIGNAL_PRECISION:g}"
    for name in ("", "precision", "recall", "F1", "average precision", at, "items"):
        table.add_column(name, justify="left" if not name else "right")
    for part in ("themes", "signals"):
        for code, row in figures[part].items():
            numbers = [f"{row[key]:.2f}" for key in ("precision", "recall", "f1", "average_precision")]
            best = f"{row['recall_at_precision']:.2f}" if part == "signals" else ""
            table.add_row(code, *numbers, best, f"{row['support']:.0f}")
        table.add_section()
    console.print(table)
    for name, label in (
        ("macro_f1", "macro-F1 over themes"),
        ("polarity_accuracy", "polarity accuracy of assigned themes"),
        ("sentiment_r", "sentiment, Pearson r"),
    ):
        figure = figures[name]
        console.print(
            f"{label}: [bold]{figure['value']:.3f}[/] (95 % interval {figure['low']:.3f}-{figure['high']:.3f})"
        )
    for name, label in (("nps", "NPS answer, mean error"), ("cas", "CAS answer, mean error")):
        figure = figures[name]["mean_absolute_error"]
        console.print(
            f"{label}: [bold]{figure['value']:.2f}[/] (95 % interval {figure['low']:.2f}-{figure['high']:.2f})"
        )
    console.print(f"expected calibration error: [bold]{figures['expected_calibration_error']:.3f}[/]")
    console.print(
        f"evidence, token F1: [bold]{figures['evidence_token_f1']['macro']:.3f}[/]", highlight=False
    )


def _closing(result: TrainingRun) -> None:
    typer.echo(f"model: {result.folder}")
    typer.echo(
        "The corpus was written for this project; on your own feedback figures will be lower: measure them with"
    )
    typer.echo(f"  feedback-nlp evaluate {result.folder} --data FILE.jsonl")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
