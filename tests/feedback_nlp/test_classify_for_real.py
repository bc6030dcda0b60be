"""The command line with a real, small model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.commands.doctor import examine
from feedback_nlp.errors import ModelAlteredError, ModelMissingError

EXAMPLE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."


def test_the_live_model_is_found_and_shows_evidence_inside_the_text(live_model: Path) -> None:
    result = CliRunner().invoke(app, ["classify", EXAMPLE, "--json"])
    assert result.exit_code == 0, result.output
    analysis = json.loads(result.stdout)
    assert analysis["model"]["version"] == live_model.name
    by_code = {theme["code"]: theme for theme in analysis["themes"]}
    assert by_code["bereikbaarheid"]["assigned"]
    assert by_code["bereikbaarheid"]["polarity"] < 0
    words = [EXAMPLE[span["start"] : span["end"]] for span in by_code["bereikbaarheid"]["evidence"]]
    assert any("wacht" in piece for piece in words)


def test_labels_come_in_the_language_that_was_asked(live_model: Path) -> None:
    result = CliRunner().invoke(
        app, ["classify", EXAMPLE, "--json", "--language", "en", "--model", str(live_model)]
    )
    labels = {theme["code"]: theme["label"] for theme in json.loads(result.stdout)["themes"]}
    assert labels["bereikbaarheid"] != "Bereikbaarheid"


def test_a_file_and_its_bad_rows_go_through(live_model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"klantnr;opmerking;nps\n17;{EXAMPLE};3\n18;;8\n19;Prima;9\n")
    result = CliRunner().invoke(app, ["classify", str(source), "--id-column", "klantnr", "--out", str(out)])
    assert result.exit_code == 1, result.output
    header, *lines = out.read_bytes().decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == ["17", "18", "19"]
    assert "bereikbaarheid_score" in header
    assert "text is empty" in lines[1]


def test_the_doctor_is_content(live_model: Path) -> None:
    broken = [finding for finding in examine() if finding.state == "broken"]
    assert broken == []


def test_an_altered_model_is_refused(live_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "altered"
    shutil.copytree(live_model, folder)
    victim = next(iter(folder.glob("*.joblib")))
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    result = CliRunner().invoke(app, ["classify", "hoi", "--model", str(folder)])
    assert isinstance(result.exception, ModelAlteredError)
    assert victim.name in str(result.exception)


def test_a_missing_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(tmp_path))
    result = CliRunner().invoke(app, ["classify", "hoi"])
    assert isinstance(result.exception, ModelMissingError)
    assert "feedback-nlp train" in str(result.exception)
