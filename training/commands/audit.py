"""`feedback-nlp audit`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedback_nlp.commands.inputs import progress
from training.commands.naming import models_folder

if TYPE_CHECKING:
    from training.agreement import Agreement
    from training.corpus import LabelledItem

__all__ = ["audit"]


def audit(
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Labelled files. Default: the project's corpus and its supplement."),
    ] = None,
    annotations: Annotated[
        list[Path] | None,
        typer.Option(help="Files of `annotate`, in which several people labelled the same items."),
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="How many suspect labels to show.")] = 30,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="All suspect labels, as JSON Lines.")
    ] = None,
    taxonomy: Annotated[Path | None, typer.Option(help="Taxonomy file.")] = None,
    profile: Annotated[
        str, typer.Option(help="auto (with the sentence encoder where there is one) or fast.")
    ] = "auto",
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes and threads at a time.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Find labels that are probably wrong.

    Suspect labels by held-out probabilities (confident learning), near-duplicates with contradicting labels, themes
    that overlap too much, and with --annotations how far people agree (Krippendorff's alpha per theme, with
    interval). Changes nothing.

    Exit codes: 0 done, whatever was found; 2 wrong use or faulty data.

    Examples:

      feedback-nlp audit --top 50

      feedback-nlp audit --data corpus.jsonl --out suspect.jsonl

      feedback-nlp audit --data may.jsonl --annotations anna.jsonl --annotations bert.jsonl
    """
    from feedback_nlp.files import atomic_write
    from feedback_nlp.taxonomy import Taxonomy
    from training.aliases import Aliases
    from training.audit import contradictions, noise_per_theme, overlaps, suspicions
    from training.corpus import LABELLED
    from training.encoded import find_encoder
    from training.held_out import held_out_predictions
    from training.sources import load_labelled
    from training.splits import FOLDS

    own = Taxonomy.load(taxonomy) if taxonomy else Taxonomy.default()
    items = load_labelled(data or LABELLED, own, Aliases.beside(taxonomy)).items
    agreed = _agreement(annotations, own.theme_codes) if annotations else None
    folder = models_folder(models)
    encoder = None if profile == "fast" else find_encoder(folder, own, jobs, required=False)
    with progress("reading held-out folds", FOLDS) as advance:
        arrays, predictions = held_out_predictions(
            items, own, encoder=encoder, models=folder, n_jobs=jobs, progress=advance
        )
    found = suspicions(
        [item.id for item in items], arrays.themes, predictions.theme_probability, own.theme_codes
    )
    noise = noise_per_theme(found, own.theme_codes)
    contradicting, overlapping = contradictions(items), overlaps(arrays.themes, own.theme_codes)
    suspect = [one for one in found if one.confident]
    if out is not None:
        with atomic_write(out) as stream:
            for one in suspect:
                stream.write(json.dumps(one.to_dict(), ensure_ascii=False).encode() + b"\n")
    if as_json:
        result: dict[str, Any] = {
            "items": len(items),
            "suspect_labels": len(suspect),
            "suspicions": [one.to_dict() for one in found[:top]],
            "themes": [{name: getattr(one, name) for name in one.__slots__} for one in noise],
            "contradictions": [{name: getattr(one, name) for name in one.__slots__} for one in contradicting],
            "overlaps": [{name: getattr(one, name) for name in one.__slots__} for one in overlapping],
            "agreement": None if agreed is None else [one.to_dict() for one in agreed],
        }
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    by_id = {item.id: item for item in items}
    typer.echo(f"{len(items):,} items, {len(suspect):,} labels that are probably wrong; the most suspect:")
    for one in found[:top]:
        _show(one.theme, labelled=one.labelled, probability=one.probability, item=by_id[one.id])
    for count in noise:
        if count.wrongly or count.missing:
            typer.echo(
                f"{count.theme}: {count.labelled:,} labelled, {count.wrongly:,} probably wrongly, "
                f"{count.missing:,} probably missing"
            )
    for pair in contradicting[:top]:
        typer.echo(
            f"{pair.first} and {pair.second} are {pair.likeness:.0%} alike but differ in {', '.join(pair.differing)}"
        )
    for pair_ in overlapping:
        typer.echo(f"{pair_.share:.0%} of {pair_.theme} ({pair_.items:,} items) also carry {pair_.other}")
    for entry in agreed or ():
        _show_agreement(entry)
    if out is not None:
        typer.echo(f"all suspect labels: {out}")


def _show(theme: str, *, labelled: bool, probability: float, item: LabelledItem) -> None:
    from feedback_nlp.commands.rendering import safe

    verdict = "labelled, but probably not" if labelled else "not labelled, but probably is"
    text = " ".join(safe(item.text).split())
    typer.echo(f"  {item.id}  {theme} {verdict} ({probability:.0%}): {text[:90]}")


def _agreement(paths: list[Path], codes: tuple[str, ...]) -> list[Agreement]:
    from training.agreement import theme_agreement
    from training.annotations import read_annotations

    items: dict[str, dict[str, dict[str, int]]] = {}
    for path in paths:
        for one in read_annotations(path):
            items.setdefault(one.id, {})[one.annotator] = dict(one.themes)
    return theme_agreement(list(items.values()), codes)


def _show_agreement(entry: Agreement) -> None:
    if entry.alpha is None:
        typer.echo(f"agreement on {entry.code}: cannot be told from {entry.items:,} items labelled twice")
    else:
        typer.echo(
            f"agreement on {entry.code}: alpha {entry.alpha:.2f} ({entry.low:.2f} to {entry.high:.2f}), "
            f"{entry.items:,} items labelled twice"
        )
