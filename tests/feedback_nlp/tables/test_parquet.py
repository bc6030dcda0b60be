from __future__ import annotations

import io
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from feedback_nlp.errors import TableError
from feedback_nlp.tables import estimate_rows, open_table, read_rows
from feedback_nlp.tables.parquet import column_types

TEXTS = st.lists(
    st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=12)), min_size=1
)


def written(columns: dict[str, pa.Array], *, rows: int = 1024 * 1024) -> io.BytesIO:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream, row_group_size=rows)
    stream.seek(0)
    return stream


@given(TEXTS, st.integers(1, 7))
def test_every_row_comes_back_in_order_whatever_the_row_groups(texts: list[str | None], size: int) -> None:
    numbers = pa.array(range(len(texts)), pa.int32())
    stream = written({"id": numbers, "tekst": pa.array(texts, pa.string())}, rows=size)
    rows = list(read_rows(stream))
    assert [(row.number, row.id, row.text) for row in rows] == [
        (n + 1, str(n), text) for n, text in enumerate(texts)
    ]
    assert [row.error is None for row in rows] == [text is not None for text in texts]


def test_the_other_columns_keep_their_types(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 12, 30)  # noqa: DTZ001 - as files have it
    table = {"tekst": ["hoi"], "nps": [9], "op": pa.array([at], pa.timestamp("us")), "soort": [["a", "b"]]}
    path = tmp_path / "in.parquet"
    path.write_bytes(written(table).getvalue())
    with open_table(path) as opened:
        assert opened.columns == ("nps", "op", "soort")
        (row,) = opened.rows
    assert row.fields == {"nps": 9, "op": at, "soort": ["a", "b"]}
    assert column_types(path)["op"] == pa.timestamp("us")
    assert estimate_rows(path) == 1


def test_a_text_column_of_numbers_is_told_row_by_row() -> None:
    (row,) = read_rows(written({"tekst": [5]}))
    assert row.error == "'tekst' must be a text, got 5"


def test_a_damaged_file_is_refused_wherever_the_damage_is() -> None:
    whole = written({"tekst": [f"antwoord {n}" for n in range(5_000)]}).getvalue()
    with pytest.raises(TableError, match="Parquet"):
        list(read_rows(io.BytesIO(whole[: len(whole) // 2]), format="parquet"))
    for place in range(4, len(whole), len(whole) // 60):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        with suppress(TableError):
            list(read_rows(io.BytesIO(bytes(broken)), format="parquet"))
