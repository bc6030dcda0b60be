"""`feedback-nlp report`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.naming import frozen_items, model_name, models_folder

if TYPE_CHECKING:
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from training.report import Example

__all__ = ["report"]


def report(
    model: Annotated[str | None, typer.Argument(help="Model. Default: the live one.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Where the page goes. Default: report.html in the current folder."),
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="How many examples to show.")] = 12,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Make the page and say how large it is; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print where it is as JSON.")] = False,
) -> None:
    """Write a model's report: one HTML page that needs no network and no script.

    Figures with intervals, per-theme bars, learning curve, reliability and threshold curves with the expected
    review workload, the most confused pairs, behavioural cases, and examples from the test split with the evidence
    marked.

    Exit codes: 0 done; 2 wrong use; 3 no such model.

    Examples:

      feedback-nlp report

      feedback-nlp report newest --out may.html
    """
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from feedback_nlp.errors import CorpusError
    from feedback_nlp.files import atomic_write
    from training.behaviour import load_cases, run_cases
    from training.curves import CURVES
    from training.report import render_report
    from training.thresholds import read_curves

    folder = models_folder(models)
    path = folder / model_name(folder, model)
    analyzer = FeedbackAnalyzer.load(path, language="en")
    metrics = json.loads((path / "metrics.json").read_text("utf-8"))
    try:
        behaviour = run_cases(load_cases(taxonomy=analyzer.taxonomy), analyzer.analyze_many)
    except CorpusError:  # the cases speak of the default taxonomy
        behaviour = None
    page = render_report(
        analyzer.manifest,
        metrics,
        read_curves(path) if (path / CURVES).is_file() else None,
        _examples(analyzer, examples),
        behaviour,
    )
    target, content = out or Path("report.html"), page.encode("utf-8", "replace")
    if not dry_run:
        with atomic_write(target) as stream:
            stream.write(content)
    if as_json:
        typer.echo(json.dumps({"report": str(target), "bytes": len(content), "written": not dry_run}))
    else:
        note = f", {len(content):,} bytes; nothing was written (--dry-run)" if dry_run else ""
        typer.echo(f"report: {target}{note}")


def _examples(analyzer: FeedbackAnalyzer, number: int) -> list[Example]:
    """Test items by turns right and wrong, the first of each kind by id."""
    from training.report import Example

    items = sorted(frozen_items(None, analyzer.taxonomy), key=lambda item: item.id)[: 10 * number]
    found = [
        Example(item.id, item.themes, item.evidence, analysis)
        for item, analysis in zip(items, analyzer.analyze_many([item.text for item in items]), strict=True)
    ]
    right = [one for one in found if one.right and one.labelled]
    wrong = [one for one in found if not one.right]
    mixed = [one for pair in zip(right, wrong, strict=False) for one in pair]
    return mixed[:number]
