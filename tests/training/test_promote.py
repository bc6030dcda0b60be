from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.artifacts import FORMAT
from feedback_nlp.cli import app
from feedback_nlp.errors import ModelAlteredError, ModelMissingError
from feedback_nlp.registry import Activation, Registry
from training.compare import Comparison, compare
from training.corpus import LabelledItem
from training.promote import PromotionRefusedError, promote, rollback, rollback_target

GOOD, SECOND = "feedback-nl/first", "feedback-nl/second"


def never(old: FeedbackAnalyzer, new: FeedbackAnalyzer) -> Comparison:
    raise AssertionError("there is nothing to compare")


def alike(old: FeedbackAnalyzer, new: FeedbackAnalyzer) -> Comparison:
    return Comparison("old", "new", 1, (), ())


def test_a_model_trained_on_shuffled_labels_is_refused(
    worse_models: Path, test_items: list[LabelledItem]
) -> None:
    with pytest.raises(PromotionRefusedError, match="overall: macro-F1 is worse"):
        promote(
            worse_models,
            "feedback-nl/shuffled",
            lambda old, new: compare(old, new, test_items, behaviour=False),
            by="anna",
            why="",
        )
    assert Registry.load(worse_models).live == "feedback-nl/good"


def test_a_model_in_which_one_theme_got_worse_is_refused_and_the_theme_is_named(
    worse_models: Path, test_items: list[LabelledItem]
) -> None:
    with pytest.raises(PromotionRefusedError) as caught:
        promote(
            worse_models,
            "feedback-nl/spoiled",
            lambda old, new: compare(old, new, test_items, behaviour=False),
            by="anna",
            why="",
        )
    assert caught.value.comparison is not None
    scopes = {row.scope for row in caught.value.comparison.worse}
    assert "bereikbaarheid" in scopes
    assert not scopes - {"bereikbaarheid", "overall"}
    assert "bereikbaarheid: F1 is worse" in str(caught.value)
    assert Registry.load(worse_models).live == "feedback-nl/good"


def test_a_refusal_can_be_overruled_with_a_reason_which_is_recorded(
    worse_models: Path, test_items: list[LabelledItem], tmp_path: Path
) -> None:
    own = tmp_path / "models"
    shutil.copytree(worse_models, own)

    def judge(old: FeedbackAnalyzer, new: FeedbackAnalyzer) -> Comparison:
        return compare(old, new, test_items, behaviour=False)

    with pytest.raises(PromotionRefusedError, match="needs a reason"):
        promote(own, "feedback-nl/shuffled", judge, by="anna", why=" ", force=True)
    promote(own, "feedback-nl/shuffled", judge, by="anna", why="a drill", force=True)
    last = Registry.load(own).activations[-1]
    assert (last.model, last.by, last.why, last.forced) == ("feedback-nl/shuffled", "anna", "a drill", True)


def test_a_model_that_lacks_a_theme_of_the_live_one_is_refused(models: Path) -> None:
    def lacking(old: FeedbackAnalyzer, new: FeedbackAnalyzer) -> Comparison:
        return Comparison("old", "new", 1, (), (), missing=("kosten",))

    with pytest.raises(PromotionRefusedError, match="kosten is missing"):
        promote(models, SECOND, lacking, by="anna", why="")


def test_promoting_the_live_model_changes_nothing(models: Path) -> None:
    before = (models / "registry.json").read_bytes()
    assert promote(models, GOOD, never, by="anna", why="").activation is None
    assert (models / "registry.json").read_bytes() == before


def test_a_dry_run_changes_nothing(models: Path) -> None:
    before = (models / "registry.json").read_bytes()
    assert promote(models, SECOND, alike, by="anna", why="", dry_run=True).activation is None
    assert (models / "registry.json").read_bytes() == before


def test_a_model_that_was_altered_cannot_go_live(models: Path) -> None:
    with (models / SECOND / "reader.joblib").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelAlteredError):
        promote(models, SECOND, alike, by="anna", why="")
    assert Registry.load(models).live == GOOD


def test_rollback_puts_the_earlier_model_live_and_says_when_there_is_none(models: Path) -> None:
    promote(models, SECOND, alike, by="anna", why="try")
    assert rollback(models, by="bert", why="no good").model == GOOD
    assert Registry.load(models).live == GOOD
    with pytest.raises(ModelMissingError, match="no earlier model"):
        rollback(models, by="bert", why="")


def test_rollback_to_a_model_whose_folder_is_gone_changes_nothing(models: Path) -> None:
    promote(models, SECOND, alike, by="anna", why="")
    shutil.rmtree(models / GOOD)
    with pytest.raises(ModelMissingError):
        rollback(models, by="bert", why="")
    assert Registry.load(models).live == SECOND


def test_somebody_else_s_promotion_meanwhile_is_not_overwritten(models: Path) -> None:
    def slow(old: FeedbackAnalyzer, new: FeedbackAnalyzer) -> Comparison:
        Registry.load(models).activate(SECOND, by="bert", why="first come", action="promote")
        return alike(old, new)

    shutil.copytree(models / GOOD, models / "feedback-nl" / "third")
    with pytest.raises(PromotionRefusedError, match="somebody else"):
        promote(models, "feedback-nl/third", slow, by="anna", why="")
    assert Registry.load(models).live == SECOND


@given(st.lists(st.sampled_from(["a", "b", "c", "back"]), max_size=12))
def test_each_rollback_takes_the_last_promotion_off(moves: list[str]) -> None:
    activations: list[Activation] = []
    stack: list[str] = []
    for number, move in enumerate(moves):
        registry = Registry(Path(), tuple(activations))
        if move == "back":
            if len(stack) < 2:
                with pytest.raises(ModelMissingError):
                    rollback_target(registry)
                continue
            stack.pop()
            assert rollback_target(registry) == stack[-1]
            activations.append(Activation(stack[-1], str(number), "", "", "rollback"))
        elif move not in stack:
            stack.append(move)
            activations.append(Activation(move, str(number), "", "", "promote"))


def test_which_model_was_live_on_a_day_has_an_answer(models: Path) -> None:
    promote(models, SECOND, alike, by="anna", why="corrections of May")
    today = datetime.now(UTC).date()
    said = CliRunner().invoke(app, ["models", "at", today.isoformat()]).output
    assert SECOND in said
    assert "anna" in said
    assert "corrections of May" in said
    before = CliRunner().invoke(app, ["models", "at", (today - timedelta(days=1)).isoformat(), "--json"])
    assert json.loads(before.output)["live"] is None


def test_the_list_of_models_says_which_is_live(models: Path) -> None:
    rows = json.loads(CliRunner().invoke(app, ["models", "list", "--json"]).output)
    assert {row["model"]: row["live"] for row in rows} == {GOOD: True, SECOND: False}


def test_a_live_model_that_this_version_cannot_read_gives_way_by_force_only(models: Path) -> None:
    manifest = models / GOOD / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace(f'"format": {FORMAT}', '"format": 1'), "utf-8")
    rows = json.loads(CliRunner().invoke(app, ["models", "list", "--json"]).output)
    assert [("format 1" in row.get("unreadable", "")) for row in rows if row["live"]] == [True]
    assert CliRunner().invoke(app, ["models", "list"]).exit_code == 0
    with pytest.raises(PromotionRefusedError, match="cannot be compared with the live feedback-nl/first"):
        promote(models, SECOND, never, by="anna", why="")
    promoted = promote(models, SECOND, never, by="anna", why="an upgrade", force=True)
    assert promoted.comparison is None
    assert promoted.activation is not None
    assert promoted.activation.forced


def test_the_commands_promote_and_roll_back(models: Path) -> None:
    promoted = CliRunner().invoke(app, ["promote", "second", "--why", "as good", "--by", "anna", "--json"])
    assert promoted.exit_code == 0, promoted.output
    outcome = json.loads(promoted.output)
    assert outcome["changed"]
    assert outcome["comparison"]["verdict"] == "no difference shown"
    assert Registry.load(models).live == SECOND
    back = CliRunner().invoke(app, ["rollback", "--why", "a drill"])
    assert back.exit_code == 0
    assert "live again" in back.output
    assert Registry.load(models).live == GOOD
