from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedback_nlp.artifacts import FORMAT
from feedback_nlp.cli import app
from feedback_nlp.errors import ModelMissingError
from feedback_nlp.registry import Registry
from training.commands.naming import model_name
from training.train import TrainingRun


@pytest.fixture
def after_an_upgrade(small_model: TrainingRun, tmp_path: Path) -> Path:
    """A folder whose live model is of an earlier format, with one that was trained since."""
    models = tmp_path / "models"
    shutil.copytree(small_model.folder.parents[1], models)
    live = Registry.load(models).live_folder()
    shutil.copytree(live, live.with_name("20990101-000000"))
    manifest = live / "manifest.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace(f'"format": {FORMAT}', '"format": 1'), encoding="utf-8"
    )
    return models


def test_the_newest_model_is_the_newest_that_can_be_read(after_an_upgrade: Path) -> None:
    assert model_name(after_an_upgrade, "newest") == "feedback-nl/20990101-000000"


def test_where_none_can_be_read_the_way_out_is_told(after_an_upgrade: Path) -> None:
    shutil.rmtree(after_an_upgrade / "feedback-nl/20990101-000000")
    with pytest.raises(
        ModelMissingError, match="none of its 1 models can be read by this version; train one"
    ):
        model_name(after_an_upgrade, "newest")


def test_a_model_takes_the_place_of_a_live_one_of_another_version(after_an_upgrade: Path) -> None:
    arguments = ["promote", "newest", "--force", "--why", "an upgrade", "--models", str(after_an_upgrade)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output + str(result.exception)
    assert Registry.load(after_an_upgrade).live == "feedback-nl/20990101-000000"
