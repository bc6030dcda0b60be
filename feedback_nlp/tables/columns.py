"""Which column holds the text, and which the id."""

from __future__ import annotations

from collections.abc import Sequence

from feedback_nlp.errors import TableError

__all__ = ["MAX_COLUMNS", "TEXT_COLUMNS", "check_columns", "guess_text_column", "resolve_columns"]

TEXT_COLUMNS = (
    "text",
    "tekst",
    "antwoord",
    "open antwoord",
    "opmerking",
    "opmerkingen",
    "toelichting",
    "feedback",
    "reactie",
    "bericht",
    "klacht",
    "omschrijving",
    "verbatim",
    "comment",
    "comments",
)
"""Names by which a text column is recognised when none is given, the surest first."""

_DEFAULT_ID = "id"

MAX_COLUMNS = 16_384
"""Most columns that are read, as many as an Excel sheet has."""


def check_columns(count: int, source: str) -> None:
    """Refuse a table that no person made.

    Raises:
        TableError: It has more than `MAX_COLUMNS` columns.
    """
    if count > MAX_COLUMNS:
        raise TableError(f"{source}: has {count:,} columns; at most {MAX_COLUMNS:,} are read")


def guess_text_column(columns: Sequence[str]) -> str | None:
    """The column that by its name holds the text.

    An exact name counts first (letter case, spaces and underscores apart), then a single column whose name contains
    one of the names as a word ("Toelichting op uw cijfer"). None when no column or more than one fits.
    """
    by_key = {_key(column): column for column in reversed(columns)}
    for name in TEXT_COLUMNS:
        if name in by_key:
            return by_key[name]
    words = set(TEXT_COLUMNS)
    fitting = [column for column in columns if words & set(_key(column).split())]
    return fitting[0] if len(fitting) == 1 else None


def resolve_columns(
    columns: Sequence[str], text_column: str | None, id_column: str, source: str
) -> tuple[str, str | None]:
    """The real names of the text column and of the id column.

    Args:
        columns: All names of the table.
        text_column: The wished name, or None to guess.
        id_column: The wished name; only the default "id" may be absent.
        source: How to name the table in an error.

    Returns:
        The name of the text column, and of the id column or None when the table has none.

    Raises:
        TableError: There is no such column, or none can be guessed; the message lists the columns.
    """
    listed = ", ".join(repr(column) for column in columns[:40]) or "none"
    if text_column is None:
        found = guess_text_column(columns)
        if found is None:
            raise TableError(
                f"{source}: which column holds the text? It has {listed}; name it with --text-column"
            )
    else:
        found = _find(columns, text_column)
        if found is None:
            raise TableError(f"{source}: no column {text_column!r}; it has {listed}")
    id_found = _find(columns, id_column)
    if id_found is None and id_column != _DEFAULT_ID:
        raise TableError(f"{source}: no column {id_column!r} for the id; it has {listed}")
    return found, id_found if id_found != found else None


def _key(column: str) -> str:
    return " ".join(column.replace("_", " ").casefold().split())


def _find(columns: Sequence[str], wished: str) -> str | None:
    if wished in columns:
        return wished
    alike = [column for column in columns if _key(column) == _key(wished)]
    return alike[0] if len(alike) == 1 else None
