"""Texts a second, peak memory and single-text latency of both profiles on one core.

`python -m tests.benchmarks.bench_profiles` prints the table; `--into docs/benchmarks.md` also writes it there.
Models are trained on the whole corpus unless `--fast FOLDER` and `--accurate FOLDER` name some that stand.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from feedback_nlp.registry import default_models_folder
from tests.benchmarks.tables import publish
from training.corpus import CORPUS

TEXTS = 2_000
WORDS = 30
ROOT = Path(__file__).parents[2]
NAME = "python -m tests.benchmarks.bench_profiles --into docs/benchmarks.md"


def measure(model: Path) -> dict[str, float]:
    """In this process, pinned to one core: load, then read texts in batches and one by one."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from feedback_nlp import FeedbackAnalyzer, FeedbackItem

    started = time.perf_counter()
    analyzer = FeedbackAnalyzer.load(model, threads=1)
    analyzer.analyze("Dit is een proef.")
    ready = time.perf_counter() - started
    texts = [json.loads(line)["text"] for line in CORPUS.read_text("utf-8").splitlines()][:TEXTS]
    items = [FeedbackItem(text) for text in texts]
    analyzer.analyze_batch(items[:256])
    wall, processor = time.perf_counter(), time.process_time()
    for start in range(0, len(items), 256):
        analyzer.analyze_batch(items[start : start + 256])
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    predicted = time.process_time()
    for start in range(0, len(texts), 256):
        analyzer.predict(texts[start : start + 256])
    predicted = time.process_time() - predicted
    length = sorted(texts, key=lambda text: abs(len(text.split()) - WORDS))[:200]
    latencies = []
    for text in length:
        begin = time.perf_counter()
        analyzer.analyze(text)
        latencies.append(1000 * (time.perf_counter() - begin))
    return {
        "texts_per_second": len(items) / processor,
        "numbers_only_per_second": len(items) / predicted,
        "wall_texts_per_second": len(items) / wall,
        "latency_ms": statistics.median(latencies),
        "ready_s": ready,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "words": statistics.mean(len(text.split()) for text in texts),
    }


def in_own_process(model: Path) -> dict[str, float]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.benchmarks.bench_profiles", "--measure", str(model)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=ROOT)
    figures: dict[str, float] = json.loads(run.stdout)
    return figures


def trained(profile: str, folder: Path) -> Path:
    out = folder / "feedback-nl" / profile
    command = [sys.executable, "-m", "feedback_nlp.cli", "train", "--profile", profile, "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return out


def table(rows: dict[str, dict[str, float]]) -> str:
    lines = [
        "| profile | texts/s, analyses | texts/s, numbers only | median ms, 30 words | first answer, s | peak MiB |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {row['texts_per_second']:,.0f} | {row['numbers_only_per_second']:,.0f} "
        f"| {row['latency_ms']:.1f} | {row['ready_s']:.1f} | {row['peak_mib']:,.0f} |"
        for name, row in rows.items()
    ]
    words = next(iter(rows.values()))["words"]
    lines += [
        "",
        f"On one core; {TEXTS:,} texts of {words:.0f} words on average, in batches of 256; seconds of processor time",
        "for the rates, of the clock for the latency.",
    ]
    return "\n".join(lines)


@pytest.mark.bench
def test_both_profiles_reach_their_rates_on_one_core(tmp_path: Path) -> None:
    rows = {}
    for profile in ("fast", "accurate"):
        rows[profile] = in_own_process(trained(profile, tmp_path))
    publish("profiles", table(rows), command=NAME)
    assert rows["fast"]["texts_per_second"] >= 2_000
    assert rows["accurate"]["texts_per_second"] >= 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", type=Path)
    parser.add_argument("--fast", type=Path)
    parser.add_argument("--accurate", type=Path)
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    with tempfile.TemporaryDirectory(dir=default_models_folder()) as scratch:
        rows = {
            name: in_own_process(given or trained(name, Path(scratch)))
            for name, given in (("fast", options.fast), ("accurate", options.accurate))
        }
    publish("profiles", table(rows), command=NAME, into=options.into)


if __name__ == "__main__":
    main()
