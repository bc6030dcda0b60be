"""`feedback-nlp readme`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["readme"]


def readme(
    page: Annotated[Path, typer.Argument(help="The page with the markers.")] = Path("README.md"),
    model: Annotated[Path | None, typer.Option(help="Model folder. Default: the live model.")] = None,
) -> None:
    """Write the example and the figures of the live model into the README.

    Examples:

      feedback-nlp readme
    """
    from feedback_nlp.commands.models import model_folder
    from training.readme import update_readme

    update_readme(page, model_folder(model))
    typer.echo(f"{page}: example and figures written")
