"""Rows as a table for people (CSV that Dutch Excel opens, XLSX) or for programs (JSON Lines)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from feedback_nlp.tables.formulas import guarded

__all__ = ["FORMATS", "MEDIA_TYPES", "Format", "write"]

Format = Literal["csv", "xlsx", "jsonl"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}


def write(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], kind: Format) -> Iterator[bytes]:
    """Write rows.

    Args:
        rows: Values by column; one that is missing is empty. Moments need a time zone.
        columns: Their order.
        kind: CSV with `;` and UTF-8 with its mark, XLSX, or JSON Lines.

    Yields:
        The file, piece by piece; XLSX comes in one.
    """
    if kind == "jsonl":
        for row in rows:
            content = {name: _plain(row.get(name)) for name in columns}
            yield (json.dumps(content, ensure_ascii=False) + "\n").encode()
    elif kind == "csv":
        yield "\ufeff".encode() + _line(columns)
        for row in rows:
            yield _line([guarded(_plain(row.get(name))) for name in columns])
    else:
        yield _workbook(rows, columns)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _line(cells: Sequence[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")


def _workbook(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(columns))
    for row in rows:
        cells = [guarded(_plain(row.get(name))) for name in columns]
        sheet.append(
            [ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell) if isinstance(cell, str) else cell for cell in cells]
        )
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
