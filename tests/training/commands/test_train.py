from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from feedback_nlp.artifacts import read_manifest
from feedback_nlp.cli import app
from feedback_nlp.errors import CorpusError, EncoderError, FeedbackNlpError, TaxonomyError
from feedback_nlp.registry import Registry
from training.corpus import CORPUS
from training.splits import is_test

if TYPE_CHECKING:
    from training.train import TrainingRun

pytestmark = pytest.mark.usefixtures("plain_terminal")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(CORPUS.read_text("utf-8").splitlines()[::30]) + "\n", "utf-8")
    return path


def refused(*arguments: object) -> tuple[BaseException | None, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code != 0
    return result.exception, result.output


def test_the_first_model_is_put_live_and_its_figures_are_told(data: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    result = CliRunner().invoke(
        app, ["train", "--data", str(data), "--models", str(models), "--profile", "fast", "--jobs", "1"]
    )
    assert result.exit_code == 0, result.output
    folder = Registry.load(models).live_folder()
    assert str(folder) in result.stdout
    assert "macro-F1 over themes: " in result.stdout
    assert "bereikbaarheid" in result.stdout
    assert "recall at precision 0.5" in result.stdout
    assert "on your own feedback figures will be lower" in result.stdout
    written = {path.name for path in folder.iterdir()}
    assert written >= {"reader.joblib", "estimators.joblib", "metrics.json", "README.md"}
    assert written == {"manifest.json", *read_manifest(folder).files}

    exception, _ = refused("train", "--data", data, "--models", models, "--profile", "fast", "--out", folder)
    assert isinstance(exception, FeedbackNlpError)
    assert "exists already; choose another folder with --out" in str(exception)


def test_faulty_data_stop_it_before_anything_is_made(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"id": 1}\n{\n')
    exception, _ = refused("train", "--data", path, "--models", tmp_path / "models", "--profile", "fast")
    assert isinstance(exception, CorpusError)
    assert "own.jsonl:1: text: is missing" in str(exception)
    assert "own.jsonl:2: not a line of JSON" in str(exception)
    assert not (tmp_path / "models").exists()


def test_a_faulty_taxonomy_stops_it_and_the_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('name = "ours"\nversion = "1"\nthemes = 3\n')
    exception, _ = refused("train", "--taxonomy", path, "--models", tmp_path)
    assert isinstance(exception, TaxonomyError)
    assert f"{path}: " in str(exception)
    assert "themes: must be a non-empty list of tables, got 3" in str(exception)


def test_the_accurate_profile_without_an_encoder_is_refused(data: Path, tmp_path: Path) -> None:
    exception, _ = refused("train", "--data", data, "--models", tmp_path, "--profile", "accurate")
    assert isinstance(exception, EncoderError)
    assert "use --profile fast" in str(exception)


def test_an_unknown_profile_is_named() -> None:
    _, output = refused("train", "--profile", "snel")
    assert "must be auto, accurate or fast, got 'snel'" in output


def test_a_model_is_judged_on_data_of_ones_own(data: Path, small_model: TrainingRun) -> None:
    result = CliRunner().invoke(
        app, ["evaluate", str(small_model.folder), "--data", str(data), "--json", "--jobs", "1"]
    )
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["items"] == len(data.read_text("utf-8").splitlines())
    assert 0 < figures["macro_f1"]["value"] <= 1
    assert all(0 <= row["recall_at_precision"] <= 1 for row in figures["signals"].values())


def test_corrections_with_gaps_can_judge_a_model_and_what_was_filled_is_said(
    data: Path, tmp_path: Path, small_model: TrainingRun
) -> None:
    rows = [json.loads(line) | {"nps": None, "domain": None} for line in data.read_text("utf-8").splitlines()]
    path = tmp_path / "corrections.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    result = CliRunner().invoke(
        app, ["evaluate", str(small_model.folder), "--data", str(path), "--jobs", "1"]
    )
    assert result.exit_code == 0, result.output
    assert f"{len(rows)} answers that were not given are filled" in result.stdout
    assert "NPS answer, mean error: " in result.stdout
    assert "expected calibration error: " in result.stdout


@pytest.mark.usefixtures("live_model")
def test_without_data_the_live_model_is_judged_on_the_test_split() -> None:
    result = CliRunner().invoke(app, ["evaluate", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    ids = [json.loads(line)["id"] for line in CORPUS.read_text("utf-8").splitlines()]
    assert f"{sum(map(is_test, ids)):,} items" in result.stdout
    assert "macro-F1 over themes: " in result.stdout
