"""How much of a worker's time a Dask cluster makes use of at 1, 2 and 4 workers; the results must not differ.

`python -m tests.benchmarks.bench_dask --rows 2000 --model FOLDER` tries it small.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from feedback_nlp.artifacts import file_digest
from feedback_nlp.registry import default_models_folder
from feedback_nlp.scoring.engines import cores
from tests.benchmarks.programs import COMMAND, timed_run, trained, write_rows
from tests.benchmarks.tables import markdown, publish

ROWS = 50_000
WORKERS = (1, 2, 4)
NAME = "python -m tests.benchmarks.bench_dask --into docs/benchmarks.md"


def measure(model: Path, rows: int, workers: Sequence[int], folder: Path) -> str:
    source = write_rows(folder / "in.csv", rows)
    lines = []
    base = 0.0
    digests = set()
    for engine, count in [("local", 1), *(("dask", count) for count in workers)]:
        out = folder / f"{engine}{count}.jsonl"
        run = timed_run(
            [*COMMAND, "score", str(source), str(out), "--model", str(model), "--engine", engine,
             "--workers", str(count)]
        )  # fmt: skip
        digests.add(file_digest(out))
        rate, peak = rows / run.seconds, f"{run.peak_mib:,.0f}"
        base = base or rate
        most = min(count, cores())
        lines.append(
            (engine, count, f"{run.seconds:,.1f}", f"{rate:,.0f}", f"{rate / (most * base):.2f}", peak)
        )
    assert len(digests) == 1, "all runs must write the same bytes"
    header = (
        "engine",
        "workers",
        "seconds",
        "rows/s",
        "ratio to the local rate times cores in use",
        "peak MiB",
    )
    return markdown(header, lines)


def publish_all(model: Path | None, rows: int, into: Path | None = None) -> None:
    with (
        tempfile.TemporaryDirectory(dir=default_models_folder()) as models,
        tempfile.TemporaryDirectory() as data,
    ):
        table = measure(model or trained("fast", Path(models)), rows, WORKERS, Path(data))
    note = (
        f"{rows:,} rows, profile `fast`, a cluster of processes on one machine, its start included. More workers than "
        "cores\ncannot be quicker; on several machines each brings its own. All runs wrote the same bytes."
    )
    publish("dask", f"{table}\n\n{note}", command=NAME, into=into)


@pytest.mark.bench
def test_dask_writes_the_same_bytes_at_every_number_of_workers() -> None:
    publish_all(None, ROWS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--model", type=Path, help="a model that stands, instead of training one")
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    publish_all(options.model, options.rows, options.into)


if __name__ == "__main__":
    main()
