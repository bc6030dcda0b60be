from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.taxonomy import Taxonomy
from tests.benchmarks.bench_audit import flipped
from training.audit import contradictions, noise_per_theme, overlaps, suspicions
from training.corpus import LabelledItem
from training.held_out import held_out_predictions
from training.taxonomy_changes import item_line


def test_most_of_the_flipped_labels_are_among_the_most_suspect_tenth(some_items: list[LabelledItem]) -> None:
    """The claim on a twelfth of the corpus; `bench_audit` measures it on all of it."""
    taxonomy, draw = Taxonomy.default(), np.random.default_rng(1)
    themes = taxonomy.theme_codes
    total = len(some_items) * len(themes)
    cells = draw.choice(total, round(0.05 * total), replace=False)
    data, predictions = held_out_predictions(flipped(some_items, cells, themes), taxonomy, n_jobs=1)
    found = suspicions([item.id for item in some_items], data.themes, predictions.theme_probability, themes)
    wrong = {(some_items[cell // 12].id, themes[cell % 12]) for cell in map(int, cells)}
    top = {(one.id, one.theme) for one in found[: total // 10]}
    assert len(wrong & top) >= 0.6 * len(wrong)


@given(st.integers(0, 10_000))
def test_every_label_is_ranked_once_and_certainty_against_it_makes_it_more_suspect(seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels, probability = generator.random((20, 2)) < 0.4, generator.random((20, 2))
    found = suspicions([str(row) for row in range(20)], labels, probability, ["a", "b"])
    assert len({(one.id, one.theme) for one in found}) == 40
    for theme in "ab":
        given_ = [one for one in found if one.theme == theme and one.labelled]
        assert [one.probability for one in given_] == sorted(one.probability for one in given_)
    assert sum(noise.labelled for noise in noise_per_theme(found, ["a", "b"])) == int(labels.sum())


def test_the_same_text_with_other_labels_is_a_contradiction(some_items: list[LabelledItem]) -> None:
    from dataclasses import replace

    item = next(item for item in some_items if len(item.text.split()) > 15 and item.themes)
    other = replace(item, id="twin", themes={"kosten": 1} if "kosten" not in item.themes else {}, evidence={})
    found = contradictions([*some_items, other])
    assert (item.id, "twin") in {(pair.first, pair.second) for pair in found}
    assert contradictions([item, replace(item, id="twin")]) == []


def test_a_theme_that_lies_within_another_overlaps_it_but_not_the_other_way_round() -> None:
    labels = np.zeros((100, 2), dtype=bool)
    labels[:60, 0] = True
    labels[:20, 1] = True
    (found,) = overlaps(labels, ["wide", "narrow"])
    assert (found.theme, found.other, found.share, found.items) == ("narrow", "wide", 1.0, 20)


def test_the_command_reports_and_writes_what_is_suspect(
    tmp_path: Path, models: Path, some_items: list[LabelledItem]
) -> None:
    data, out = tmp_path / "data.jsonl", tmp_path / "suspect.jsonl"
    data.write_bytes(b"".join(map(item_line, some_items[:200])))
    person = {"id": some_items[0].id, "at": "2026-05-01T10:00:00", "themes": {"kosten": -1}}
    notes = tmp_path / "notes.jsonl"
    notes.write_text("".join(json.dumps(person | {"annotator": name}) + "\n" for name in ("anna", "bert")))
    result = CliRunner().invoke(
        app,
        ["audit", "--data", str(data), "--annotations", str(notes), "--out", str(out), "--profile", "fast",
         "--jobs", "1", "--json"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report["items"] == 200
    assert len(out.read_text("utf-8").splitlines()) == report["suspect_labels"]
    assert [entry["code"] for entry in report["agreement"]][-1] == "polarity"
