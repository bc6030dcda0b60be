"""`kill -9` at any moment leaves a registry that loads and a live model that works."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.artifacts import read_manifest, verify
from feedback_nlp.registry import Registry

ROOT = Path(__file__).resolve().parents[2]

PROMOTER = """
import os, random, signal, sys, time
from pathlib import Path
from feedback_nlp.registry import Registry
from training import promote as module
from training.compare import Comparison
module._working = lambda folder: None  # loading is left out, so that the writing is where the kills fall
module.FeedbackAnalyzer.load = lambda folder: None
alike = lambda old, new: Comparison("old", "new", 1, (), ())
models, kills = Path(sys.argv[1]), int(sys.argv[2])
draw = random.Random(int(sys.argv[3]))
for _ in range(kills):
    child = os.fork()
    if child == 0:
        while True:
            module.promote(models, "feedback-nl/second", alike, by="drill", why="")
            module.rollback(models, by="drill", why="")
    before, patience = (models / "registry.json").stat().st_ino, time.monotonic() + 10
    while (models / "registry.json").stat().st_ino == before and time.monotonic() < patience:
        time.sleep(0.001)
    time.sleep(draw.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    registry = Registry.load(models)
    assert registry.live in ("feedback-nl/first", "feedback-nl/second"), registry.live
    assert registry.live_folder().is_dir()
print(len(Registry.load(models).activations))
"""


def works(models: Path) -> bool:
    folder = Registry.load(models).live_folder()
    verify(folder, read_manifest(folder))
    return bool(FeedbackAnalyzer.load(folder).analyze("Ik stond lang in de wacht.").themes)


def kill_promotions(models: Path, kills: int, seed: int) -> int:
    ended = subprocess.run(
        [sys.executable, "-c", PROMOTER, str(models), str(kills), str(seed)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


def kill_training(models: Path, data: Path, after: float) -> bool:
    """Whether the run was killed (and not done already)."""
    run = subprocess.Popen(
        [
            sys.executable, "-m", "feedback_nlp.cli", "train", "--profile", "fast", "--jobs", "1", "--data", str(data),
            "--out", str(models / "feedback-nl" / "killed"), "--models", str(models), "--no-learning-curve",
        ],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    unfinished = models / ".unfinished"
    deadline = time.monotonic() + 120
    while run.poll() is None and time.monotonic() < deadline and not list(unfinished.glob("*/fold-0.npz")):
        time.sleep(0.02)
    time.sleep(after)
    killed = run.poll() is None
    run.send_signal(signal.SIGKILL)
    run.wait()
    return killed


@pytest.fixture
def little_data(tmp_path: Path) -> Path:
    lines = (ROOT / "training" / "data" / "corpus.jsonl").read_text("utf-8").splitlines()[::30]
    path = tmp_path / "little.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_killing_promotions_and_rollbacks_leaves_a_registry_that_loads(models: Path) -> None:
    assert kill_promotions(models, kills=25, seed=1) > 1
    assert works(models)


def test_a_killed_training_leaves_no_half_model_and_the_live_one_as_it_was(
    models: Path, little_data: Path
) -> None:
    before = (models / "registry.json").read_bytes()
    assert kill_training(models, little_data, after=0.3)
    assert not (models / "feedback-nl" / "killed").exists()
    assert (models / "registry.json").read_bytes() == before
    assert works(models)


@pytest.mark.drill
def test_killing_training_at_twenty_moments(models: Path, little_data: Path) -> None:
    draw = random.Random(seed := random.randrange(2**32))
    print(f"seed {seed}")
    for _ in range(20):
        kill_training(models, little_data, after=draw.uniform(0, 8))
        out = models / "feedback-nl" / "killed"
        if out.exists():
            verify(out, read_manifest(out))
            assert json.loads((out / "metrics.json").read_text("utf-8"))
            for path in sorted(out.iterdir()):
                path.unlink()
            out.rmdir()
        assert works(models)


@pytest.mark.drill
def test_killing_four_hundred_promotions(models: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    assert kill_promotions(models, kills=400, seed=seed) > 1
    assert works(models)
