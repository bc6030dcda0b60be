"""Whatever the format, the same rows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from feedback_nlp.errors import TableError
from feedback_nlp.tables.columns import check_columns, resolve_columns
from feedback_nlp.tables.delimited import Record, read_records
from feedback_nlp.tables.encoding import open_text
from feedback_nlp.tables.jsonl import JsonRecord, read_objects
from feedback_nlp.tables.lines import Lines
from feedback_nlp.tables.parquet import count_rows, read_batches
from feedback_nlp.tables.row import Format, Row, bad_row, make_row, plain, readable
from feedback_nlp.tables.sheet import read_sheet

__all__ = ["Table", "estimate_rows", "format_of", "open_table", "read_rows", "sniff_format"]

_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_ELSEWHERE = {".xls", ".ods", ".xlsb", ".numbers"}
_SPOOL = 8 << 20
_SAMPLE_OBJECTS = 100


@dataclass(frozen=True, slots=True)
class Table:
    """An open table.

    Attributes:
        columns: Names of the columns other than text and id, in order; of JSON Lines those of its first 100 objects.
        rows: All data rows in order; to be taken once.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]


def read_rows(
    source: Path | BinaryIO,
    *,
    text_column: str | None = None,
    id_column: str = "id",
    format: Format | None = None,
) -> Iterator[Row]:
    """All data rows in order; arguments and errors as of `open_table`, raised when the first row is taken."""
    with open_table(source, text_column=text_column, id_column=id_column, format=format) as table:
        yield from table.rows


@contextmanager
def open_table(
    source: Path | BinaryIO,
    *,
    text_column: str | None = None,
    id_column: str = "id",
    format: Format | None = None,
) -> Iterator[Table]:
    """A table whose rows are read in constant memory; a row that cannot be read is there with its error.

    CSV may be delimited by `;`, `,`, tab or `|`, and be in UTF-8, UTF-16 or Windows-1252. Of a workbook the first
    sheet is read. A stream that cannot seek is first copied to a temporary file.

    Args:
        source: A file, or a binary stream.
        text_column: Name of the column with the text (letter case does not matter), or None to recognise it.
        id_column: Name of the column with the rows' own reference; may be absent only when it is "id".
        format: None to tell by the file's ending, or for a stream by its first bytes.

    Raises:
        TableError: The file is not readable as such a table, or has no such column.
        OSError: The file cannot be opened.
    """
    name = str(source) if isinstance(source, Path) else "standard input"
    with _seekable(source) as stream:
        if format is None:
            format = format_of(source) if isinstance(source, Path) else sniff_format(stream)
        opener = {"csv": _csv, "jsonl": _jsonl, "xlsx": _xlsx, "parquet": _parquet}[format]
        with opener(stream, name, text_column, id_column) as table:
            yield table


def sniff_format(stream: BinaryIO) -> Format:
    """The format by the first bytes of a seekable stream, which is left at its start."""
    head = stream.read(1024)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "csv"


def estimate_rows(path: Path) -> int | None:
    """About how many data rows a file has, for a progress bar; None when it cannot be told cheaply.

    Line ends are counted, so that texts of several lines make it too high; Parquet knows its number.
    """
    if _SUFFIXES.get(path.suffix.lower()) == "parquet":
        return count_rows(path)
    if _SUFFIXES.get(path.suffix.lower()) not in ("csv", "jsonl"):
        return None
    count = 0
    last = b"\n"
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            count += block.count(b"\n") or block.count(b"\r")
            last = block[-1:]
    lines = count + (last not in (b"\n", b"\r", b"\0"))
    return max(0, lines - 1) if _SUFFIXES[path.suffix.lower()] == "csv" else lines


def format_of(path: Path) -> Format:
    """The format by the file's ending.

    Raises:
        TableError: It is none that is read.
    """
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if suffix in _ELSEWHERE:
        raise TableError(f"{path}: {suffix} is not read; save it as .xlsx or .csv")
    if suffix == ".json":
        raise TableError(f"{path}: JSON is read as JSON Lines, one object a line: name it .jsonl")
    known = ", ".join(_SUFFIXES)
    raise TableError(f"{path}: the ending {suffix!r} tells no format; known are {known}, or give the format")


@contextmanager
def _csv(stream: BinaryIO, source: str, text_column: str | None, id_column: str) -> Iterator[Table]:
    text = open_text(stream)
    try:
        records = read_records(Lines(text))
        header = next(records, None)
        if header is None:
            raise TableError(f"{source}: is empty")
        if header.error is not None:
            raise TableError(f"{source}: the header cannot be read: {header.error}")
        names = _header(header.values, source)
        text_name, id_name = resolve_columns(names, text_column, id_column, source)
        rows = _csv_rows(records, names, text_name, id_name)
        yield Table(_others(names, text_name, id_name), rows)
    finally:
        text.detach()


def _csv_rows(
    records: Iterator[Record], names: list[str], text_name: str, id_name: str | None
) -> Iterator[Row]:
    for number, record in enumerate(records, start=1):
        if record.error is not None:
            yield bad_row(number, record.error)
            continue
        values = record.values
        while len(values) > len(names) and not values[-1].strip():
            values = values[:-1]
        if len(values) > len(names):
            fault = f"line {record.line} has {len(values)} fields, the header {len(names)}"
            by_name = dict(zip(names, values, strict=False))
            yield bad_row(number, fault, by_name.get(id_name) if id_name else None)
            continue
        yield make_row(number, dict(zip(names, values, strict=False)), text_name, id_name)


@contextmanager
def _jsonl(stream: BinaryIO, source: str, text_column: str | None, id_column: str) -> Iterator[Table]:
    head = stream.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()
    stream.seek(0)
    if head.startswith(b"["):
        raise TableError(f"{source}: is one JSON array; JSON Lines is one object a line")
    text = open_text(stream)
    try:
        records = read_objects(Lines(text))
        sample = list(islice(records, _SAMPLE_OBJECTS))
        names = list(dict.fromkeys(name for record in sample for name in record.values or ()))
        if not sample:
            raise TableError(f"{source}: is empty")
        if not names:
            raise TableError(f"{source}: no line is a JSON object; the first: {sample[0].error}")
        check_columns(len(names), source)
        text_name, id_name = resolve_columns(names, text_column, id_column, source)
        rows = _jsonl_rows(chain(sample, records), text_name, id_name)
        yield Table(_others(names, text_name, id_name), rows)
    finally:
        text.detach()


def _jsonl_rows(records: Iterable[JsonRecord], text_name: str, id_name: str | None) -> Iterator[Row]:
    for number, record in enumerate(records, start=1):
        if record.values is None:
            yield bad_row(number, str(record.error))
        else:
            yield make_row(number, record.values, text_name, id_name)


@contextmanager
def _xlsx(stream: BinaryIO, source: str, text_column: str | None, id_column: str) -> Iterator[Table]:
    records = read_sheet(stream, source)
    _, header = next(records, (0, ()))
    if not header:
        raise TableError(f"{source}: the first sheet is empty")
    names = _header(tuple("" if cell is None else str(cell) for cell in header), source)
    text_name, id_name = resolve_columns(names, text_column, id_column, source)
    yield Table(_others(names, text_name, id_name), _xlsx_rows(records, names, text_name, id_name))


def _xlsx_rows(
    records: Iterator[tuple[int, tuple[Any, ...]]], names: list[str], text_name: str, id_name: str | None
) -> Iterator[Row]:
    for number, (_, cells) in enumerate(records, start=1):
        values = {name: _cell(cell) for name, cell in zip(names, cells, strict=False)}
        if values.get(text_name) is not None:
            values[text_name] = plain(values[text_name])
        yield make_row(number, values, text_name, id_name)


@contextmanager
def _parquet(stream: BinaryIO, source: str, text_column: str | None, id_column: str) -> Iterator[Table]:
    names, batches = read_batches(stream, source)
    text_name, id_name = resolve_columns(names, text_column, id_column, source)
    rows = (
        make_row(number, values, text_name, id_name)
        for number, values in enumerate(chain.from_iterable(batches), start=1)
    )
    yield Table(_others(names, text_name, id_name), rows)


def _others(names: Sequence[str], text_name: str, id_name: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name not in (text_name, id_name))


def _header(cells: tuple[str, ...], source: str) -> list[str]:
    """Column names, made unique: an empty one becomes `column 3`, a second `score` becomes `score (2)`.

    Raises:
        TableError: There are more columns than are read.
    """
    check_columns(len(cells), source)
    taken: set[str] = set()
    last: dict[str, int] = {}
    names: list[str] = []
    for index, cell in enumerate(cells, start=1):
        base = readable(cell.strip()) or f"column {index}"
        name, again = base, last.get(base, 1)
        while name in taken:
            again += 1
            name = f"{base} ({again})"
        last[base] = again
        taken.add(name)
        names.append(name)
    return names


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date | time) else value


@contextmanager
def _seekable(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    elif source.seekable():
        yield source
    else:
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spooled:
            shutil.copyfileobj(source, spooled)
            spooled.seek(0)
            yield cast(BinaryIO, spooled)
