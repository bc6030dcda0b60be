"""Which files become which, and what makes a run the same run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from feedback_nlp.artifacts import Manifest
from feedback_nlp.errors import ScoreError
from feedback_nlp.scoring.encodings import CsvEncoding, Encoding, JsonLinesEncoding, ParquetEncoding
from feedback_nlp.tables import Format, Table, format_of
from feedback_nlp.tables.parquet import column_types

__all__ = ["Kind", "Plan", "make_plan"]

Kind = Literal["csv", "tsv", "jsonl", "parquet"]

_KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_READ = {*_KINDS, ".txt", ".xlsx", ".xlsm"}
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does.

    Attributes:
        source: The file or folder.
        out: The file or folder that will be there at the end.
        files: The files to read; in a folder all that can be, in the order of their names.
        targets: Where each one's results stand: below `out`, or `out` itself.
        kind: The format of the results.
        text_column: Name of the column with the text, or None to recognise it.
        id_column: Name of the column with the rows' own reference.
        format: Format of the input where its name does not tell.
        manifest: The model.
        language: Language of the labels.
    """

    source: Path
    out: Path
    files: tuple[Path, ...]
    targets: tuple[Path, ...]
    kind: Kind
    text_column: str | None
    id_column: str
    format: Format | None
    manifest: Manifest
    language: str

    @property
    def is_folder(self) -> bool:
        """Whether a folder is made."""
        return self.targets != (self.out,)

    def fingerprint(self) -> dict[str, Any]:
        """Everything on which the results depend, as JSON: two runs of one fingerprint write the same bytes."""
        files = []
        for path in self.files:
            found = path.stat()
            files.append([str(path.relative_to(self.source)), found.st_size, found.st_mtime_ns])
        return {
            "version": _VERSION,
            "input": str(self.source.resolve()),
            "files": files,
            "results as": self.kind,
            "text column": self.text_column,
            "id column": self.id_column,
            "format": self.format,
            "model": asdict(self.manifest.info),
            "language": self.language,
        }

    def encoding(self, file: int, table: Table) -> Encoding:
        """How the results of a file are written."""
        themes = self.manifest.taxonomy.theme_codes
        if self.kind == "jsonl":
            return JsonLinesEncoding()
        if self.kind == "parquet":
            return ParquetEncoding(table.columns, themes, self._types(file, table))
        return CsvEncoding(table.columns, themes, "\t" if self.kind == "tsv" else ";")

    def _types(self, file: int, table: Table) -> dict[str, Any]:
        path = self.files[file]
        if (self.format or format_of(path)) != "parquet":
            return {}
        found = column_types(path)
        return {name: plain for name in table.columns if (plain := _plain(found[name])) is not None}


def make_plan(
    source: Path,
    out: Path,
    manifest: Manifest,
    *,
    kind: Kind | None = None,
    text_column: str | None = None,
    id_column: str = "id",
    format: Format | None = None,
    language: str = "nl",
) -> Plan:
    """Look at what is there and decide what will be done; nothing is written.

    Args:
        source: A file, or a folder whose files (also in folders below, such as `month=2026-05`) are all scored.
        out: A file for a file, a folder for a folder.
        manifest: The model.
        kind: Format of the results; None to tell by the name of `out`, for a folder that of each input's kind when
            all are alike, else Parquet.
        text_column: As for `open_table`.
        id_column: As for `open_table`.
        format: As for `open_table`.
        language: Language of the labels.

    Raises:
        ScoreError: There is nothing to read, the results would overwrite the input, or their format is not known.
    """
    if source.is_dir():
        files = _files_in(source)
        if not files:
            raise ScoreError(f"{source}: holds no file that can be read ({', '.join(sorted(_READ))})")
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ScoreError(f"{out}: exists already; results of a folder go into a new one")
        if out.resolve().is_relative_to(source.resolve()) or source.resolve().is_relative_to(out.resolve()):
            raise ScoreError(f"{out}: must not stand inside the input, nor around it")
        kinds = {_KINDS.get(path.suffix.lower(), "parquet") for path in files}
        chosen = kind or (kinds.pop() if len(kinds) == 1 else "parquet")
        targets = tuple(out / path.relative_to(source).with_suffix(f".{chosen}") for path in files)
        if len(set(targets)) < len(targets):
            doubled = next(target for target in targets if targets.count(target) > 1)
            raise ScoreError(
                f"{doubled}: would hold the results of two files, whose names differ in their ending only"
            )
    elif source.exists():
        files, targets = (source,), (out,)
        if out.is_dir():
            raise ScoreError(f"{out}: is a folder; results of a file go into a file")
        if out.exists() and out.samefile(source):
            raise ScoreError(f"{out}: is the input, which is not overwritten")
        found = kind or _KINDS.get(out.suffix.lower())
        if found is None:
            raise ScoreError(f"{out}: must end in {', '.join(_KINDS)}, or name the format with --to")
        chosen = found
        if format is None:
            format_of(source)
    else:
        raise ScoreError(f"{source}: there is no such file or folder")
    if not out.resolve().parent.is_dir():
        raise ScoreError(f"{out}: the folder {out.resolve().parent} does not exist")
    return Plan(source, out, files, targets, chosen, text_column, id_column, format, manifest, language)


def _files_in(folder: Path) -> tuple[Path, ...]:
    """All files that can be read; names that begin with a dot or an underscore are other programs' notes."""
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.suffix.lower() in _READ and path.is_file() and not any(part[0] in "._" for part in inside):
            found.append(path)
    return tuple(found)


def _plain(kind: Any) -> Any:
    """The Arrow type in which values of a type are written; None where text has to do."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType):
        return None
    return kind
