from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from training.adapt import command

APP = typer.Typer()
APP.command()(command.adapt)


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else found(name))

    result = CliRunner().invoke(APP, ["nl-9", "--out", str(tmp_path), "--work", str(tmp_path / "work")])

    assert result.exit_code == 2
    assert "torch" in result.output
    assert "[adapt]" in result.output
    assert not (tmp_path / "work").exists()


def test_an_encoder_is_never_overwritten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "EXTRA", ())
    (tmp_path / "nl-1").mkdir()
    (tmp_path / "nl-1" / "manifest.json").write_text("{}", encoding="utf-8")

    result = CliRunner().invoke(APP, ["nl-1", "--out", str(tmp_path), "--work", str(tmp_path / "work")])

    assert result.exit_code == 2
    assert "exists already" in result.output


def test_a_number_of_layers_that_does_not_divide_the_model_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "EXTRA", ())

    result = CliRunner().invoke(APP, ["nl-9", "--layers", "5", "--out", str(tmp_path)])

    assert result.exit_code == 2
    assert "got 5" in result.output


def test_help_shows_an_example() -> None:
    result = CliRunner().invoke(APP, ["--help"])

    assert result.exit_code == 0
    assert "feedback-nlp adapt nl-2" in result.output
