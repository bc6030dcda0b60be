from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.cli import app
from feedback_nlp.errors import ModelMismatchError
from feedback_nlp.learned import LearnedItems
from feedback_nlp.registry import Registry
from training.thresholds import UnreachableError, at_threshold, choose, read_curves


@pytest.fixture
def curves(models: Path) -> dict[str, object]:
    return read_curves(models / "feedback-nl" / "first")


def test_a_wanted_recall_is_reached_with_the_most_precision(curves: dict[str, object]) -> None:
    choice = choose(curves, "empathie", "recall", 0.6)
    everywhere = [at_threshold(curves, "empathie", place) for place in range(20)]
    assert choice.recall >= 0.6
    assert choice.precision >= max(one.precision for one in everywhere if one.recall >= 0.6)
    low, high = choice.recall_interval
    assert low < choice.recall < high


def test_a_higher_threshold_finds_no_more(curves: dict[str, object]) -> None:
    found = [at_threshold(curves, "kosten", place).recall for place in range(40)]
    assert found == sorted(found, reverse=True)


def test_what_cannot_be_reached_is_refused_with_the_best_there_is(curves: dict[str, object]) -> None:
    with pytest.raises(UnreachableError, match="the most is"):
        choose(curves, "deskundigheid", "precision", 1.01)


def test_an_unknown_theme_is_named_with_those_there_are(curves: dict[str, object]) -> None:
    with pytest.raises(ModelMismatchError, match=r"'tempo'.*snelheid"):
        choose(curves, "tempo", "recall", 0.5)


def test_setting_a_threshold_makes_a_new_model_and_leaves_the_live_one(tmp_path: Path, models: Path) -> None:
    live = models / "feedback-nl" / "first"
    before = {path.name: path.read_bytes() for path in live.iterdir()}
    out = models / "feedback-nl" / "careful"
    result = CliRunner().invoke(
        app, ["thresholds", "empathie", "--recall", "0.9", "--out", str(out), "--why", "a try", "--json"]
    )
    assert result.exit_code == 0, result.output
    chosen = json.loads(result.output)
    changed = FeedbackAnalyzer.load(out)
    assert changed.manifest.thresholds["empathie"] == chosen["threshold"]
    assert changed.manifest.training["thresholds_set"]["why"] == "a try"
    assert LearnedItems.read(out) == LearnedItems.read(live) is not None
    texts = ["Heel vriendelijk geholpen", "Ik stond een uur in de wacht", "De premie is te hoog"]
    place = changed.taxonomy.theme_codes.index("empathie")
    predicted = changed.predict(texts)
    expected = predicted.theme_probability[:, place] >= chosen["threshold"]
    assert list(predicted.theme_assigned[:, place]) == list(expected)
    assert {path.name: path.read_bytes() for path in live.iterdir()} == before
    assert Registry.load(models).live == "feedback-nl/first"


def test_all_thresholds_are_shown_with_the_work_they_make(models: Path) -> None:
    result = CliRunner().invoke(app, ["thresholds"])
    assert result.exit_code == 0, result.output
    assert "kosten" in result.output
    assert "sent to review" in result.output
