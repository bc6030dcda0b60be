"""Input of any size in a gibibyte of memory, by input that is made while it is read."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GIB = 1 << 30
SLACK = 32 << 20


@dataclass(frozen=True)
class Run:
    """What `tests.drills.endless` says."""

    bytes: int
    rows: int
    failed: int
    peak: int


def classified(kind: str, size: int) -> Run:
    command = [sys.executable, "-m", "tests.drills.endless", kind, str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    run = Run(**json.loads(done.stdout))
    print(f"{kind}: {run.bytes / GIB:.2f} GiB, {run.rows:,} rows, at most {run.peak / 2**20:.0f} MiB")
    assert run.bytes >= 0.99 * size - (4 << 20)
    return run


def memory_stays(kind: str, sizes: list[int]) -> None:
    runs = [classified(kind, size) for size in sizes]
    assert max(run.peak for run in runs) - runs[0].peak < SLACK
    assert max(run.peak for run in runs) < GIB
    if kind == "line":
        assert {(run.rows, run.failed) for run in runs} == {(2, 1)}, (
            "the line that does not end is an error of its row"
        )
    else:
        assert all(run.failed == 0 for run in runs)
        assert [run.rows > 0 for run in runs] == [True] * len(runs)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "line"])
def test_four_times_the_input_takes_no_more_memory(kind: str) -> None:
    memory_stays(kind, [GIB // 64, GIB // 16])


@pytest.mark.drill
@pytest.mark.parametrize("kind", ["csv", "jsonl", "line"])
def test_24_gibibytes_are_classified_in_one_gibibyte_of_memory(kind: str) -> None:
    memory_stays(kind, [GIB // 4, 24 * GIB])
