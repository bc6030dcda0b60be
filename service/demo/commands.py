"""`feedback-nlp demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["demo"]

demo = typer.Typer(
    name="demo",
    help="A year of demonstration feedback, in and out.\n\nExample: feedback-nlp demo add",
    no_args_is_help=True,
)


@demo.command()
def add(
    count: Annotated[int, typer.Option(min=1, max=6000, help="How many items.")] = 1200,
    corpus: Annotated[
        Path | None, typer.Option(help="Labelled items to draw from; by default the project's corpus.")
    ] = None,
) -> None:
    """Put a year of feedback into the store, read by the live model and labelled as demonstration.

    Running it again adds nothing twice. Ctrl-C keeps whole batches only.

    Examples:
      feedback-nlp demo add

      feedback-nlp demo add --count 300
    """
    from rich.progress import track

    from feedback_nlp.analyzer import FeedbackAnalyzer
    from feedback_nlp.registry import Registry
    from service.actor import LOCAL
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.demo.corpus import demo_corpus
    from service.demo.service import add_demo
    from service.models.registry import models_folder
    from service.redaction import default_redactor
    from service.settings import Settings

    found = corpus or demo_corpus()
    if found is None or not found.is_file():
        typer.secho(f"There is no corpus at {found or 'training/data/corpus.jsonl'}; name one with --corpus.",
                    err=True, fg="red")  # fmt: skip
        raise typer.Exit(2)
    settings = Settings()
    analyzer = FeedbackAnalyzer.load(Registry.load(models_folder(settings)).live_folder())
    database = Database(settings.database_url)
    upgrade(database)
    steps = add_demo(database, analyzer, default_redactor(), LOCAL, found, count)
    total = -(-count // 100)
    for _ in track(steps, description="reading feedback", total=total):
        pass
    database.close()
    typer.echo("The demonstration is in; `feedback-nlp demo remove` takes it out.")


@demo.command()
def remove() -> None:
    """Take all demonstration feedback out of the store, with everything that was done to it.

    Examples:
      feedback-nlp demo remove
    """
    from service.actor import LOCAL
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.demo.service import remove_demo
    from service.settings import Settings

    database = Database(Settings().database_url)
    upgrade(database)
    count = remove_demo(database, LOCAL)
    database.close()
    typer.echo(f"{count:,} items of demonstration feedback were taken out.")
