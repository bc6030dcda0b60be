"""What the tests of training share: a folder of models that a test may change, and models that are worse on purpose."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from feedback_nlp.registry import Registry
from training.corpus import CORPUS, LabelledItem, load_corpus
from training.splits import is_test
from training.train import TrainingConfig, TrainingRun, train

Corrupt = Callable[[Sequence[LabelledItem]], list[LabelledItem]]


def shuffled_labels(items: Sequence[LabelledItem]) -> list[LabelledItem]:
    """Every item with the labels of another one."""
    order = np.random.default_rng(1).permutation(len(items))
    return [
        replace(
            items[other],
            id=item.id,
            text=item.text,
            evidence={},
            domain=item.domain,
            themes=items[other].themes,
        )
        for item, other in zip(items, order, strict=True)
    ]


def one_theme_spoiled(items: Sequence[LabelledItem], theme: str = "bereikbaarheid") -> list[LabelledItem]:
    """One theme's labels given to other items; everything else as it was."""
    order = np.random.default_rng(2).permutation(len(items))
    return [
        replace(
            item,
            themes={code: value for code, value in item.themes.items() if code != theme}
            | ({theme: items[other].themes[theme]} if theme in items[other].themes else {}),
            evidence={code: value for code, value in item.evidence.items() if code != theme},
        )
        for item, other in zip(items, order, strict=True)
    ]


@pytest.fixture(scope="session")
def some_items() -> list[LabelledItem]:
    """The items the small model was trained on, test split included."""
    return load_corpus(CORPUS)[::12]


@pytest.fixture(scope="session")
def test_items() -> list[LabelledItem]:
    """A third of the frozen test split."""
    return [item for item in load_corpus(CORPUS) if is_test(item.id)][::3]


@pytest.fixture(scope="session")
def worse_models(
    small_model: TrainingRun, some_items: list[LabelledItem], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder of models: `good` (live), `shuffled` and `spoiled`."""
    models = tmp_path_factory.mktemp("worse")
    shutil.copytree(small_model.folder, models / "feedback-nl" / "good")
    corruptions: dict[str, Corrupt] = {"shuffled": shuffled_labels, "spoiled": one_theme_spoiled}
    for name, corrupt in corruptions.items():
        train(corrupt(some_items), models, config=TrainingConfig(n_jobs=1), out=models / "feedback-nl" / name)
    Registry.load(models).activate("feedback-nl/good", by="tests", why="", action="first")
    return models


@pytest.fixture
def models(small_model: TrainingRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models with the small one, live as `first`, and its copy `second`; a test may change it."""
    folder = tmp_path / "models"
    shutil.copytree(small_model.folder, folder / "feedback-nl" / "first")
    shutil.copytree(small_model.folder, folder / "feedback-nl" / "second")
    Registry.load(folder).activate("feedback-nl/first", by="tests", why="", action="first")
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(folder))
    return folder
