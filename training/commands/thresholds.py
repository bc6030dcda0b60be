"""`feedback-nlp thresholds`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.naming import frozen_items, model_name, models_folder, wide_console

if TYPE_CHECKING:
    from training.thresholds import Choice

__all__ = ["thresholds"]


def thresholds(
    theme: Annotated[
        str | None, typer.Argument(help="Theme or signal; without one, all are shown as they are.")
    ] = None,
    precision: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Wanted precision, such as 0.9.")
    ] = None,
    recall: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Wanted recall, such as 0.8.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model. Default: the live one.")] = None,
    why: Annotated[str, typer.Option(help="Your reason, kept in the new model's manifest.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="The new model's folder. Default: models/<name>/<time>.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would come of it; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Set a theme's threshold from a wanted precision or recall.

    What is to be expected, the share of items sent to review included, is read off held-out predictions. The
    outcome is a new model, which `promote` puts live; the one in use stays as it is.

    Exit codes: 0 done; 2 wrong use; 3 no such model or theme, or no threshold reaches what is wanted.

    Examples:

      feedback-nlp thresholds

      feedback-nlp thresholds kosten --precision 0.9 --dry-run

      feedback-nlp thresholds klacht --recall 0.97 --why "no complaint may be missed"
    """
    from training.thresholds import choose, read_curves, with_thresholds

    folder = models_folder(models)
    name = model_name(folder, model)
    curves = read_curves(folder / name)
    if theme is None:
        _show_all(folder / name, as_json=as_json)
        return
    if (precision is None) == (recall is None):
        raise typer.BadParameter("give either --precision or --recall")
    aim, wanted = ("precision", precision) if precision is not None else ("recall", recall)
    assert wanted is not None
    choice = choose(curves, theme, "precision" if aim == "precision" else "recall", wanted)
    target = None
    if not dry_run:
        target = out or folder / name.rpartition("/")[0] / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        from feedback_nlp.artifacts import read_manifest
        from feedback_nlp.errors import FeedbackNlpError

        test = frozen_items(None, read_manifest(folder / name).taxonomy)
        try:
            with_thresholds(folder / name, target, {theme: choice.threshold}, why, test)
        except FileExistsError as exc:
            raise FeedbackNlpError(str(exc)) from exc
    if as_json:
        typer.echo(
            json.dumps({**choice.to_dict(), "folder": str(target) if target else None}, ensure_ascii=False)
        )
        return
    _show(choice, float(curves["review_share"]))
    typer.echo(f"model: {target}" if target else "nothing was written (--dry-run)")


def _show(choice: Choice, review_now: float) -> None:
    low, high = choice.precision_interval
    typer.echo(f"{choice.code} from {choice.threshold:.2f} on, by held-out predictions:")
    typer.echo(f"  precision {choice.precision:.2f} ({low:.2f}-{high:.2f})")
    low, high = choice.recall_interval
    typer.echo(f"  recall {choice.recall:.2f} ({low:.2f}-{high:.2f})")
    typer.echo(f"  assigned to {choice.assigned_share:.1%} of the items")
    if choice.review_share is not None:
        typer.echo(f"  sent to review: {choice.review_share:.1%} of the items; now {review_now:.1%}")


def _show_all(folder: Path, *, as_json: bool) -> None:
    from rich.table import Table

    from feedback_nlp.artifacts import read_manifest
    from training.thresholds import at_threshold, read_curves

    curves, now = read_curves(folder), read_manifest(folder).thresholds
    choices = [
        at_threshold(curves, code, _nearest(curve["threshold"], now[code]))
        for code, curve in curves["labels"].items()
    ]
    if as_json:
        typer.echo(
            json.dumps([{**one.to_dict(), "threshold": now[one.code]} for one in choices], ensure_ascii=False)
        )
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("", "threshold", "precision", "recall", "assigned to"):
        table.add_column(heading, justify="left" if not heading else "right")
    for one in choices:
        table.add_row(
            one.code,
            f"{now[one.code]:.3f}",
            f"{one.precision:.2f}",
            f"{one.recall:.2f}",
            f"{one.assigned_share:.1%}",
        )
    wide_console().print(table)
    typer.echo(f"sent to review for doubt: {curves['review_share']:.1%} of the items")


def _nearest(grid: list[float], value: float) -> int:
    return min(range(len(grid)), key=lambda place: abs(grid[place] - value))
