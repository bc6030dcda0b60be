from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedback_nlp.errors import ModelMismatchError, ModelMissingError
from feedback_nlp.registry import Registry, default_models_folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("feedback-nl/2", "feedback-nl/10", "encoder/5", "ours/1", "feedback-nl/.half-done"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.json").write_text("{}")
    return tmp_path


def first(models: Path) -> Registry:
    return Registry.load(models).activate("feedback-nl/2", by="Ada", why="the first", action="first")


def test_where_nothing_was_activated_nothing_is_live(tmp_path: Path) -> None:
    registry = Registry.load(tmp_path)
    assert registry.live is None
    with pytest.raises(ModelMissingError, match="no model is live yet; train one with `feedback-nlp train`"):
        registry.live_folder()


def test_what_was_put_live_last_is_live_and_all_before_is_remembered(models: Path) -> None:
    first(models).activate("ours/1", by="Bo", why="better", action="promote", forced=True)
    again = Registry.load(models)
    assert again.live == "ours/1"
    assert again.live_folder() == models / "ours" / "1"
    assert [
        (entry.model, entry.by, entry.why, entry.action, entry.forced) for entry in again.activations
    ] == [
        ("feedback-nl/2", "Ada", "the first", "first", False),
        ("ours/1", "Bo", "better", "promote", True),
    ]


def test_what_was_live_at_a_moment(models: Path) -> None:
    registry = first(models).activate("ours/1", by="Bo", why="better", action="promote")
    start, change = (datetime.fromisoformat(entry.at) for entry in registry.activations)
    assert registry.live_at(start - timedelta(seconds=1)) is None
    assert registry.live_at(start) == registry.activations[0]
    assert registry.live_at(change + timedelta(days=1)) == registry.activations[1]
    assert abs(datetime.now(UTC) - change) < timedelta(minutes=1)


def test_models_are_listed_without_encoders_and_unfinished_ones(models: Path) -> None:
    assert list(Registry(models).models()) == ["feedback-nl/10", "feedback-nl/2", "ours/1"]


def test_a_model_that_is_not_there_cannot_be_put_live(models: Path) -> None:
    registry = first(models)
    before = (models / "registry.json").read_bytes()
    with pytest.raises(ModelMissingError, match="ours/7: no such model"):
        registry.activate("ours/7", by="Bo", why="better", action="promote")
    assert (models / "registry.json").read_bytes() == before


def test_a_live_model_whose_folder_is_gone_is_told(models: Path) -> None:
    registry = first(models)
    (models / "feedback-nl" / "2").rename(models / "elsewhere")
    with pytest.raises(ModelMissingError, match="the live model's folder is gone"):
        registry.live_folder()


def test_an_activation_that_fails_halfway_leaves_the_old_one_whole(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = first(models)
    before = sorted(path.name for path in models.iterdir())

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        registry.activate("ours/1", by="Bo", why="better", action="promote")
    assert Registry.load(models).live == "feedback-nl/2"
    assert sorted(path.name for path in models.iterdir()) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "not a readable registry"),
        (b"[]", "not a readable registry"),
        (b"\xff", "cannot be read"),
        (b'{"schema": 1, "activations": [{"model": "a/1"}]}', "not a readable registry"),
        (b'{"schema": 1, "activations": 7}', "not a readable registry"),
        (b'{"schema": 9, "activations": []}', r"schema 9 is not the one this version reads \(1\)"),
    ],
)
def test_a_registry_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "registry.json").write_bytes(content)
    with pytest.raises(ModelMismatchError, match=told):
        Registry.load(tmp_path)


def test_the_file_names_the_live_model_for_other_programs(models: Path) -> None:
    first(models)
    assert json.loads((models / "registry.json").read_text())["live"] == "feedback-nl/2"


def test_the_folder_of_models_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(tmp_path))
    assert default_models_folder() == tmp_path


def test_inside_a_project_it_is_the_projects_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEEDBACK_NLP_MODELS", raising=False)
    (tmp_path / "feedback_nlp" / "deep").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path / "feedback_nlp" / "deep")
    assert default_models_folder() == tmp_path / "models"
