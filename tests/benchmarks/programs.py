"""Programs that are measured from outside: models for them, input for them, and how much memory they take."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from training.corpus import CORPUS

__all__ = ["COMMAND", "SINGLE", "Run", "memory_of", "timed_run", "trained", "write_rows"]

COMMAND = [sys.executable, "-m", "feedback_nlp.cli"]
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Run:
    """Seconds by the clock, and the most memory of all its processes together (proportional set size), in MiB."""

    seconds: float
    peak_mib: float
    processes: int


def trained(profile: str, folder: Path) -> Path:
    """A model on the whole corpus, made with the project's own command."""
    out = folder / "feedback-nl" / profile
    command = [*COMMAND, "train", "--profile", profile, "--no-learning-curve", "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return out


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
