"""Programs that are measured from outside: input for them, and how much memory they take."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import structlog

from training.corpus import CORPUS

__all__ = ["COMMAND", "SINGLE", "SMALL", "Run", "hushed", "memory_of", "small", "timed_run", "write_rows"]

COMMAND = [sys.executable, "-m", "feedback_nlp.cli"]
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SMALL = bool(os.environ.get("BENCH_SMALL"))
"""Whether the benches are only tried: at sizes that take seconds, whose figures mean nothing."""

T = TypeVar("T")


def small(full: T, little: T) -> T:
    """A size: as measured, or with BENCH_SMALL in the environment a little one."""
    return little if SMALL else full


def hushed() -> None:
    """Let the service, where a bench runs it in its own process, log faults alone."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


@dataclass(frozen=True)
class Run:
    """Seconds by the clock, and the most memory of all its processes together (proportional set size), in MiB."""

    seconds: float
    peak_mib: float
    processes: int


def write_rows(path: Path, rows: int, seed: int = 0) -> Path:
    """A CSV of answers: sentences of the synthetic corpus drawn anew, each answer with a number nobody wrote before.

    Repeating whole texts would flatter whatever remembers what it has seen.
    """
    draw = random.Random(seed)
    texts = [json.loads(line)["text"] for line in CORPUS.read_text("utf-8").splitlines()]
    lengths = [max(1, len(re.findall(r"[.!?]+(?:\s|$)", text))) for text in texts]
    sentences = [one for text in texts for one in re.split(r"(?<=[.!?])\s+", text) if one]
    with path.open("w", encoding="utf-8") as file:
        file.write("id;tekst;nps\n")
        for number in range(rows):
            chosen = " ".join(draw.choices(sentences, k=draw.choice(lengths)))
            text = f"{chosen} Kenmerk k{draw.getrandbits(40):x}.".replace('"', '""')
            file.write(f'{number};"{text}";{draw.randrange(11)}\n')
    return path


def timed_run(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Run a program to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **SINGLE, **(environment or {})}, stderr=subprocess.PIPE
    )
    peak, processes = 0.0, 0
    said: list[bytes] = []
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: said.append(process.stderr.read()))  # type: ignore[union-attr]
    reader.start()
    while process.poll() is None:
        now, count = memory_of(process.pid)
        peak, processes = max(peak, now), max(processes, count)
        time.sleep(0.25)
    seconds = time.perf_counter() - began
    reader.join()
    process.stderr.close()
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said[0].decode()[-500:]}")
    return Run(seconds, peak, processes)


def memory_of(pid: int) -> tuple[float, int]:
    """MiB (proportional set size) of a process and all below it, and how many they are."""
    total, count = 0, 0
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return 0.0, 0
    for one in family:
        try:
            total += one.memory_full_info().pss
            count += 1
        except (psutil.Error, OSError):
            continue
    return total / 2**20, count
