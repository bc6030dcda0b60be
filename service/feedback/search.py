"""Full-text search: what people type, as the two databases want it."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import ColumnElement, func, literal_column, select, table, text
from sqlalchemy import column as sql_column

from service.feedback.tables import FeedbackRow

__all__ = ["matches"]

_WORD: Final = re.compile(r'"[^"]*"|-?\w+', re.UNICODE)


def matches(query: str, *, sqlite: bool) -> ColumnElement[bool]:
    """The condition that an item's text matches.

    All words must occur; "words in quotes" next to each other; -word must not. PostgreSQL compares Dutch word stems,
    SQLite beginnings of words. A query without a single word matches nothing.
    """
    if not sqlite:
        asked = func.websearch_to_tsquery(literal_column("'dutch'"), query.replace("\0", " "))
        return literal_column("feedback.feedback_search").op("@@", is_comparison=True)(asked)
    expression = _fts5(query)
    if expression is None:
        return text("0 = 1")  # type: ignore[return-value]
    index = table("feedback_search", sql_column("rowid"))
    found = select(index.c.rowid).where(literal_column("feedback_search").op("MATCH")(expression))
    return FeedbackRow.id.in_(found)


def _fts5(query: str) -> str | None:
    wanted: list[str] = []
    unwanted: list[str] = []
    for part in _WORD.findall(query.replace("\0", " ")):
        if part.startswith('"'):
            if re.search(r"\w", part):
                wanted.append(part)
        elif part.startswith("-"):
            unwanted.append(f'"{part[1:]}"*')
        else:
            wanted.append(f'"{part}"*')
    if not wanted:
        return None
    expression = " AND ".join(wanted)
    return f"({expression}) NOT ({' OR '.join(unwanted)})" if unwanted else expression
