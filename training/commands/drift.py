"""`feedback-nlp drift`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from training.commands.naming import model_name, models_folder

__all__ = ["drift"]

_LEAST = 30


def drift(
    file: Annotated[
        Path,
        typer.Argument(help="Items that came in: .jsonl of `import`, or any table."),
    ],
    since: Annotated[
        str | None, typer.Option(help="Only items from this day on, such as 2026-05-01; needs a date column.")
    ] = None,
    date_column: Annotated[str, typer.Option(help="Column with the date.")] = "date",
    against: Annotated[
        Literal["training", "earlier"],
        typer.Option(
            help="Compare with what the model learned from, or with the file's items before --since."
        ),
    ] = "training",
    model: Annotated[str | None, typer.Option(help="Model. Default: the live one.")] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="What the model learned from. Default: the project's corpus and its supplement."),
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column with the text; recognised otherwise.")
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="How many new items to show.")] = 10,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Say whether what comes in has moved away from what the model knows.

    Texts by a two-sample test on their embeddings, the mix of themes by their shares, expected accuracy by
    calibrated probabilities; and the items that are unlike anything known. The project's corpus is synthetic, so
    real feedback differs from it from the first
    day: what matters from then on is --against earlier.

    Exit codes: 0 nothing moved; 1 something moved; 2 wrong use or bad input; 3 no model.

    Examples:

      feedback-nlp drift may.jsonl

      feedback-nlp drift 2026.jsonl --since 2026-05-01 --against earlier
    """
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from feedback_nlp.commands.rendering import safe
    from feedback_nlp.errors import TableError
    from training.pool import read_pool

    if against == "earlier" and since is None:
        raise typer.BadParameter("earlier than what? give --since", param_hint="--against")
    rows = read_pool(file, text_column)
    recent, earlier = (rows, []) if since is None else _split(rows, _day(since, "--since"), date_column, file)
    folder = models_folder(models)
    path = folder / model_name(folder, model)
    analyzer = FeedbackAnalyzer.load(path)
    reference = [row["text"] for row in earlier] if against == "earlier" else _training_texts(analyzer, data)
    for name, part in (("recent", recent), ("reference", reference)):
        if len(part) < _LEAST:
            raise TableError(f"{file}: {len(part)} {name} items are too few to tell; {_LEAST} are the least")
    result = _drift(analyzer, path, [row["text"] for row in recent], reference, own=against == "earlier")
    if as_json:
        typer.echo(json.dumps(result.to_dict([row["id"] for row in recent]), ensure_ascii=False))
    else:
        typer.echo(f"{result.recent:,} recent items against {result.reference:,}")
        typer.echo(f"texts: {_told(result.p_text)} (p = {result.p_text:.3f})")
        typer.echo(f"mix of themes: {_told(result.p_shares)} (p = {result.p_shares:.3f})")
        for shift in result.shares[:5]:
            mark = "moved" if shift.p < 0.05 else "not shown to have moved"
            typer.echo(f"  {shift.theme}: {shift.before:.1%} -> {shift.now:.1%}, {mark}")
        low, high = result.error_interval
        falling = (
            "expected accuracy is falling" if result.falling else "expected accuracy is not shown to fall"
        )
        typer.echo(
            f"wrong themes expected per item: {result.error_before:.2f} -> {result.error_now:.2f} "
            f"({low:.2f}-{high:.2f}); {falling}"
        )
        typer.echo(f"{len(result.new):,} items are unlike anything known")
        for row in result.new[:show]:
            typer.echo(f"  {recent[row]['id']}  {' '.join(safe(recent[row]['text']).split())[:90]}")
    if result.moved:
        raise typer.Exit(1)


def _told(p: float) -> str:
    return "moved" if p < 0.05 else "not shown to have moved"


def _drift(analyzer: Any, path: Path, recent: list[str], reference: list[str], *, own: bool) -> Any:
    import numpy as np

    from feedback_nlp.review import expected_errors
    from training.curves import CURVES
    from training.drift import Drift, expected_error, mean_discrepancy, new_items, share_shifts
    from training.thresholds import read_curves

    points = analyzer.embed([*reference, *recent])
    before, now = points[: len(reference)], points[len(reference) :]
    discrepancy, p_text = mean_discrepancy(before, now)
    themes = analyzer.taxonomy.theme_codes
    predictions = analyzer.predict(recent)
    curves = read_curves(path) if not own and (path / CURVES).is_file() else None
    if curves is not None:
        # held-out predictions of the training items: what the model says of texts it has not seen
        shares = np.array([curves["assigned_share"][code] for code in themes])
        size, error_before = int(curves["items"]), float(curves["expected_errors"])
    else:
        earlier = analyzer.predict(reference)
        shares, size = earlier.theme_assigned.mean(axis=0), len(reference)
        error_before = float(
            expected_errors(earlier.theme_probability, earlier.theme_assigned).sum(axis=1).mean()
        )
    wrong = expected_errors(predictions.theme_probability, predictions.theme_assigned).sum(axis=1)
    error_now, interval = expected_error(wrong)
    return Drift(
        len(recent),
        len(reference),
        discrepancy,
        p_text,
        share_shifts(themes, shares, size, predictions.theme_assigned),
        error_before,
        error_now,
        interval,
        new_items(now, before),
    )


def _training_texts(analyzer: Any, data: list[Path] | None) -> list[str]:
    import numpy as np

    from training.corpus import LABELLED
    from training.sources import load_labelled
    from training.splits import is_test

    items = [
        item for item in load_labelled(data or LABELLED, analyzer.taxonomy).items if not is_test(item.id)
    ]
    if len(items) > 2000:
        chosen = np.random.default_rng(0).choice(len(items), 2000, replace=False)
        items = [items[row] for row in sorted(chosen)]
    return [item.text for item in items]


def _day(text: str, hint: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as exc:
        raise typer.BadParameter(f"{text!r} is no day such as 2026-05-01", param_hint=hint) from exc


def _split(
    rows: list[dict[str, Any]], since: date, column: str, file: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from feedback_nlp.errors import TableError

    recent: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    for row in rows:
        if column not in row:
            raise TableError(f"{file}: no column {column!r} with the date; name it with --date-column")
        try:
            day = date.fromisoformat(str(row[column])[:10])
        except ValueError as exc:
            raise TableError(
                f"{file}: {row['id']}: {column} must be a date such as 2026-05-01, got {str(row[column])[:40]!r}"
            ) from exc
        (recent if day >= since else earlier).append(row)
    return recent, earlier
