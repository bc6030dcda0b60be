"""`feedback-nlp compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.naming import frozen_items, model_name, models_folder

if TYPE_CHECKING:
    from training.compare import Comparison

__all__ = ["compare", "show_comparison"]

_SIGN = {
    "better": "[green]+ better[/]",
    "worse": "[red]− worse[/]",
    "no difference shown": "  no difference shown",
}


def compare(
    old: Annotated[
        str, typer.Argument(help="The model in use: name/version, version, folder, or `live`.")
    ] = "live",
    new: Annotated[str, typer.Argument(help="The candidate, likewise, or `newest`.")] = "newest",
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Further labelled files, such as corrections; their test split joins in."),
    ] = None,
    all_items: Annotated[
        bool,
        typer.Option(
            "--all-items", help="Compare on all items of --data alone; neither model may know them."
        ),
    ] = False,
    items: Annotated[int, typer.Option(min=0, help="How many changed items to show.")] = 10,
    details: Annotated[
        bool, typer.Option("--details", help="Show every figure, not the main ones only.")
    ] = False,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Say whether one model is better than another, on the frozen test split.

    Every figure of both models, the difference with its 95 % interval (paired bootstrap over items) and a verdict:
    better, worse, or no difference shown. Then the items that are assigned other themes, the worst first.

    Exit codes: 0 compared, whatever the verdict; 2 wrong use; 3 a model is missing.

    Examples:

      feedback-nlp compare

      feedback-nlp compare live 20260503-101500 --data corrections.jsonl --details
    """
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from training.compare import compare as judge

    folder = models_folder(models)
    first, second = (FeedbackAnalyzer.load(folder / model_name(folder, name)) for name in (old, new))
    result = judge(first, second, frozen_items(data, first.taxonomy, everything=all_items))
    if as_json:
        typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
    else:
        show_comparison(result, items=items, details=details)


def show_comparison(result: Comparison, *, items: int, details: bool = False) -> None:
    """Print a comparison for people."""
    from rich.table import Table
    from rich.text import Text

    from feedback_nlp.commands.rendering import safe
    from training.commands.naming import wide_console

    console = wide_console()
    console.print(f"{result.old} (old) and {result.new} (new) on {result.items:,} items")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "figure", "old", "new", "difference (95 % interval)", "verdict"):
        table.add_column(name, justify="left" if name in ("", "figure", "verdict") else "right", no_wrap=True)
    last = ""
    for row in result.rows:
        if not (details or row.gate or row.measure.startswith("recall at")):
            continue
        if last == "overall" and row.scope != "overall":
            table.add_section()
        table.add_row(
            "" if row.scope == last else row.scope,
            row.measure,
            f"{row.old:.3f}",
            f"{row.new:.3f}",
            f"{row.new - row.old:+.3f} ({row.low:+.3f} to {row.high:+.3f})",
            _SIGN[row.verdict],
        )
        last = row.scope
    console.print(table)
    if result.behaviour:
        shown = ", ".join(
            f"{group} {old} -> {new} of {total}" for group, (old, new, total) in result.behaviour.items()
        )
        console.print(f"behavioural cases passed: {shown}")
    harmed = sum(item.harm > 0 for item in result.changed)
    helped = sum(item.harm < 0 for item in result.changed)
    console.print(
        f"{len(result.changed):,} items are assigned other themes: {helped:,} got better, {harmed:,} worse"
    )
    for item in result.changed[:items]:
        text = " ".join(safe(item.text).split())
        change = " ".join([*(f"+{code}" for code in item.gained), *(f"-{code}" for code in item.lost)])
        console.print(Text(f"  {item.harm:+d}  {item.id}  {change}  {text[:100]}"), soft_wrap=True)
    for code in result.missing:
        console.print(f"the new model does not know [bold]{code}[/]")
    for row in result.doubtful:
        console.print(
            f"note: {row.scope}, {row.measure} looks worse, but among so many figures that may be chance"
        )
    console.print(f"verdict: the new model is [bold]{_PLAIN[result.verdict]}[/]")


_PLAIN = {"better": "better", "worse": "worse", "no difference shown": "not shown to be better or worse"}
