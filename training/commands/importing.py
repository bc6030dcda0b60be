"""`feedback-nlp import`."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedback_nlp.commands.inputs import check_out, progress

if TYPE_CHECKING:
    from training.importing import ColumnMap, ImportReport

__all__ = ["import_"]


def import_(
    file: Annotated[Path, typer.Argument(help="The export: .csv, .xlsx or .jsonl.")],
    out: Annotated[Path, typer.Option(dir_okay=False, help="Where the set goes, as JSON Lines.")],
    profile: Annotated[
        Path | None, typer.Option(help="A saved column mapping; flags that are given count before it.")
    ] = None,
    save_profile: Annotated[
        Path | None, typer.Option(help="Keep this column mapping for the next export.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="Column with the text; recognised by its name otherwise.")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column with your own reference. Default: id.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=COLUMN for nps, cas, ces, kind, domain, journey, channel, segment, date."),
    ] = None,
    constant: Annotated[
        list[str] | None, typer.Option(help="FIELD=VALUE for all rows, such as domain=energie.")
    ] = None,
    ces_variant: Annotated[
        str | None, typer.Option(help="agree-1-7, effort-1-5 (low is good) or ease-0-10; needed with ces.")
    ] = None,
    cas_scale: Annotated[str | None, typer.Option(help="0-10 (default), 1-10 or 1-5.")] = None,
    themes_column: Annotated[
        str | None,
        typer.Option(help="Column with labels, as `snelheid:-1; empathie:1`: makes a labelled set."),
    ] = None,
    signals_column: Annotated[
        str | None, typer.Option(help="Column with signals, as `klacht; escalatie`.")
    ] = None,
    sentiment_column: Annotated[str | None, typer.Option(help="Column with the sentiment, -2 to 2.")] = None,
    taxonomy: Annotated[
        Path | None, typer.Option(help="Taxonomy file. Default: the one of the library.")
    ] = None,
    keep_near: Annotated[bool, typer.Option("--keep-near", help="Keep near-duplicates.")] = False,
    no_redact: Annotated[
        bool, typer.Option("--no-redact", help="Leave personal data in; only for texts that hold none.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import a survey export into a set that the other commands read.

    Columns are mapped, scores brought to NPS 0-10, CAS 0-10 and CES 1-7 (7 = very easy), personal data is redacted,
    duplicates and near-duplicates are left out. What was taken, what was skipped and why is reported.

    Exit codes: 0 done (skipped rows are reported, not failures); 2 wrong use or nothing could be taken.

    Examples:

      feedback-nlp import may.xlsx --out may.jsonl --text-column Toelichting --column nps=Cijfer --constant
      domain=energie

      feedback-nlp import may.csv --out may.jsonl --column ces=Moeite --ces-variant effort-1-5 --save-profile
      export.toml

      feedback-nlp import june.csv --out june.jsonl --profile export.toml --dry-run
    """
    from feedback_nlp.errors import TableError
    from feedback_nlp.files import atomic_write
    from feedback_nlp.privacy import Redactor
    from feedback_nlp.tables import estimate_rows, read_rows
    from feedback_nlp.taxonomy import Taxonomy
    from training.importing import Importer

    if out.suffix.lower() not in (".jsonl", ".ndjson"):
        raise typer.BadParameter(f"{out}: is written as JSON Lines; name it .jsonl", param_hint="--out")
    check_out(out, file)
    given = {
        "text": text_column, "id": id_column, "ces_variant": ces_variant, "cas_scale": cas_scale,
        "themes": themes_column, "signals": signals_column, "sentiment": sentiment_column,
    }  # fmt: skip
    mapping = _mapping(profile, given, _pairs(column, "--column"), _pairs(constant, "--constant"))
    importer = Importer(
        mapping,
        Taxonomy.load(taxonomy) if taxonomy else Taxonomy.default(),
        None if no_redact else Redactor.default(),
        keep_near=keep_near,
    )
    namespace = re.sub(r"\W+", "_", file.stem).strip("_").casefold() or "import"
    with ExitStack() as stack:
        write = (lambda line: None) if dry_run else stack.enter_context(atomic_write(out)).write
        advance = stack.enter_context(progress("importing", estimate_rows(file)))
        rows = read_rows(file, text_column=mapping.text, id_column=mapping.id)
        for item in importer.take(rows, namespace):
            write(json.dumps(item, ensure_ascii=False).encode() + b"\n")
            advance()
        if not importer.report.taken:
            raise TableError(f"{file}: nothing could be taken: " + _reasons(importer.report))
    if save_profile is not None and not dry_run:
        with atomic_write(save_profile) as stream:
            stream.write(mapping.to_toml().encode())
    if as_json:
        typer.echo(
            json.dumps(importer.report.to_dict() | {"out": None if dry_run else str(out)}, ensure_ascii=False)
        )
    else:
        _show(importer.report, None if dry_run else out)


def _mapping(
    profile: Path | None, given: dict[str, str | None], columns: dict[str, str], constants: dict[str, str]
) -> ColumnMap:
    from training.importing import ColumnMap

    base: dict[str, Any] = {}
    if profile is not None:
        saved = ColumnMap.load(profile)
        base = {name: getattr(saved, name) for name in ColumnMap.__slots__}
    base |= {name: value for name, value in given.items() if value is not None}
    base["columns"] = {**base.get("columns", {}), **columns}
    base["constants"] = {**base.get("constants", {}), **constants}
    return ColumnMap(**base)


def _pairs(given: list[str] | None, flag: str) -> dict[str, str]:
    pairs = {}
    for text in given or ():
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise typer.BadParameter(f"must be FIELD=VALUE, got {text!r}", param_hint=flag)
        pairs[name] = value
    return pairs


def _reasons(report: ImportReport) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in report.reasons.most_common()) or "no rows"


def _show(report: ImportReport, out: Path | None) -> None:
    where = f", written to {out}" if out else "; nothing was written (--dry-run)"
    typer.echo(f"{report.read:,} rows read, {report.taken:,} taken ({report.labelled:,} with labels){where}")
    typer.echo(f"personal data was taken out of {report.redacted:,} of them")
    for name, scale in report.scales.items():
        typer.echo(f"{name}: {report.given[name]:,} answers, asked as {scale}")
    if report.reasons:
        typer.echo(f"skipped: {_reasons(report)}")
        for one in report.skipped[:5]:
            typer.echo(f"  row {one.row}: {one.reason}")
