"""Tables of feedback (CSV, XLSX, JSON Lines, Parquet), read row by row in constant memory."""

from __future__ import annotations

from feedback_nlp.tables.columns import TEXT_COLUMNS, guess_text_column
from feedback_nlp.tables.reading import Table, estimate_rows, format_of, open_table, read_rows, sniff_format
from feedback_nlp.tables.row import Format, Row

__all__ = [
    "TEXT_COLUMNS",
    "Format",
    "Row",
    "Table",
    "estimate_rows",
    "format_of",
    "guess_text_column",
    "open_table",
    "read_rows",
    "sniff_format",
]
