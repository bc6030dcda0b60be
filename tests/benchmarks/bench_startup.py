"""How long `feedback-nlp serve` takes from its start until it is ready, beside the libraries that it cannot do without.

`BENCH_SMALL=1 python -m tests.benchmarks.bench_startup` tries it once.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.benchmarks.bench_http import ROOT, serving
from tests.benchmarks.command_line import arguments
from tests.benchmarks.models import Models, Profile, kept_models, put_live
from tests.benchmarks.programs import COMMAND, SINGLE, small
from tests.benchmarks.tables import markdown, publish

TIMES = small(7, 1)
LIMIT = 2.0
"""Seconds; what was wanted."""
PROFILES: tuple[Profile, ...] = ("fast", "accurate")
NAME = "python -m tests.benchmarks.bench_startup --into docs/benchmarks.md"
LIBRARIES = {
    "scikit-learn": "import sklearn.linear_model, sklearn.svm",
    "spaCy": "import spacy",
    "FastAPI, SQLAlchemy, uvicorn": "import fastapi, sqlalchemy.orm, uvicorn",
    "all of these": "import sklearn.linear_model, sklearn.svm, spacy, fastapi, sqlalchemy.orm, uvicorn",
}


@dataclass(frozen=True)
class Start:
    """Seconds by the clock, and of processor time (user and system)."""

    clock: float
    processor: float


def middle(starts: Sequence[Start]) -> Start:
    """The medians."""
    return Start(
        statistics.median(start.clock for start in starts),
        statistics.median(start.processor for start in starts),
    )


def imported(statement: str) -> Start:
    """A Python of its own that only imports."""
    starts = []
    for _ in range(TIMES + 1):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True, cwd=ROOT, env={**os.environ, **SINGLE})
        clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        starts.append(Start(clock, busy))
    return middle(starts[1:])  # the first warms the disk's cache


def started(model: Path) -> Start:
    """The service with a model, on a store that is there."""
    starts = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "FEEDBACK_NLP_MODELS": str(put_live(model, Path(folder) / "models")),
            "FEEDBACK_NLP_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
        }
        for _ in range(TIMES + 1):
            with serving([*COMMAND, "serve"], "/health/ready", environment) as server:
                times = psutil.Process(server.pid).cpu_times()
                starts.append(Start(server.ready, times.user + times.system))
    return middle(starts[1:])  # the first makes the store


def publish_all(models: Models, into: Path | None = None) -> dict[Profile, Start]:
    ours = {profile: started(models.of(profile)) for profile in PROFILES}
    alone = {name: imported(statement) for name, statement in LIBRARIES.items()}
    named = {f"`serve`, profile `{profile}`": start for profile, start in ours.items()}
    floor = alone["all of these"]
    rows = [
        (name, f"{start.clock:.2f}", f"{start.processor:.2f}", f"{start.clock / LIMIT:.2f}",
         f"{start.processor / floor.processor:.2f}")
        for name, start in {**named, **{f"only importing {name}": start for name, start in alone.items()}}.items()
    ]  # fmt: skip
    header = (
        "from start to ready", "seconds by the clock", "of processor time", f"ratio to the {LIMIT:g} s wanted",
        "processor time, ratio to the libraries'",
    )  # fmt: skip
    note = (
        f"Medians of {TIMES} starts after one that warms the disk's cache; one process, a store that is there and a "
        "live model.\nReady is the first 200 of `/health/ready`: the model was checked by its digests, loaded, and has "
        "answered."
    )
    publish("startup", f"{markdown(header, rows)}\n\n{note}", command=NAME, into=into)
    return ours


@pytest.mark.bench
def test_the_service_is_ready_within_two_seconds(models: Models) -> None:
    found = publish_all(models)
    assert max(start.clock for start in found.values()) < LIMIT


def main() -> None:
    options = arguments(__doc__)
    with kept_models(options.models) as models:
        publish_all(models, options.into)


if __name__ == "__main__":
    main()
