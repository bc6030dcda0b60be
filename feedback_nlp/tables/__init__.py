"""Tables of feedback (CSV, XLSX, JSON Lines), read row by row in constant memory."""

from __future__ import annotations

from feedback_nlp.tables.columns import TEXT_COLUMNS, guess_text_column
from feedback_nlp.tables.reading import estimate_rows, read_rows, sniff_format
from feedback_nlp.tables.row import Format, Row

__all__ = ["TEXT_COLUMNS", "Format", "Row", "estimate_rows", "guess_text_column", "read_rows", "sniff_format"]
