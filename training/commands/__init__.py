"""Training's part of the command line; what is heavy is imported inside the commands."""

from __future__ import annotations

import typer

from training.commands.evaluate import evaluate
from training.commands.train import train

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add training's commands to `feedback-nlp`."""
    app.command("train")(train)
    app.command("evaluate")(evaluate)
