"""How results stand in a file: an opening, then one piece after another, so that a file can be gone on with."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from feedback_nlp.batch import Outcome
from feedback_nlp.files import atomic_write
from feedback_nlp.sinks import CsvSink, JsonLinesSink, flat, given_names, result_names

__all__ = ["CsvEncoding", "Encoding", "JsonLinesEncoding", "ParquetEncoding"]

_FLAGS = {"needs_review"}
_NUMBERS = {"sentiment", "expected_nps", "expected_cas", "promoter", "passive", "detractor"}
_GROUP = 64 * 1024


class Encoding(Protocol):
    """A way to write results; small, since it travels with every task."""

    def opening(self) -> bytes:
        """What comes before the first piece."""

    def encode(self, outcomes: Sequence[Outcome]) -> bytes:
        """Rows as a piece of the file."""

    def finish(self, part: Path, out: Path) -> None:
        """Make the finished file, in one step, of an opening and all pieces; `part` may be gone afterwards."""


@dataclass(frozen=True, slots=True)
class JsonLinesEncoding:
    """One Analysis a line, as `classify --json` writes them."""

    def opening(self) -> bytes:
        """Nothing."""
        return b""

    def encode(self, outcomes: Sequence[Outcome]) -> bytes:
        """Lines."""
        stream = io.BytesIO()
        sink = JsonLinesSink(stream)
        for outcome in outcomes:
            sink.write(outcome)
        return stream.getvalue()

    def finish(self, part: Path, out: Path) -> None:
        """Rename it."""
        part.replace(out)


@dataclass(frozen=True, slots=True)
class CsvEncoding:
    """A table for a spreadsheet; see `CsvSink`."""

    columns: tuple[str, ...]
    themes: tuple[str, ...]
    delimiter: str = ";"

    def opening(self) -> bytes:
        """The mark of UTF-8 and the header."""
        stream = io.BytesIO()
        CsvSink(stream, self.columns, self.themes, delimiter=self.delimiter).open()
        return stream.getvalue()

    def encode(self, outcomes: Sequence[Outcome]) -> bytes:
        """Lines."""
        stream = io.BytesIO()
        sink = CsvSink(stream, self.columns, self.themes, delimiter=self.delimiter)
        for outcome in outcomes:
            sink.row(outcome)
        return stream.getvalue()

    def finish(self, part: Path, out: Path) -> None:
        """Rename it."""
        part.replace(out)


@dataclass(frozen=True, slots=True)
class ParquetEncoding:
    """The columns of the CSV with types; the pieces are Arrow's stream format, made Parquet at the end.

    Attributes:
        columns: Names of the given columns.
        themes: Codes of the themes.
        types: Arrow types of given columns; the others become text.
    """

    columns: tuple[str, ...]
    themes: tuple[str, ...]
    types: Mapping[str, Any] = field(default_factory=dict)

    def opening(self) -> bytes:
        """The schema."""
        return bytes(self.schema().serialize())

    def encode(self, outcomes: Sequence[Outcome]) -> bytes:
        """A record batch."""
        import pyarrow as pa

        if not outcomes:
            return b""
        schema = self.schema()
        results = [flat(outcome) for outcome in outcomes]
        columns: list[list[Any]] = [
            [outcome.row.id for outcome in outcomes],
            [outcome.analysis.text if outcome.analysis else outcome.row.text for outcome in outcomes],
        ]
        for name in self.columns:
            values = [outcome.row.fields.get(name) for outcome in outcomes]
            columns.append(values if name in self.types else [_text(value) for value in values])
        columns += [[result.get(name) for result in results] for name in result_names(self.themes)]
        arrays = [
            pa.array(map(_readable, values), kind) for values, kind in zip(columns, schema.types, strict=True)
        ]
        return bytes(pa.RecordBatch.from_arrays(arrays, schema=schema).serialize())

    def finish(self, part: Path, out: Path) -> None:
        """Write the pieces as Parquet, row group by row group."""
        import pyarrow as pa
        from pyarrow import parquet

        with part.open("rb") as stream, atomic_write(out) as target:
            reader = pa.ipc.open_stream(stream)
            with parquet.ParquetWriter(target, reader.schema, compression="zstd") as writer:
                waiting: list[Any] = []
                for batch in reader:
                    waiting.append(batch)
                    if sum(one.num_rows for one in waiting) >= _GROUP:
                        writer.write_table(pa.Table.from_batches(waiting))
                        waiting = []
                if waiting:
                    writer.write_table(pa.Table.from_batches(waiting))
        part.unlink()

    def schema(self) -> Any:
        """Names and Arrow types of the columns."""
        import pyarrow as pa

        results = result_names(self.themes)
        fields = [pa.field("id", pa.string()), pa.field("text", pa.string())]
        for name, shown in zip(self.columns, given_names(self.columns, results), strict=True):
            fields.append(pa.field(shown, self.types.get(name, pa.string())))
        for name in results:
            if name in _FLAGS:
                kind = pa.bool_()
            else:
                kind = (
                    pa.float64()
                    if name in _NUMBERS or name.endswith(("_score", "_polarity"))
                    else pa.string()
                )
            fields.append(pa.field(name, kind))
        return pa.schema(fields)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _readable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
