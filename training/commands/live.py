"""`feedback-nlp promote`, `rollback` and `models`: which model is live."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from training.commands.compare import show_comparison
from training.commands.naming import frozen_items, model_name, models_folder, user

__all__ = ["at", "listing", "promote", "rollback"]

ModelsOption = Annotated[
    Path | None, typer.Option(help="Folder of the models. Default: the project's models/.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]
ByOption = Annotated[str | None, typer.Option(help="Who does it. Default: the account's name.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")]


def promote(
    model: Annotated[
        str, typer.Argument(help="The candidate: name/version, version, folder, or `newest`.")
    ] = "newest",
    why: Annotated[str, typer.Option(help="Your reason, kept in the registry.")] = "",
    by: ByOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Put it live although it is worse; needs --why.")
    ] = False,
    data: Annotated[
        list[Path] | None, typer.Option(help="Further labelled files whose test split joins the comparison.")
    ] = None,
    models: ModelsOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put a model live, unless it is worse than the one in use.

    The two are compared on the frozen test split. Refused is a candidate that is significantly worse overall, on
    any theme or on any signal; which one is said. A service that is running takes the new model over by itself.

    Exit codes: 0 live (or live already); 2 wrong use; 3 refused, or the model is missing or altered.

    Examples:

      feedback-nlp promote --why "corrections of May"

      feedback-nlp promote 20260503-101500 --force --why "maatwerk was redefined on 2 May" --by anna
    """
    from training.compare import compare
    from training.promote import PromotionRefusedError
    from training.promote import promote as put_live

    folder = models_folder(models)
    name = model_name(folder, model)
    try:
        result = put_live(
            folder,
            name,
            lambda old, new: compare(old, new, frozen_items(data, old.taxonomy)),
            by=user(by),
            why=why,
            force=force,
            dry_run=dry_run,
        )
    except PromotionRefusedError as exc:
        if as_json and exc.comparison is not None:
            typer.echo(json.dumps({"refused": str(exc), **exc.comparison.to_dict(20)}, ensure_ascii=False))
        raise
    if as_json:
        typer.echo(json.dumps(_as_dict(result), ensure_ascii=False))
        return
    if result.comparison is not None:
        show_comparison(result.comparison, items=5)
    if dry_run:
        typer.echo(f"{name} may be put live; nothing was changed (--dry-run)")
    elif result.activation is None:
        typer.echo(f"{name} is live already; nothing was changed")
    else:
        typer.echo(f"{name} is live now" + (f", in the place of {result.before}" if result.before else ""))


def rollback(
    to: Annotated[str | None, typer.Option(help="A certain model that was live before.")] = None,
    why: Annotated[str, typer.Option(help="Your reason, kept in the registry.")] = "",
    by: ByOption = None,
    models: ModelsOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Go back to the model that was live before the present one.

    Exit codes: 0 done; 2 wrong use; 3 there is no earlier model, or it is missing or altered.

    Examples:

      feedback-nlp rollback --why "too many false complaints since Monday"

      feedback-nlp rollback --to feedback-nl/20260403-090000
    """
    from training.promote import rollback as go_back

    folder = models_folder(models)
    result = go_back(folder, by=user(by), why=why, to=model_name(folder, to) if to else None, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(_as_dict(result), ensure_ascii=False))
    elif dry_run:
        typer.echo(
            f"{result.model} would be live, in the place of {result.before}; nothing was changed (--dry-run)"
        )
    else:
        typer.echo(f"{result.model} is live again, in the place of {result.before}")


def listing(models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """List the models with their headline figures, and say which is live.

    Exit codes: 0 listed; 2 wrong use; 3 the registry cannot be read.

    Examples:

      feedback-nlp models list
    """
    from feedback_nlp.artifacts import read_manifest
    from feedback_nlp.errors import ModelError
    from feedback_nlp.registry import Registry

    folder = models_folder(models)
    registry = Registry.load(folder)
    rows: list[dict[str, Any]] = []
    for name in registry.models():
        times = [entry for entry in registry.activations if entry.model == name]
        row: dict[str, Any] = {
            "model": name,
            "live": name == registry.live,
            "activations": [{"at": e.at, "by": e.by, "why": e.why, "action": e.action} for e in times],
        }
        try:
            manifest = read_manifest(folder / name)
        except ModelError as exc:
            rows.append({**row, "unreadable": str(exc)})
            continue
        row["profile"] = manifest.profile
        row["created"] = manifest.created
        row["training_items"] = manifest.training.get("training_items")
        row["test_macro_f1"] = (manifest.metrics.get("test_macro_f1") or {}).get("value")
        rows.append(row)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        typer.echo(f"{folder} holds no model yet; train one with `feedback-nlp train`")
        return
    _table(rows)


def at(
    date: Annotated[
        str, typer.Argument(help="A day (its end is meant) or a moment: 2026-05-03 or 2026-05-03T14:30.")
    ],
    models: ModelsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which model was live at a moment, who put it there, and why.

    Exit codes: 0 answered, also when none was; 2 wrong use; 3 the registry cannot be read.

    Examples:

      feedback-nlp models at 2026-05-03

      feedback-nlp models at 2026-05-03T09:00:00+02:00
    """
    from feedback_nlp.registry import Registry

    moment = _moment(date)
    entry = Registry.load(models_folder(models)).live_at(moment)
    if as_json:
        found = None if entry is None else {"model": entry.model, "since": entry.at, "by": entry.by, "why": entry.why,
                                            "action": entry.action, "forced": entry.forced}  # fmt: skip
        typer.echo(json.dumps({"moment": moment.isoformat(), "live": found}, ensure_ascii=False))
    elif entry is None:
        typer.echo(f"no model was live at {moment.isoformat(timespec='minutes')}")
    else:
        forced = ", against the advice of the comparison" if entry.forced else ""
        why = f": {entry.why}" if entry.why else ""
        typer.echo(f"{entry.model}, put live at {entry.at} by {entry.by} ({entry.action}{forced}){why}")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{text!r} is no date such as 2026-05-03", param_hint="DATE") from exc
    if len(text) == len("2026-05-03"):
        moment = datetime.combine(moment.date(), time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _as_dict(result: Any) -> dict[str, Any]:
    return {
        "model": result.model,
        "before": result.before,
        "changed": result.activation is not None,
        "forced": bool(result.activation and result.activation.forced),
        "comparison": None if result.comparison is None else result.comparison.to_dict(20),
    }


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from training.commands.naming import wide_console

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "model", "profile", "learned from", "macro-F1 (test)", "last put live"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        last = row["activations"][-1:]
        if "unreadable" in row:
            table.add_row("live" if row["live"] else "", row["model"], "cannot be read by this version")
            continue
        score = row["test_macro_f1"]
        table.add_row(
            "live" if row["live"] else "",
            row["model"],
            row["profile"],
            f"{row['training_items']:,} items" if row["training_items"] else "",
            f"{score:.3f}" if score is not None else "",
            f"{last[0]['at'][:16]} by {last[0]['by']}" if last else "never",
        )
    wide_console().print(table)
