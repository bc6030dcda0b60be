"""How long training takes against the number of labelled items, and that all of them take under two minutes.

`BENCH_SMALL=1 python -m tests.benchmarks.bench_retrain` tries it small.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.benchmarks.command_line import arguments
from tests.benchmarks.models import EVERY, Models, Profile, Training, kept_models, train
from tests.benchmarks.programs import small
from tests.benchmarks.tables import markdown, publish

LIMIT_SECONDS = 120.0
CORES = 2
SHARES = small((8, 4, 2), (2,))
NAME = "python -m tests.benchmarks.bench_retrain --into docs/benchmarks.md"
PROFILES: tuple[Profile, ...] = ("fast", "accurate")


def measure(models: Models) -> list[tuple[Profile, Training, float]]:
    """Every training, with its macro-F1 on the test split; the largest are those that all benches share."""
    done = []
    with tempfile.TemporaryDirectory() as scratch:
        for share in SHARES:
            out = Path(scratch) / "feedback-nl" / f"{share}"
            cost = train("fast", out, EVERY * share)
            done.append(("fast", cost, macro_f1(out)))
        for profile in PROFILES:
            model = models.of(profile)
            whole = models.training(profile)
            if whole is None:  # it was brought along
                model = Path(scratch) / "feedback-nl" / profile
                whole = train(profile, model)
            done.append((profile, whole, macro_f1(model)))
    return done


def macro_f1(model: Path) -> float:
    return float(json.loads((model / "metrics.json").read_text("utf-8"))["test"]["macro_f1"]["value"])


def table(done: Sequence[tuple[Profile, Training, float]]) -> str:
    header = (
        "profile", "items", "seconds", "seconds of processor time",
        f"ratio to the limit ({LIMIT_SECONDS:g} s on {CORES} cores)", "macro-F1, test split",
    )  # fmt: skip
    rows = [
        (f"`{profile}`", f"{cost.items:,}", f"{cost.seconds:,.0f}", f"{cost.busy:,.0f}", f"{share_of(cost):.2f}",
         f"{f1:.3f}")
        for profile, cost, f1 in done
    ]  # fmt: skip
    return markdown(header, rows)


def share_of(cost: Training) -> float:
    """Judged by processor time, so that other work on the machine does not count; the clock is shown too."""
    return cost.busy / (LIMIT_SECONDS * CORES)


def publish_all(models: Models, into: Path | None = None) -> dict[Profile, float]:
    done = measure(models)
    note = (
        "`feedback-nlp train` from its start to its end: all folds, the learning curve and the judging\n"
        "included; test items, which are not learned from, are counted among the items. The encoder of the profile\n"
        "`accurate` is taken as it stands."
    )
    publish("retrain", f"{table(done)}\n\n{note}", command=NAME, into=into)
    return {profile: share_of(cost) for profile, cost, _ in done}  # of each the largest, which come last


@pytest.mark.bench
def test_retraining_on_all_labelled_items_takes_under_two_minutes(models: Models) -> None:
    assert {profile: share for profile, share in publish_all(models).items() if share >= 1} == {}


def main() -> None:
    options = arguments(__doc__)
    with kept_models(options.models) as models:
        publish_all(models, options.into)


if __name__ == "__main__":
    main()
