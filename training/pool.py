"""Unlabelled items, as `import` writes them or any table has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feedback_nlp.errors import TableError
from feedback_nlp.tables import read_rows

__all__ = ["read_pool"]


def read_pool(path: Path, text_column: str | None = None, id_column: str = "id") -> list[dict[str, Any]]:
    """Rows with `id`, `text` and all other columns; rows without a usable text are passed over.

    Raises:
        TableError: The file is not readable as a table, or no row has a text.
    """
    rows = list(_usable(path, text_column, id_column))
    if not rows:
        raise TableError(f"{path}: no row has a text")
    return rows


def _usable(path: Path, text_column: str | None, id_column: str) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for row in read_rows(path, text_column=text_column, id_column=id_column):
        if row.error is None and row.text is not None and row.text.strip():
            own = row.id if row.id is not None and row.id not in seen else f"{path.stem}-{row.number}"
            seen.add(own)
            yield {**row.fields, "id": own, "text": row.text}
