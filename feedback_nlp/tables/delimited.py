"""Delimited text (CSV, as Excel and survey tools write it), record by record."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from feedback_nlp.tables.lines import Line, Lines

__all__ = ["Record", "read_records"]

_DELIMITERS = ";,\t|"
_NO_DELIMITER = "\x1f"
_SAMPLE_LINES = 200
_MAX_RECORD = 131_072
"""Characters a record may span: a quote that is not closed by then is an error of its first line alone."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record's values, or why there are none; `line` is the first it stands on."""

    line: int
    values: tuple[str, ...] = ()
    error: str | None = None


def read_records(lines: Lines) -> Iterator[Record]:
    """All records that are not blank, the header first, with the delimiter that fits the beginning best.

    A first line `sep=;`, as Excel writes it, decides the delimiter and is no record.
    """
    sample = list(islice(lines, _SAMPLE_LINES))
    lines.put_back(sample)
    declared = sample[0].text.strip() if sample else ""
    if len(declared) == 5 and declared.lower().startswith("sep="):
        next(lines)
        delimiter = declared[4]
    else:
        delimiter = _sniff([line.text for line in sample])
    yield from _records(lines, delimiter)


def _sniff(sample: Sequence[str]) -> str:
    """The delimiter under which most records have as many fields as the first, and that more than one."""
    best, best_score = _NO_DELIMITER, (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        score = (Counter(widths)[widths[0]] / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """Records that are not blank; after a faulty one it goes on with the line that follows its first."""
    used: list[Line] = []
    while True:
        try:
            for values in csv.reader(_feed(lines, used), delimiter=delimiter, strict=False):
                number = used[0].number
                used.clear()
                if any(value and not value.isspace() for value in values):
                    yield Record(number, tuple(values))
        except csv.Error as exc:
            first, *rest = used
            used.clear()
            lines.put_back(rest)
            if first.fault is not None:
                yield Record(first.number, error=first.fault)
            elif rest:
                yield Record(first.number, error=f"a quote opened on line {first.number} is not closed")
            else:
                yield Record(first.number, error=f"line {first.number} cannot be read as CSV: {exc}")
        else:
            return


def _feed(lines: Lines, used: list[Line]) -> Iterator[str]:
    """The lines' texts, each noted in `used`, which is emptied when a record is complete."""
    size = 0
    for line in lines:
        size = size + len(line.text) if used else len(line.text)
        used.append(line)
        if line.fault is not None or size > _MAX_RECORD:
            raise csv.Error("longer than a record can be")
        yield line.text
