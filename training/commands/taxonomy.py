"""`feedback-nlp taxonomy check|preview|apply`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.commands.naming import model_name, models_folder

if TYPE_CHECKING:
    from feedback_nlp.taxonomy import Taxonomy
    from training.aliases import Aliases
    from training.taxonomy_changes import Change, Preview

__all__ = ["app"]

app = typer.Typer(
    help="Change the themes, and see first what that would do.\n\nExample: feedback-nlp taxonomy check",
    no_args_is_help=True,
)

TaxonomyOption = Annotated[Path | None, typer.Option(help="Taxonomy file. Default: the one of the library.")]
DataOption = Annotated[
    list[Path] | None, typer.Option(help="Labelled files. Default: the project's corpus and its supplement.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")]
RenameOption = Annotated[list[str] | None, typer.Option(help="old=new")]
MergeOption = Annotated[list[str] | None, typer.Option(help="old1,old2=new")]
SplitOption = Annotated[list[str] | None, typer.Option(help="old=new1,new2; both need --label")]
AddOption = Annotated[list[str] | None, typer.Option(help="A new code; needs --label")]
LabelOption = Annotated[list[str] | None, typer.Option(help="CODE=Nederlands/English")]


@app.command("check")
def check(taxonomy: TaxonomyOption = None, data: DataOption = None, as_json: JsonOption = False) -> None:
    """Say what is wrong or weak: themes without items or of one polarity, aliases that lead nowhere.

    Exit codes: 0 nothing found; 1 something found; 2 the taxonomy or the data cannot be read.

    Examples:

      feedback-nlp taxonomy check --taxonomy own/taxonomy.toml --data own/corpus.jsonl
    """
    from training.aliases import Aliases
    from training.corpus import LABELLED
    from training.sources import load_labelled
    from training.taxonomy_changes import check as faults_of

    own, aliases = _taxonomy(taxonomy), Aliases.beside(taxonomy)
    faults = faults_of(own, load_labelled(data or LABELLED, own, aliases).items, aliases)
    if as_json:
        typer.echo(json.dumps(faults, ensure_ascii=False))
    else:
        typer.echo("\n".join(faults) or f"{len(own.themes)} themes, nothing wrong")
    if faults:
        raise typer.Exit(1)


@app.command("preview")
def preview(
    rename: RenameOption = None,
    merge: MergeOption = None,
    split: SplitOption = None,
    add: AddOption = None,
    label: LabelOption = None,
    taxonomy: TaxonomyOption = None,
    data: DataOption = None,
    recent: Annotated[
        Path | None,
        typer.Option(
            help="Recent items: how many of the live model's predictions would be called otherwise."
        ),
    ] = None,
    models: Annotated[Path | None, typer.Option(help="Folder of the models.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show which items and which live predictions changes would touch; writes nothing.

    Exit codes: 0 shown; 2 a change is not possible.

    Examples:

      feedback-nlp taxonomy preview --rename gemak=gemak_en_zelf_doen

      feedback-nlp taxonomy preview --merge proces,snelheid=afhandeling --recent may.jsonl
    """
    changes = _changes(rename, merge, split, add)
    result, _, _ = _preview(changes, label, taxonomy, data, recent, models)
    _show(result, as_json=as_json)


@app.command("apply")
def apply(
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Folder for taxonomy.toml, aliases.json and corpus.jsonl.")
    ],
    rename: RenameOption = None,
    merge: MergeOption = None,
    split: SplitOption = None,
    add: AddOption = None,
    label: LabelOption = None,
    taxonomy: TaxonomyOption = None,
    data: DataOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="As preview: write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the changed taxonomy, the labelled items under the new codes, and the old codes as aliases.

    All of it goes into a new folder; what was there stays as it is. Items whose theme was split go to relabel.jsonl
    as well, for `annotate`. Then train with --taxonomy and --data.

    Exit codes: 0 written; 2 a change is not possible, or the folder holds something already.

    Examples:

      feedback-nlp taxonomy apply --merge proces,snelheid=afhandeling --out taxonomy-2

      feedback-nlp taxonomy apply --split kosten=prijs,voorwaarden --label prijs=Prijs/Price
      --label voorwaarden=Voorwaarden/Terms --out taxonomy-2
    """
    from feedback_nlp.errors import TaxonomyError

    if out.exists() and any(out.iterdir()):
        raise TaxonomyError(f"{out}: is not empty; name a new folder")
    changes = _changes(rename, merge, split, add)
    result, changed, aliases = _preview(changes, label, taxonomy, data, None, None)
    if not dry_run:
        _write(out, changes, changed, aliases, taxonomy, data)
    _show(result, as_json=as_json)
    if not as_json:
        typer.echo("nothing was written (--dry-run)" if dry_run else f"written to {out}; now train with")
        if not dry_run:
            typer.echo(f"  feedback-nlp train --taxonomy {out}/taxonomy.toml --data {out}/corpus.jsonl")


def _taxonomy(path: Path | None) -> Taxonomy:
    from feedback_nlp.taxonomy import Taxonomy

    return Taxonomy.load(path) if path else Taxonomy.default()


def _changes(
    rename: list[str] | None, merge: list[str] | None, split: list[str] | None, add: list[str] | None
) -> tuple[Change, ...]:
    from training.taxonomy_changes import parse_changes

    changes = parse_changes(rename or (), merge or (), split or (), add or ())
    if not changes:
        raise typer.BadParameter("give at least one of --rename, --merge, --split, --add")
    return changes


def _preview(
    changes: tuple[Change, ...],
    label: list[str] | None,
    taxonomy: Path | None,
    data: list[Path] | None,
    recent: Path | None,
    models: Path | None,
) -> tuple[Preview, Taxonomy, Aliases]:
    from training.aliases import Aliases
    from training.corpus import LABELLED
    from training.sources import load_labelled
    from training.taxonomy_changes import apply_to_taxonomy
    from training.taxonomy_changes import preview as look

    own = _taxonomy(taxonomy)
    entries: dict[str, dict[str, str]] = {}
    for text in label or ():
        code, sign, names = text.partition("=")
        nl, slash, en = names.partition("/")
        if not (sign and slash and nl.strip() and en.strip()):
            raise typer.BadParameter(f"must be CODE=Nederlands/English, got {text!r}", param_hint="--label")
        entries[code] = {"nl": nl.strip(), "en": en.strip()}
    changed, aliases = apply_to_taxonomy(own, changes, entries)
    items = load_labelled(data or LABELLED, own, Aliases.beside(taxonomy)).items
    return look(items, changes, changed, aliases, _predicted(recent, models)), changed, aliases


def _predicted(recent: Path | None, models: Path | None) -> Iterator[list[str]]:
    if recent is None:
        return
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from training.pool import read_pool

    folder = models_folder(models)
    analyzer = FeedbackAnalyzer.load(folder / model_name(folder, None))
    codes = analyzer.taxonomy.theme_codes
    assigned = analyzer.predict([row["text"] for row in read_pool(recent)]).theme_assigned
    for row in assigned:
        yield [code for code, there in zip(codes, row, strict=True) if there]


def _write(
    out: Path,
    changes: tuple[Change, ...],
    changed: Taxonomy,
    aliases: Aliases,
    taxonomy: Path | None,
    data: list[Path] | None,
) -> None:
    import shutil
    import tempfile

    from training.aliases import ALIASES
    from training.aliases import Aliases as Known
    from training.corpus import LABELLED
    from training.sources import load_labelled
    from training.taxonomy_changes import apply_to_items, item_line, to_toml

    before = Known.beside(taxonomy)
    items = load_labelled(data or LABELLED, _taxonomy(taxonomy), before).items
    split = {old for change in changes if change.kind == "split" for old in change.old}
    joined = Known({**before.codes, **aliases.codes}, {**before.split, **aliases.split})
    out.resolve().parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.resolve().parent))
    try:
        (staging / "taxonomy.toml").write_text(to_toml(changed), "utf-8")
        (staging / ALIASES).write_text(joined.to_json(), "utf-8")
        moved = apply_to_items(items, aliases)
        (staging / "corpus.jsonl").write_bytes(b"".join(map(item_line, moved)))
        again = [now for item, now in zip(items, moved, strict=True) if split & item.themes.keys()]
        if again:
            (staging / "relabel.jsonl").write_bytes(b"".join(map(item_line, again)))
        staging.chmod(0o755)
        if out.exists():
            out.rmdir()
        staging.replace(out)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _show(result: Preview, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
        return
    for change in result.changes:
        typer.echo(f"{change}: {result.moved.get(str(change), 0):,} labelled items")
    if result.conflicts:
        typer.echo(
            f"{result.conflicts:,} items get polarity 0, since the themes that become one disagree in them"
        )
    if result.relabel:
        typer.echo(f"{result.relabel:,} items must be labelled again, since their theme is split")
    for name, count in result.predictions.items():
        typer.echo(f"predictions {name}: {count:,}")
    if result.first_ids:
        typer.echo(f"among the items: {', '.join(result.first_ids)}")
    typer.echo(f"themes then: {', '.join(result.themes)}")
