"""`feedback-nlp suggest`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from feedback_nlp.commands.inputs import check_out
from training.commands.naming import model_name, models_folder

__all__ = ["suggest"]


def suggest(
    pool: Annotated[
        Path,
        typer.Argument(help="Unlabelled items: .jsonl of `import`, or any table."),
    ],
    out: Annotated[Path, typer.Option(dir_okay=False, help="The items for annotators, as JSON Lines.")],
    number: Annotated[int, typer.Option("--number", "-n", min=1, help="How many items.")] = 100,
    model: Annotated[str | None, typer.Option(help="Model. Default: the live one.")] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column with the text; recognised otherwise.")
    ] = None,
    exclude: Annotated[
        list[Path] | None, typer.Option(help="Files of `annotate`: what is in them is not suggested again.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Threads.")] = 2,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be suggested; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the suggestions as JSON.")] = False,
) -> None:
    """Say which unlabelled items are worth labelling next.

    Those the model is in doubt about, unlike each other, and some for every theme: themes that are recognised less
    well get more.

    Exit codes: 0 done; 2 wrong use or bad input; 3 no model.

    Examples:

      feedback-nlp suggest may.jsonl --out todo.jsonl -n 100

      feedback-nlp suggest may.jsonl --out todo.jsonl --exclude anna.jsonl
    """
    from collections import Counter

    from feedback_nlp.analyzer import FeedbackAnalyzer
    from feedback_nlp.files import atomic_write
    from training.annotations import read_annotations
    from training.needs import theme_needs
    from training.pool import read_pool
    from training.suggest import suggest as choose

    check_out(out, pool)
    folder = models_folder(models)
    analyzer = FeedbackAnalyzer.load(folder / model_name(folder, model), threads=jobs)
    done = {one.id for path in exclude or () for one in read_annotations(path)}
    rows = [row for row in read_pool(pool, text_column) if row["id"] not in done]
    texts = [row["text"] for row in rows]
    themes = analyzer.taxonomy.theme_codes
    thresholds = [analyzer.manifest.thresholds[code] for code in themes]
    chosen = (
        choose(
            analyzer.predict(texts).theme_probability,
            thresholds,
            analyzer.embed(texts),
            themes,
            number,
            need=theme_needs(folder / model_name(folder, model), themes),
            lengths=[len(text) for text in texts],
        )
        if rows
        else []
    )
    if not dry_run:
        with atomic_write(out) as stream:
            for one in chosen:
                line = {**rows[one.row], "suggested_for": one.to_dict()}
                stream.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    if as_json:
        listed = [{"id": rows[one.row]["id"], **one.to_dict()} for one in chosen]
        typer.echo(json.dumps(listed, ensure_ascii=False))
        return
    where = "nothing was written (--dry-run)" if dry_run else f"written to {out}"
    typer.echo(f"{len(chosen):,} of {len(rows):,} items, {where}")
    counted = Counter(one.theme for one in chosen)
    for code in themes:
        typer.echo(f"  {counted[code]:4d}  {code}")
