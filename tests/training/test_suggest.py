from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.embedding import unit
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import LabelledItem
from training.suggest import doubt, quotas, suggest


@given(st.integers(0, 500), st.lists(st.floats(0, 10), min_size=1, max_size=12))
def test_quotas_add_up_and_follow_the_need(number: int, need: list[float]) -> None:
    shares = quotas(number, need)
    assert sum(shares) == number
    for i, one in enumerate(need):
        for j, other in enumerate(need):
            assert not (one > other and shares[i] < shares[j])


@given(st.floats(0.01, 0.99), st.floats(0, 1))
def test_doubt_is_greatest_at_the_threshold(cut: float, probability: float) -> None:
    at, beside = doubt(np.array([[cut], [probability]]), [cut])[:, 0]
    assert at == 1.0
    assert 0.0 <= beside <= 1.0


@given(st.integers(0, 1000), st.integers(1, 40))
def test_every_item_is_suggested_once_and_every_theme_gets_its_quota(seed: int, number: int) -> None:
    generator = np.random.default_rng(seed)
    probability, points = generator.random((60, 3)), unit(generator.normal(size=(60, 5)))
    chosen = suggest(probability, [0.5] * 3, points, ["a", "b", "c"], number, need=[1, 1, 2])
    assert len({one.row for one in chosen}) == number
    expected = dict(zip("abc", quotas(number, [1, 1, 2]), strict=True))
    assert {code: sum(one.theme == code for one in chosen) for code in "abc"} == expected


def test_of_items_that_say_the_same_one_is_enough() -> None:
    points = unit(np.vstack([np.tile([1.0, 0.0], (30, 1)), np.tile([0.0, 1.0], (2, 1))]))
    probability = np.full((32, 1), 0.5)
    chosen = suggest(probability, [0.5], points, ["a"], 2)
    assert {one.row < 30 for one in chosen} == {True, False}


def test_the_command_writes_items_for_annotators_and_leaves_out_what_was_done(
    tmp_path: Path, models: Path, some_items: list[LabelledItem]
) -> None:
    pool, todo, done = tmp_path / "pool.jsonl", tmp_path / "todo.jsonl", tmp_path / "anna.jsonl"
    pool.write_text(
        "".join(json.dumps({"id": item.id, "text": item.text}) + "\n" for item in some_items[:80])
    )
    runner = CliRunner()
    assert runner.invoke(app, ["suggest", str(pool), "--out", str(todo), "-n", "12"]).exit_code == 0
    first = [json.loads(line) for line in todo.read_text("utf-8").splitlines()]
    assert len({row["id"] for row in first}) == 12
    assert {row["suggested_for"]["theme"] for row in first} <= set(Taxonomy.default().theme_codes)
    done.write_text(json.dumps({"id": first[0]["id"], "annotator": "anna", "at": "", "themes": {}}) + "\n")
    again = runner.invoke(
        app, ["suggest", str(pool), "--out", str(todo), "-n", "12", "--exclude", str(done), "--json"]
    )
    assert first[0]["id"] not in {row["id"] for row in json.loads(again.output)}
