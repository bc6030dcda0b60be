"""Parquet, a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from feedback_nlp.errors import TableError

__all__ = ["column_types", "count_rows", "read_batches"]

_ROWS = 1024


def read_batches(stream: BinaryIO, source: str) -> tuple[list[str], Iterator[list[dict[str, Any]]]]:
    """The column names, and the rows in batches: each a dict of column name to value, None where there is none.

    Args:
        stream: Seekable; Parquet keeps its description at the end.
        source: How to name the file in an error.

    Raises:
        TableError: It is no Parquet, or damaged; also raised while the batches are taken.
    """
    file = _open(stream, source)
    return list(file.schema_arrow.names), _batches(file, source)


def count_rows(path: Path) -> int:
    """How many rows the file says it has.

    Raises:
        TableError: It is no Parquet.
    """
    with path.open("rb") as stream:
        return int(_open(stream, str(path)).metadata.num_rows)


def column_types(path: Path) -> dict[str, Any]:
    """Column name to Arrow type.

    Raises:
        TableError: It is no Parquet.
    """
    with path.open("rb") as stream:
        schema = _open(stream, str(path)).schema_arrow
        return dict(zip(schema.names, schema.types, strict=True))


def _open(stream: BinaryIO, source: str) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(stream)
    except (pa.ArrowException, OSError) as exc:
        raise TableError(f"{source}: cannot be read as Parquet: {exc}") from exc
    names = file.schema_arrow.names
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise TableError(f"{source}: has more than one column {doubled[0]!r}")
    return file


def _batches(file: Any, source: str) -> Iterator[list[dict[str, Any]]]:
    import pyarrow as pa

    try:
        for batch in file.iter_batches(batch_size=_ROWS):
            yield batch.to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as exc:
        raise TableError(f"{source}: the Parquet file is damaged: {exc}") from exc
