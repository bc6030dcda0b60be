"""Texts a second, peak memory and single-text latency of both profiles on one core.

Beside them what scikit-learn's own analysers reach on the same texts with the same kinds of n-grams, without any model
behind them: the bound for every classifier that is built on them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.command_line import arguments
from tests.benchmarks.models import Models, Profile, kept_models
from tests.benchmarks.programs import SINGLE, small
from tests.benchmarks.tables import markdown, publish
from tests.memory import peak
from training.corpus import CORPUS

EVERY = small(3, 60)
ROUNDS = small(3, 1)
SINGLE_TEXTS = small(200, 20)
WORDS = 30
BATCH = 256
PROFILES: tuple[Profile, ...] = ("fast", "accurate")
ROOT = Path(__file__).parents[2]
NAME = "python -m tests.benchmarks.bench_profiles --into docs/benchmarks.md"

Figures = dict[str, float]


def texts_of_the_corpus() -> list[str]:
    return [json.loads(line)["text"] for line in CORPUS.read_text("utf-8").splitlines()][::EVERY]


def rate(work: Callable[[Sequence[Any]], object], things: Sequence[Any]) -> float:
    """How many a second of processor time, in batches; the median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for start in range(0, len(things), BATCH):
            work(things[start : start + BATCH])
        rounds.append(len(things) / (time.process_time() - begin))
    return statistics.median(rounds)


def measure(model: Path) -> Figures:
    """In this process, pinned to one core: load, then read texts in batches and one by one."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from feedback_nlp import FeedbackAnalyzer, FeedbackItem
    from feedback_nlp.settling import settle

    started = time.perf_counter()
    analyzer = FeedbackAnalyzer.load(model, threads=1)
    analyzer.analyze("Dit is een proef.")
    ready = time.perf_counter() - started
    settle()  # as the processes do that score files or serve
    texts = texts_of_the_corpus()
    items = [FeedbackItem(text) for text in texts]
    analyzer.analyze_batch(items[:BATCH])
    analyses, numbers = rate(analyzer.analyze_batch, items), rate(analyzer.predict, texts)
    latencies = []
    for text in sorted(texts, key=lambda text: abs(len(text.split()) - WORDS))[:SINGLE_TEXTS]:
        begin = time.perf_counter()
        analyzer.analyze(text)
        latencies.append(1000 * (time.perf_counter() - begin))
    return {
        "analyses": analyses,
        "numbers": numbers,
        "latency_ms": statistics.median(latencies),
        "ready_s": ready,
        "peak_mib": peak() / 2**20,
    }


def measure_analysers() -> Figures:
    """In this process, pinned to one core: scikit-learn's n-grams, counted with a vocabulary that they learned here."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from sklearn.feature_extraction.text import CountVectorizer

    from feedback_nlp.settling import settle

    texts = texts_of_the_corpus()
    letters = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit(texts)
    words = CountVectorizer(ngram_range=(1, 2)).fit(texts)
    settle()
    return {"numbers": rate(lambda some: (letters.transform(some), words.transform(some)), texts)}


def in_own_process(*given: str) -> Figures:
    command = [sys.executable, "-m", "tests.benchmarks.bench_profiles", *given]
    run = subprocess.run(
        command, env={**os.environ, **SINGLE}, capture_output=True, text=True, check=True, cwd=ROOT
    )
    figures: Figures = json.loads(run.stdout)
    return figures


def table(rows: dict[Profile, Figures], analysers: Figures) -> str:
    header = (
        "profile",
        "texts/s, analyses",
        "texts/s, numbers only",
        "ratio to scikit-learn's n-grams",
        f"median ms, {WORDS} words",
        "first answer, s",
        "peak MiB",
    )
    lines = [
        (
            f"`{name}`",
            f"{row['analyses']:,.0f}",
            f"{row['numbers']:,.0f}",
            f"{row['numbers'] / analysers['numbers']:.2f}",
            f"{row['latency_ms']:.1f}",
            f"{row['ready_s']:.1f}",
            f"{row['peak_mib']:,.0f}",
        )
        for name, row in rows.items()
    ]
    lines.append(("scikit-learn's n-grams alone", "", f"{analysers['numbers']:,.0f}", "1.00", "", "", ""))
    texts = texts_of_the_corpus()
    words = statistics.mean(len(text.split()) for text in texts)
    note = (
        f"On one core. {len(texts):,} texts of {words:.1f} words on average, every {_ordinal(EVERY)} of the corpus,\n"
        f"in batches of {BATCH}. Rates are per second of processor time, the median of {ROUNDS} rounds, after\n"
        "the garbage collector was told to pass over what was loaded, as scoring and service do; the latency is\n"
        "the clock's. scikit-learn's n-grams: two `CountVectorizer`s, letters within words (2 to 5) and words (1 to\n"
        "2), that learned these texts' n-grams and count them, with no model behind them."
    )
    return f"{markdown(header, lines)}\n\n{note}"


def _ordinal(number: int) -> str:
    return {3: "third"}.get(number, f"{number}th")


def publish_both(models: Models, into: Path | None = None) -> dict[Profile, Figures]:
    rows = {profile: in_own_process("--measure", str(models.of(profile))) for profile in PROFILES}
    publish("profiles", table(rows, in_own_process("--measure_analysers")), command=NAME, into=into)
    return rows


@pytest.mark.bench
def test_both_profiles_reach_their_rates_on_one_core(models: Models) -> None:
    rows = publish_both(models)
    fast, accurate = rows["fast"], rows["accurate"]
    unmet = {
        "fast, numbers, 5,000/s": fast["numbers"] < 5_000,
        "fast, analyses, 2,000/s": fast["analyses"] < 2_000,
        "accurate, analyses, 100/s": accurate["analyses"] < 100,
        "accurate, one text under 15 ms": accurate["latency_ms"] >= 15,
    }
    assert [claim for claim, missed in unmet.items() if missed] == []


def main() -> None:
    options = arguments(
        __doc__,
        measure={"type": Path, "help": argparse.SUPPRESS},
        measure_analysers={"action": "store_true", "help": argparse.SUPPRESS},
    )
    if options.measure:
        print(json.dumps(measure(options.measure)))
    elif options.measure_analysers:
        print(json.dumps(measure_analysers()))
    else:
        with kept_models(options.models) as models:
            publish_both(models, options.into)


if __name__ == "__main__":
    main()
