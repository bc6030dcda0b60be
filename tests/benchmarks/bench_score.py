"""Batch throughput of `feedback-nlp score` against cores and input size, with the memory it takes.

`python -m tests.benchmarks.bench_score --sizes 2000 --model FOLDER` tries it small.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from feedback_nlp.registry import default_models_folder
from feedback_nlp.scoring.engines import cores
from tests.benchmarks.programs import COMMAND, Run, timed_run, trained, write_rows
from tests.benchmarks.tables import markdown, publish

SIZES = (10_000, 100_000, 1_000_000)
MOST_MIB = 2048
NAME = "python -m tests.benchmarks.bench_score --into docs/benchmarks.md"


def score(model: Path, source: Path, workers: int) -> Run:
    out = source.with_suffix(".scored.jsonl")
    command = [*COMMAND, "score", str(source), str(out), "--model", str(model), "--workers", str(workers)]
    try:
        return timed_run(command)
    finally:
        out.unlink(missing_ok=True)


def measure(model: Path, sizes: Sequence[int], folder: Path) -> tuple[str, list[Run]]:
    """All sizes with all cores, and the middle size with every number of cores."""
    steps = sorted({1, *(2**n for n in range(1, 7) if 2**n < cores()), cores()})
    rows, runs = [], []
    middle = sizes[len(sizes) // 2]
    alone = 0.0
    plan = [(middle, workers) for workers in steps]
    plan += [(size, cores()) for size in sizes if size != middle]
    for size, workers in plan:
        source = folder / f"{size}.csv"
        if not source.exists():
            write_rows(source, size)
        run = score(model, source, workers)
        runs.append(run)
        rate = size / run.seconds
        alone = alone or rate
        share = f"{rate / (workers * alone):.2f}" if size == middle else ""
        rows.append(
            (
                f"{size:,}",
                f"{source.stat().st_size / 2**20:,.0f}",
                workers,
                f"{run.seconds:,.1f}",
                f"{rate:,.0f}",
                share,
                f"{run.peak_mib:,.0f}",
            )
        )
    header = ("rows", "MiB", "workers", "seconds", "rows/s", "rate per worker to one worker's", "peak MiB")
    return markdown(header, sorted(rows, key=lambda row: (int(row[0].replace(",", "")), row[2]))), runs


def publish_all(model: Path | None, sizes: Sequence[int], into: Path | None = None) -> list[Run]:
    with (
        tempfile.TemporaryDirectory(dir=default_models_folder()) as models,
        tempfile.TemporaryDirectory() as data,
    ):
        table, runs = measure(model or trained("fast", Path(models)), sizes, Path(data))
    note = (
        "Profile `fast`, CSV in, JSON Lines out, the start of all processes included. Memory is that of all processes\n"
        "together, shared pages counted once."
    )
    publish("score", f"{table}\n\n{note}", command=NAME, into=into)
    return runs


@pytest.mark.bench
def test_a_million_rows_are_scored_within_two_gibibytes() -> None:
    assert max(run.peak_mib for run in publish_all(None, SIZES)) < MOST_MIB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--model", type=Path, help="a model that stands, instead of training one")
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    publish_all(options.model, options.sizes, options.into)


if __name__ == "__main__":
    main()
