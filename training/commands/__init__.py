"""Training's part of the command line; what is heavy is imported inside the commands."""

from __future__ import annotations

import typer

from training.adapt.command import adapt
from training.commands import live, taxonomy
from training.commands.ablate import ablate
from training.commands.annotate import annotate
from training.commands.audit import audit
from training.commands.behaviour import behaviour
from training.commands.compare import compare
from training.commands.drift import drift
from training.commands.evaluate import evaluate
from training.commands.importing import import_
from training.commands.readme import readme
from training.commands.report import report
from training.commands.suggest import suggest
from training.commands.thresholds import thresholds
from training.commands.train import train

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add training's commands to `feedback-nlp`."""
    app.command("import")(import_)
    app.command("train")(train)
    app.command("evaluate")(evaluate)
    app.command("ablate")(ablate)
    app.command("behaviour")(behaviour)
    app.command("adapt")(adapt)
    app.command("compare")(compare)
    app.command("promote")(live.promote)
    app.command("rollback")(live.rollback)
    models = typer.Typer(
        help="Which models there are, and which is or was live.\n\nExample: feedback-nlp models list",
        no_args_is_help=True,
    )
    models.command("list")(live.listing)
    models.command("at")(live.at)
    app.add_typer(models, name="models")
    app.command("report")(report)
    app.command("readme")(readme)
    app.command("suggest")(suggest)
    app.command("annotate")(annotate)
    app.command("audit")(audit)
    app.command("thresholds")(thresholds)
    app.command("drift")(drift)
    app.add_typer(taxonomy.app, name="taxonomy")
