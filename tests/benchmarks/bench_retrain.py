"""How long training takes against the size of the corpus, and that retraining on all of it takes under two minutes.

`python -m tests.benchmarks.bench_retrain --shares 16` tries it on a sixteenth.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.benchmarks.tables import markdown, publish
from training.corpus import CORPUS, load_corpus
from training.train import TrainingConfig, train

LIMIT_SECONDS = 120.0
CORES = 2
SHARES = (8, 4, 2, 1)
NAME = "python -m tests.benchmarks.bench_retrain --into docs/benchmarks.md"


def measure(shares: Sequence[int]) -> tuple[str, float]:
    """The table, and the processor seconds of the largest."""
    everything = load_corpus(CORPUS)
    rows = []
    busy = 0.0
    for share in shares:
        items = everything[::share]
        with tempfile.TemporaryDirectory() as folder:
            clock, before = time.perf_counter(), os.times()
            run = train(items, Path(folder), config=TrainingConfig(n_jobs=CORES, learning_curve=share == 1))
            after = os.times()
        seconds = time.perf_counter() - clock
        busy = after.user + after.system - before.user - before.system
        f1 = run.metrics["test"]["macro_f1"]["value"]
        of_limit = f"{busy / (LIMIT_SECONDS * CORES):.2f}"
        rows.append((f"{len(items):,}", f"{seconds:.0f}", f"{busy:.0f}", of_limit, f"{f1:.3f}"))
    header = (
        "items",
        "seconds",
        "seconds of processor time",
        f"share of the limit ({LIMIT_SECONDS:g} s on {CORES} cores)",
        "macro-F1, test split",
    )
    return markdown(header, rows), busy


def publish_all(shares: Sequence[int], into: Path | None = None) -> float:
    table, busy = measure(shares)
    note = (
        "Training of the heads from scratch, all folds and the judging included; "
        "for the largest the learning curve too."
    )
    publish("retrain", f"{table}\n\n{note}", command=NAME, into=into)
    return busy


@pytest.mark.bench
def test_retraining_on_the_full_corpus_takes_under_two_minutes() -> None:
    """Judged by processor time, so that other work on the machine does not count; the clock is shown too."""
    assert publish_all(SHARES) < LIMIT_SECONDS * CORES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shares", type=int, nargs="+", default=list(SHARES), help="take every nth item")
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    publish_all(options.shares, options.into)


if __name__ == "__main__":
    main()
