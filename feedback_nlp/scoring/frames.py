"""Data frames through a model: pandas here, Dask where its partitions are; the rows are scored as `score` does it."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from threadpoolctl import threadpool_limits

from feedback_nlp.artifacts import Manifest, read_manifest
from feedback_nlp.batch import SCALES, BatchAnalyzer
from feedback_nlp.errors import ScoreError, TableError
from feedback_nlp.scoring.chunks import Task, chunked, score_task
from feedback_nlp.scoring.encodings import ParquetEncoding
from feedback_nlp.sinks import result_names
from feedback_nlp.tables import Row
from feedback_nlp.tables.columns import resolve_columns
from feedback_nlp.tables.row import make_row

if TYPE_CHECKING:
    import pandas as pd

    from feedback_nlp.analyzer import FeedbackAnalyzer

__all__ = ["FrameScorer", "score_frame"]

Frame = TypeVar("Frame")

_SLICE = 4096


def score_frame(
    frame: Frame,
    model: str | Path | FeedbackAnalyzer,
    *,
    text_column: str | None = None,
    client: Any = None,
) -> Frame:
    """The frame with the columns beside its own that `feedback-nlp score` writes, row for row the same values.

        scored = score_frame(pd.read_excel("answers.xlsx"), "models/feedback-nl/20260301-091500")
        scored = score_frame(dd.read_parquet("s3://answers/"), "models/feedback-nl/20260301-091500", client=client)

    A row that cannot be analysed (no text, too long, an impossible score) has its reason under `error` and nothing
    under the others; it stops no other row. Columns `nps`, `cas` and `ces` are taken as given scores. The values are
    those of the JSON contract, rounded to four places, so that they do not depend on how the rows are partitioned.

    A pandas frame is scored at once, in this process. A Dask frame is scored when it is computed, partition by
    partition. In its graph stands which model, never the model itself: the workers of `client` are sent its files
    once, also those that join or come back later, and each worker process loads it once. The model stays with them
    until the cluster ends. Without a client each process loads it once from `model`, which it has to find there.

    Args:
        frame: A pandas or a Dask data frame; it is not changed. Index, divisions and its own columns are kept; one
            that is called as a result gets `input ` before its name.
        model: The folder of a model; for a pandas frame it may be a model that is loaded.
        text_column: Name of the column with the text, or None to recognise it.
        client: The `distributed.Client` whose workers will compute a Dask frame; the current one when None.

    Returns:
        A frame of the same kind: text under `error`, `themes` (codes with + or -), `sentiment_label`, `signals`,
        `review_reasons`, `language` and `model`; float64 under `sentiment` (-1 to 1), `expected_nps`, `expected_cas`
        (0-10), `promoter`, `passive`, `detractor`, `CODE_score` (0-1) and `CODE_polarity` (-1 to 1) of each theme; and
        `needs_review`, a boolean that may be missing.

    Raises:
        TableError: It is no such frame, or it is not clear which column holds the text.
        ModelError: The model's folder is missing, altered or of another format.
        ScoreError: Dask is not installed, a Dask frame is given a loaded model, or workers cannot load it.
    """
    loaded = model if hasattr(model, "analyze_batch") else None
    manifest = read_manifest(cast("str | Path", model)) if loaded is None else cast(Any, model).manifest
    if _is_dask(frame):
        if loaded is not None:
            raise ScoreError("a Dask frame is scored elsewhere: give the model's folder, not a loaded model")
        from feedback_nlp.scoring.dask_frames import score_partitions

        scorer = FrameScorer.of(frame, manifest, text_column)
        return cast(Frame, score_partitions(frame, scorer, Path(cast("str | Path", model)), client))
    scorer = FrameScorer.of(frame, manifest, text_column)
    if loaded is None:
        from feedback_nlp.analyzer import FeedbackAnalyzer

        loaded = FeedbackAnalyzer.load(cast("str | Path", model))
    return cast(Frame, scorer.score(cast(Any, frame), cast(BatchAnalyzer, loaded)))


@dataclass(frozen=True, slots=True)
class FrameScorer:
    """How a frame, or a part of it, is scored; small, since it travels with every part.

    Attributes:
        given: The frame's own columns.
        text: Which of them holds the text.
        id: Which holds the rows' own reference, or None.
        themes: Codes of the themes.
        digest: Of the model.
    """

    given: tuple[str, ...]
    text: str
    id: str | None
    themes: tuple[str, ...]
    digest: str

    @classmethod
    def of(cls, frame: Any, manifest: Manifest, text_column: str | None) -> Self:
        """Look at a frame's columns.

        Raises:
            TableError: It is no frame, or its columns cannot be used.
        """
        if not hasattr(frame, "columns") or not hasattr(frame, "iloc"):
            raise TableError(f"must be a pandas or Dask data frame, got {type(frame).__name__}")
        given = tuple(frame.columns)
        for name in given:
            if not isinstance(name, str):
                raise TableError(f"the frame: names of columns must be texts, got {name!r}")
            if given.count(name) > 1:
                raise TableError(f"the frame: has more than one column {name!r}")
        text, reference = resolve_columns(given, text_column, "id", "the frame")
        scorer = cls(given, text, reference, manifest.taxonomy.theme_codes, manifest.digest)
        for name in (kept := scorer._kept()):
            if kept.count(name) > 1:
                raise TableError(f"the frame: has a column {name!r}, and would get another one; rename it")
        return scorer

    def score(self, frame: pd.DataFrame, analyzer: BatchAnalyzer) -> pd.DataFrame:
        """Its columns and the results."""
        import pandas as pd
        import pyarrow as pa

        encoding = ParquetEncoding((), self.themes)
        schema = encoding.schema()
        with threadpool_limits(1):
            bodies = [
                score_task(analyzer, Task(0, rows, encoding)).body for rows in chunked(self._rows(frame))
            ]
        batches = [pa.ipc.read_record_batch(pa.py_buffer(body), schema) for body in bodies if body]
        table = pa.Table.from_batches(batches, schema).select(result_names(self.themes))
        results = table.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
        results.index = frame.index
        whole: pd.DataFrame = pd.concat([frame.set_axis(self._kept(), axis=1), results], axis=1)
        return whole

    def _kept(self) -> list[str]:
        """Names under which the frame's own columns stand beside the results."""
        results = set(result_names(self.themes))
        return [f"input {name}" if name in results else name for name in self.given]

    def _rows(self, frame: pd.DataFrame) -> Iterator[Row]:
        scores = (name for name in self.given if name.strip().casefold() in SCALES)
        names = list(dict.fromkeys([self.text, *([self.id] if self.id is not None else []), *scores]))
        number = 0
        for start in range(0, len(frame), _SLICE):
            part = frame[names].iloc[start : start + _SLICE]
            for values in zip(*(part[name].tolist() for name in names), strict=True):
                number += 1
                yield make_row(number, dict(zip(names, map(_value, values), strict=True)), self.text, self.id)


def _is_dask(frame: Any) -> bool:
    """Whether it is a Dask frame; without importing Dask, which is loaded when somebody has one."""
    dask = sys.modules.get("dask.dataframe")
    return dask is not None and isinstance(frame, dask.DataFrame)


def _value(value: Any) -> Any:
    """A cell, with None for each of the ways in which a frame says that there is nothing."""
    import pandas as pd

    missing = value is None or value is pd.NA or value is pd.NaT
    return None if missing or (isinstance(value, float) and math.isnan(value)) else value
