from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.embedding import unit
from training.corpus import LabelledItem
from training.drift import expected_error, mean_discrepancy, new_items, share_shifts


def cloud(n: int, seed: int, shift: float = 0.0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(n, 6)) + shift)


def test_samples_of_one_source_are_seldom_told_apart() -> None:
    """At 5 %, of 40 comparisons 2 are expected; more than 7 would come of a correct test once in 1,400 runs."""
    assert (
        sum(mean_discrepancy(cloud(40, seed), cloud(40, 1000 + seed), seed)[1] < 0.05 for seed in range(40))
        <= 7
    )


def test_a_sample_that_moved_is_told_apart() -> None:
    distance, p = mean_discrepancy(cloud(60, 1), cloud(60, 2, shift=0.8))
    assert distance > 0
    assert p < 0.01


def test_a_theme_that_doubled_is_named_first_and_the_rest_did_not_move() -> None:
    generator = np.random.default_rng(0)
    now = np.stack([generator.random(500) < 0.2, generator.random(500) < 0.3], axis=1)
    moved, stayed = share_shifts(["kosten", "gemak"], np.array([0.1, 0.3]), 1000, now)
    assert (moved.theme, stayed.theme) == ("kosten", "gemak")
    assert moved.p < 0.01
    assert stayed.p > 0.05


def test_an_item_unlike_all_others_is_new() -> None:
    reference = unit(np.column_stack([np.ones(200), 0.1 * cloud(200, 3)]))
    recent = np.vstack([reference[:5], unit(-np.ones((1, 7)))])
    assert new_items(recent, reference)[0] == 5


def test_the_interval_of_the_expected_errors_holds_their_mean() -> None:
    mean, (low, high) = expected_error(np.random.default_rng(1).random(300))
    assert low < mean < high


def test_the_command_sees_that_a_flood_of_one_subject_came_in(
    tmp_path: Path, models: Path, some_items: list[LabelledItem]
) -> None:
    usual = [{"id": item.id, "text": item.text, "date": "2026-04-10"} for item in some_items[:80]]
    flood = [
        {
            "id": f"n{n}",
            "text": f"De premie is weer met {n} euro verhoogd, veel te duur.",
            "date": "2026-05-02",
        }
        for n in range(60)
    ]
    path = tmp_path / "2026.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in usual + flood))
    arguments = ["drift", str(path), "--since", "2026-05-01", "--against", "earlier", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1, result.output
    told = json.loads(result.output)
    assert told["moved"]
    assert told["text"]["p"] < 0.05
    assert told["recent"] == 60


def test_the_command_sees_nothing_where_nothing_happened(
    tmp_path: Path, models: Path, some_items: list[LabelledItem]
) -> None:
    rows = [
        {"id": item.id, "text": item.text, "date": f"2026-0{4 + place % 2}-10"}
        for place, item in enumerate(some_items[:240])
    ]
    path = tmp_path / "2026.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = CliRunner().invoke(app, ["drift", str(path), "--since", "2026-05-01", "--against", "earlier"])
    assert result.exit_code == 0, result.output
    assert "not shown to have moved" in result.output
