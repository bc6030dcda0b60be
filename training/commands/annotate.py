"""`feedback-nlp annotate`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from training.commands.naming import model_name, models_folder, user

if TYPE_CHECKING:
    from feedback_nlp.records import Analysis
    from feedback_nlp.taxonomy import Taxonomy
    from training.annotate import Answer

__all__ = ["annotate"]


def annotate(
    items: Annotated[
        Path,
        typer.Argument(help="What to label: a file of `suggest`, or any table."),
    ],
    out: Annotated[
        Path, typer.Option(dir_okay=False, help="Where the answers are kept; used again to go on.")
    ],
    annotator: Annotated[str | None, typer.Option(help="Your name. Default: the account's.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Model whose proposal is the default. Default: the live one.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column with the text; recognised otherwise.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how much there is to do; ask nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print how it went as JSON.")] = False,
) -> None:
    """Label items in the terminal, with single keys; the model's proposal is the default.

    Enter takes the labels as shown. A theme's letter turns it from absent to dissatisfied, satisfied, mixed,
    absent. Digits switch signals, + and - change the sentiment, s skips, u goes back, q stops. Every answer is on
    the disk at once; the same command goes on where you were. The file can be given to `train --corrections`.

    Exit codes: 0 done or stopped; 2 wrong use or bad input; 3 no model.

    Examples:

      feedback-nlp annotate todo.jsonl --out anna.jsonl --annotator anna
    """
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from training.annotate import Session
    from training.annotations import read_annotations
    from training.pool import read_pool

    if out.resolve() == items.resolve():
        raise typer.BadParameter(f"{out}: is the input, which is not written to", param_hint="--out")
    if not out.resolve().parent.is_dir():
        raise typer.BadParameter(f"{out}: the folder does not exist", param_hint="--out")
    rows = read_pool(items, text_column)
    person = user(annotator)
    if dry_run:
        done = {one.id for one in read_annotations(out) if one.annotator == person}
        left = sum(row["id"] not in done for row in rows)
        typer.echo(
            json.dumps({"items": len(rows), "left": left})
            if as_json
            else f"{left:,} of {len(rows):,} items to do"
        )
        return
    folder = models_folder(models)
    analyzer = FeedbackAnalyzer.load(folder / model_name(folder, model))

    def show(item: Mapping[str, Any], analysis: Analysis, answer: Answer, place: str) -> None:
        _show(item, analysis, answer, place, analyzer.taxonomy)

    tally = Session(rows, out, person, analyzer.taxonomy, analyzer.analyze, _key, show).run()
    if as_json:
        typer.echo(
            json.dumps({name: getattr(tally, name) for name in ("saved", "changed", "skipped", "left")})
        )
    else:
        typer.echo(
            f"{tally.saved:,} saved to {out} ({tally.changed:,} with changes), {tally.skipped:,} skipped, "
            f"{tally.left:,} left"
        )


def _key() -> str:
    try:
        return typer.getchar()
    except (KeyboardInterrupt, EOFError):
        return "q"


_SIGNS = {-1: "−", 0: "±", 1: "+"}


def _show(
    item: Mapping[str, Any], analysis: Analysis, answer: Answer, place: str, taxonomy: Taxonomy
) -> None:
    from rich.console import Console
    from rich.text import Text

    from feedback_nlp.commands.rendering import safe
    from training.annotate import theme_keys

    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        console.clear()
    console.print(f"[dim]{place}  {item['id']}[/]")
    marked = Text(safe(analysis.text))
    for theme in analysis.assigned_themes:
        if theme.code in answer.themes:
            for span in theme.evidence:
                marked.stylize("underline", span.start, span.end)
    console.print(marked, "")
    scores = {mention.code: mention.score for mention in analysis.themes}
    for key, code in theme_keys(taxonomy).items():
        assigned = code in answer.themes
        sign = _SIGNS[answer.themes[code]] if assigned else " "
        line = Text(f" {key}  {sign} {code} ({scores[code]:.0%})", style="bold" if assigned else "dim")
        console.print(line)
    signals = "  ".join(
        f"{number} {'!' if code in answer.signals else ' '}{code}"
        for number, code in enumerate(taxonomy.signal_codes, start=1)
    )
    console.print(Text(f" {signals}"))
    console.print(Text(f" sentiment {answer.sentiment:+d}"))
    console.print("[dim] Enter takes, letters and digits change, + - sentiment, s skips, u back, q stops[/]")
