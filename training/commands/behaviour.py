"""`feedback-nlp behaviour`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from training.commands.naming import model_name, models_folder

__all__ = ["behaviour"]


def behaviour(
    model: Annotated[str | None, typer.Argument(help="Model. Default: the live one.")] = None,
    into: Annotated[
        list[Path] | None,
        typer.Option(help="Page with the markers <!-- behaviour -->; may be given several times."),
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="List what failed, and why.")] = False,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Put a model through the behavioural cases: 604 short texts that each ask for one ability.

    The cases are synthetic too. They are for looking, never for training or choosing.

    Exit codes: 0 done; 2 wrong use; 3 no such model.

    Examples:

      feedback-nlp behaviour

      feedback-nlp behaviour newest --failures

      feedback-nlp behaviour --into docs/behaviour.md
    """
    from rich.console import Console

    from feedback_nlp.analyzer import FeedbackAnalyzer
    from training.behaviour import load_cases, run_cases
    from training.behaviour.table import markdown
    from training.figures import replace_block

    folder = models_folder(models)
    analyzer = FeedbackAnalyzer.load(folder / model_name(folder, model))
    with Console(stderr=True).status("asking the model"):
        result = run_cases(load_cases(taxonomy=analyzer.taxonomy), analyzer.analyze_many)
    table = markdown(result, f"{analyzer.info.name}, profile `{analyzer.manifest.profile}`")
    for page in into or ():
        replace_block(page, "behaviour", table)
    if as_json:
        typer.echo(json.dumps(result.to_dict()))
        return
    typer.echo(table)
    if failures:
        for failure in result.failures:
            typer.echo(f"{failure.case_id}: {'; '.join(failure.reasons)}")
