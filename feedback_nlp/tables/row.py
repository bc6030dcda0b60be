"""One row of a table of feedback, readable or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Format", "Row", "bad_row", "make_row", "plain", "readable"]

Format = Literal["csv", "xlsx", "jsonl", "parquet"]

_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the table.

    Attributes:
        number: Which data row it is, from 1; the header and blank lines are not counted.
        id: What the id column says, or None when there is no such column or nothing in it.
        text: What the text column says; None when `error` tells why there is none.
        fields: All other columns.
        error: Why the row cannot be used, in plain words, or None.
    """

    number: int
    id: str | None
    text: str | None
    fields: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


def make_row(number: int, values: Mapping[str, Any], text_column: str, id_column: str | None) -> Row:
    """Split a record into id, text and the rest, and judge whether its text can be used."""
    fields = {name: value for name, value in values.items() if name not in (text_column, id_column)}
    raw_id = values.get(id_column) if id_column is not None else None
    row_id = None if raw_id is None or raw_id == "" else plain(raw_id)
    value = values.get(text_column)
    if value is None:
        return Row(number, _reference(row_id), None, fields, f"no text: '{text_column}' is missing or empty")
    if not isinstance(value, str):
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "…"
        return Row(number, _reference(row_id), None, fields, f"'{text_column}' must be a text, got {shown}")
    for name, cell in ((id_column, row_id), (text_column, value)):
        if cell is not None and (found := _SURROGATE.search(cell)):
            return Row(number, _reference(row_id), None, fields, _encoding_fault(str(name), found))
    return Row(number, row_id, value, fields)


def bad_row(number: int, error: str, row_id: str | None = None) -> Row:
    """A row of which nothing can be used."""
    return Row(number, _reference(row_id), None, {}, error)


def plain(value: Any) -> str:
    """A cell as a person would write it: 42 for 42.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def readable(value: str) -> str:
    """The text with U+FFFD for every half of a character, so that it can be written anywhere."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)


def _reference(value: str | None) -> str | None:
    return None if value is None else readable(value)


def _encoding_fault(column: str, found: re.Match[str]) -> str:
    code = ord(found.group())
    at = f"character {found.start() + 1} of '{column}'"
    if 0xDC80 <= code <= 0xDCFF:  # how "surrogateescape" hands on a byte that it cannot decode
        return f"wrong encoding: byte 0x{code - 0xDC00:02X} at {at} does not fit the rest of the file"
    return f"wrong encoding: half a character (U+{code:04X}) at {at}"
