"""Batch throughput of `feedback-nlp score` against cores and input size, with the memory it takes.

`BENCH_SMALL=1 python -m tests.benchmarks.bench_score` tries it small.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from feedback_nlp.scoring.engines import cores
from tests.benchmarks.command_line import arguments
from tests.benchmarks.models import Models, Profile, kept_models
from tests.benchmarks.programs import COMMAND, Run, small, timed_run, write_rows
from tests.benchmarks.tables import markdown, publish

SIZES = small((10_000, 100_000, 1_000_000), (300, 600, 900))
"""Rows for the profile fast: the middle one with every number of cores."""
ACCURATE = small(3_000, 300)
"""Rows for the profile accurate."""
MOST_MIB = 2048
NAME = "python -m tests.benchmarks.bench_score --into docs/benchmarks.md"


@dataclass(frozen=True)
class Scored:
    """One run of the command: which profile read how many rows, with how many workers."""

    profile: Profile
    rows: int
    mib: float
    workers: int
    run: Run

    @property
    def rate(self) -> float:
        """Rows a second, the start of the command included."""
        return self.rows / self.run.seconds


def plan(sizes: Sequence[int]) -> list[tuple[Profile, int, int]]:
    """Profile, rows and workers of all runs."""
    steps = sorted({1, *(2**n for n in range(1, 7) if 2**n < cores()), cores()})
    middle = sizes[len(sizes) // 2]
    fast = {(size, cores()) for size in sizes} | {(middle, workers) for workers in steps}
    return [
        *(("fast", size, workers) for size, workers in sorted(fast)),
        *(("accurate", ACCURATE, workers) for workers in sorted({1, cores()})),
    ]


def measure(models: Models, sizes: Sequence[int], folder: Path) -> list[Scored]:
    done = []
    for profile, size, workers in plan(sizes):
        source = folder / f"{size}.csv"
        if not source.exists():
            write_rows(source, size)
        out = source.with_suffix(".jsonl")
        command = [*COMMAND, "score", str(source), str(out), "--model", str(models.of(profile))]
        run = timed_run([*command, "--workers", str(workers)])
        out.unlink()
        done.append(Scored(profile, size, source.stat().st_size / 2**20, workers, run))
    return done


def table(done: Sequence[Scored]) -> str:
    alone = {one.profile: one.rate for one in done if one.workers == 1}
    header = (
        "profile", "rows", "MiB", "workers", "seconds", "rows/s", "rate a worker, ratio to one alone", "peak MiB",
        "peak, ratio to 2 GiB",
    )  # fmt: skip
    rows = [
        (
            f"`{one.profile}`",
            f"{one.rows:,}",
            f"{one.mib:,.0f}",
            one.workers,
            f"{one.run.seconds:,.1f}",
            f"{one.rate:,.0f}",
            f"{one.rate / (one.workers * alone[one.profile]):.2f}",
            f"{one.run.peak_mib:,.0f}",
            f"{one.run.peak_mib / MOST_MIB:.2f}",
        )
        for one in done
    ]
    return markdown(header, rows)


def publish_all(models: Models, into: Path | None = None) -> list[Scored]:
    with tempfile.TemporaryDirectory() as folder:
        done = measure(models, SIZES, Path(folder))
    note = (
        "CSV in, JSON Lines out with the whole analyses, the start of all processes included. Memory is that of all\n"
        "processes together, shared pages counted once."
    )
    publish("score", f"{table(done)}\n\n{note}", command=NAME, into=into)
    return done


@pytest.mark.bench
def test_a_million_rows_are_scored_within_two_gibibytes(models: Models) -> None:
    assert max(one.run.peak_mib for one in publish_all(models)) < MOST_MIB


def main() -> None:
    options = arguments(__doc__)
    with kept_models(options.models) as models:
        publish_all(models, options.into)


if __name__ == "__main__":
    main()
