"""How much of a worker's time a Dask cluster makes use of at 1, 2 and 4 workers; the results must not differ.

`BENCH_SMALL=1 python -m tests.benchmarks.bench_dask` tries it small.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from feedback_nlp.artifacts import file_digest
from feedback_nlp.scoring.engines import cores
from tests.benchmarks.command_line import arguments
from tests.benchmarks.models import Models, kept_models
from tests.benchmarks.programs import COMMAND, small, timed_run, write_rows
from tests.benchmarks.tables import markdown, publish

ROWS = small(50_000, 500)
WORKERS = (1, 2, 4)
NAME = "python -m tests.benchmarks.bench_dask --into docs/benchmarks.md"


def measure(model: Path, folder: Path) -> tuple[str, int]:
    """The table, and how many different outputs there were."""
    source = write_rows(folder / "in.csv", ROWS)
    lines = []
    base = 0.0
    digests = set()
    for engine, count in [("local", 1), *(("dask", count) for count in WORKERS)]:
        out = folder / f"{engine}{count}.jsonl"
        run = timed_run(
            [*COMMAND, "score", str(source), str(out), "--model", str(model), "--engine", engine,
             "--workers", str(count)]
        )  # fmt: skip
        digests.add(file_digest(out))
        out.unlink()
        rate, peak = ROWS / run.seconds, f"{run.peak_mib:,.0f}"
        base = base or rate
        most = min(count, cores())
        lines.append(
            (engine, count, most, f"{run.seconds:,.1f}", f"{rate:,.0f}", f"{rate / (most * base):.2f}", peak)
        )
    header = ("engine", "workers", "cores they have", "seconds", "rows/s", "efficiency", "peak MiB")
    return markdown(header, lines), len(digests)


def publish_all(models: Models, into: Path | None = None) -> int:
    with tempfile.TemporaryDirectory() as data:
        table, outputs = measure(models.of("fast"), Path(data))
    same = (
        "All runs wrote the same bytes." if outputs == 1 else f"The runs wrote {outputs} different outputs."
    )
    crowded = (
        f"\n{max(WORKERS)} workers share {cores()} cores here, so that they cannot be quicker than {cores()}: on "
        "several machines each brings its own."
        if max(WORKERS) > cores()
        else ""
    )
    note = (
        f"{ROWS:,} rows, profile `fast`, a cluster of processes on one machine, its start included. Efficiency: the "
        f"rate as a\nratio to that of one local worker times the cores in use. {same}{crowded}"
    )
    publish("dask", f"{table}\n\n{note}", command=NAME, into=into)
    return outputs


@pytest.mark.bench
def test_dask_writes_the_same_bytes_at_every_number_of_workers(models: Models) -> None:
    assert publish_all(models) == 1


def main() -> None:
    options = arguments(__doc__)
    with kept_models(options.models) as models:
        publish_all(models, options.into)


if __name__ == "__main__":
    main()
