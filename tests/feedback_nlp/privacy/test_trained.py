from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import spacy
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.language import PIPELINE_NAME, pipeline_status
from feedback_nlp.privacy import Redactor
from feedback_nlp.privacy.trained import PipelineNames, installed_names

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

TEXT = "👍🏽 Zefanja Uittenbroeck van Ziggo hielp mij, en Bloemendaal is mooi."


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    """A real spaCy pipeline that knows two people and a company, and has a part that finds no names."""
    nlp = spacy.blank("nl")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns(  # type: ignore[attr-defined]
        [
            {"label": "PERSON", "pattern": "Zefanja Uittenbroeck"},
            {"label": "PERSON", "pattern": "Ziggo"},
            {"label": "GPE", "pattern": "Bloemendaal"},
        ]
    )
    return nlp


def test_only_people_are_taken_and_placed_in_code_points(pipeline: Pipeline) -> None:
    names = [TEXT[start:end] for start, end in PipelineNames(pipeline)(TEXT)]
    assert names == ["Zefanja Uittenbroeck", "Ziggo"]


def test_a_redactor_with_it_finds_more_and_still_leaves_companies(pipeline: Pipeline) -> None:
    redacted = Redactor(names=PipelineNames(pipeline)).redact(TEXT).text
    assert redacted == "👍🏽 [NAAM] van Ziggo hielp mij, en Bloemendaal is mooi."
    assert Redactor.default().redact(TEXT).text == TEXT


@pytest.mark.parametrize("text", ["", "\ud800 Zefanja Uittenbroeck", "a" * 1_000_001])
def test_any_text_is_taken(pipeline: Pipeline, text: str) -> None:
    assert len(list(PipelineNames(pipeline)(text))) == text.count("Zefanja")


def test_threads_share_it(pipeline: Pipeline) -> None:
    names = PipelineNames(pipeline)
    with ThreadPoolExecutor(4) as pool:
        assert {tuple(found) for found in pool.map(names, [TEXT] * 40)} == {tuple(names(TEXT))}


def test_the_command_adds_them_when_asked(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback_nlp.language.trained_pipeline", lambda: pipeline)
    assert CliRunner().invoke(app, ["redact", TEXT]).stdout.strip() == TEXT
    assert "[NAAM] van Ziggo" in CliRunner().invoke(app, ["redact", "--trained-names", TEXT]).stdout


def test_asked_for_but_not_installed_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedback_nlp.language.trained_pipeline", lambda: None)
    assert installed_names() is None
    result = CliRunner().invoke(app, ["redact", "--trained-names", TEXT])
    assert result.exit_code == 2
    assert "make spacy-model" in result.output


@pytest.mark.skipif(not pipeline_status().installed, reason=f"{PIPELINE_NAME} is not installed")
def test_the_installed_pipeline_finds_a_plain_name() -> None:
    names = installed_names()
    assert names is not None
    text = "Gisteren sprak ik met Willem Bakker in Utrecht."
    assert "Willem Bakker" in [text[start:end] for start, end in names(text)]
