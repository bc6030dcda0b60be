"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes import FakeAnalyzer

if TYPE_CHECKING:
    from training.train import TrainingRun

settings.register_profile(
    "default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def fake_analyzer() -> FakeAnalyzer:
    return FakeAnalyzer()


@pytest.fixture
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide, without colours, so that help and results can be read by a test."""
    for name in ("FORCE_COLOR", "PY_COLORS", "CLICOLOR_FORCE", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    """A real model, trained once a run on every twelfth item of the corpus: quick, and good enough to be plainly right.

    Its folder is `small_model.folder`, in a folder of models whose registry says it is live.
    """
    from feedback_nlp.registry import Registry
    from training.corpus import CORPUS, load_corpus
    from training.train import TrainingConfig, train

    models = tmp_path_factory.mktemp("models")
    run = train(load_corpus(CORPUS)[::12], models, config=TrainingConfig(profile="fast", n_jobs=1))
    name = run.folder.relative_to(models).as_posix()
    Registry.load(models).activate(name, by="tests", why="the first model", action="first")
    return run


@pytest.fixture
def live_model(small_model: TrainingRun, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the small model, which is the live one for everything that a test calls."""
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(small_model.folder.parents[1]))
    return small_model.folder
