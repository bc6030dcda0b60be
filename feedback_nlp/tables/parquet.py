"""Parquet, a batch of rows at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from feedback_nlp.errors import TableError
from feedback_nlp.tables.bombs import MAX_RATIO, SMALL
from feedback_nlp.tables.columns import check_columns

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
    check_columns(len(names), source)
    if doubled := sorted(name for name, count in Counter(names).items() if count > 1):
        raise TableError(f"{source}: has more than one column {doubled[0]!r}")
    _refuse_bombs(file.metadata, source)
    return file


def _refuse_bombs(metadata: Any, source: str) -> None:
    """A column of a row group is unpacked as a whole."""
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for number in range(row_group.num_columns):
            column = row_group.column(number)
            packed, unpacked = max(1, column.total_compressed_size), column.total_uncompressed_size
            if unpacked > SMALL and unpacked > MAX_RATIO * packed:
                raise TableError(f"{source}: refused, {packed:,} bytes would unpack to {unpacked:,}")


def _batches(file: Any, source: str) -> Iterator[list[dict[str, Any]]]:
    import pyarrow as pa

    try:
        for batch in file.iter_batches(batch_size=_ROWS):
            yield batch.to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as exc:
        raise TableError(f"{source}: the Parquet file is damaged: {exc}") from exc
