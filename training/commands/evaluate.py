"""`feedback-nlp evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["evaluate"]


def evaluate(
    model: Annotated[Path | None, typer.Argument(help="Model folder. Default: the live model.")] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Labelled JSON Lines. Default: the test split of the project's corpus."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Threads.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Judge a model on labelled items.

    Without --data these are the frozen test split, which no model learned from. Items of your own that the model
    learned from give figures that are too good. Answers that are not given, as in corrections, are filled with the
    usual ones; how many is said, for the figures of NPS and CAS then rest on them.

    Exit codes: 0 judged; 2 wrong use or faulty data; 3 no such model.

    Examples:

      feedback-nlp evaluate

      feedback-nlp evaluate models/feedback-nl/20260503-101500 --data own.jsonl --json
    """
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from feedback_nlp.commands.models import model_folder
    from training.commands.train import show_figures
    from training.corpus import LABELLED
    from training.sources import load_labelled
    from training.splits import is_test
    from training.train import evaluate as judge

    analyzer = FeedbackAnalyzer.load(model_folder(model), threads=jobs)
    sources = load_labelled(data or LABELLED, analyzer.taxonomy)
    items = list(sources.items) if data else [item for item in sources.items if is_test(item.id)]
    figures = judge(analyzer, items) | {"filled_answers": sources.filled}
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
    else:
        show_figures(figures, f"{analyzer.info.name} {analyzer.info.version}")
        if sources.filled:
            typer.echo(f"{sources.filled:,} answers that were not given are filled with the usual ones")
