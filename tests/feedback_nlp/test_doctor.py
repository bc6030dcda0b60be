from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.commands.doctor import CHECKS_GROUP, Finding, examine
from feedback_nlp.errors import ModelAlteredError
from feedback_nlp.language import PipelineStatus
from tests.fakes import FakeAnalyzer

pytestmark = pytest.mark.usefixtures("plain_terminal")


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEEDBACK_NLP_MODELS", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # the service's store is looked for here
    return tmp_path


def found(**options: Any) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(**options)}


def with_model(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    def load(*_: object, **__: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("feedback_nlp.commands.models.load_analyzer", load)


def test_without_a_model_it_says_how_to_get_one_and_exits_with_1(models: Path) -> None:
    finding = found()["model"]
    assert (finding.state, finding.remedy) == ("broken", "feedback-nlp train")
    assert str(models) in finding.says
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "✗ model: " in result.stdout


def test_with_a_model_that_answers_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with_model(monkeypatch, FakeAnalyzer())
    finding = found()["model"]
    assert finding.state == "ok"
    assert "bereikbaarheid -0.90, empathie +0.90" in finding.says
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0


def test_an_altered_model_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    with_model(monkeypatch, ModelAlteredError("reader.joblib differs"))
    finding = found()["model"]
    assert (finding.state, finding.says) == ("broken", "reader.joblib differs")


def test_a_check_that_fails_unexpectedly_is_a_finding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with_model(monkeypatch, RuntimeError("disk on fire"))
    findings = found()
    assert (findings["model"].state, findings["model"].says) == ("broken", "disk on fire")
    assert "models folder" in findings


def test_a_faulty_taxonomy_of_ones_own_is_broken_and_the_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('name = "ours"\nversion = ""\n')
    finding = found(taxonomy=path)["taxonomy"]
    assert finding.state == "broken"
    assert "version: must be a non-empty string, got ''" in finding.says


@pytest.mark.parametrize(("installed", "state"), [(False, "note"), (True, "ok")])
def test_the_trained_dutch_pipeline_is_optional(
    monkeypatch: pytest.MonkeyPatch, installed: bool, state: str
) -> None:
    status = PipelineStatus(installed=installed, version="3.8.0" if installed else None)
    monkeypatch.setattr("feedback_nlp.language.pipeline_status", lambda: status)
    monkeypatch.setattr("feedback_nlp.language.trained_pipeline", lambda: object())
    finding = found()["Dutch pipeline"]
    assert finding.state == state
    assert (finding.remedy == "make spacy-model") == (not installed)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version

    def without_spacy(name: str) -> str:
        if name == "spacy":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("feedback_nlp.commands.doctor.metadata.version", without_spacy)
    assert found()["missing libraries"].says == "spacy"


def test_an_encoder_folder_that_cannot_be_loaded_is_broken(models: Path) -> None:
    (models / "encoder" / "1").mkdir(parents=True)
    (models / "encoder" / "1" / "manifest.json").write_text("{}")
    assert found()["encoder"].state == "broken"


def test_without_an_encoder_there_is_only_a_note() -> None:
    assert found()["encoder"].state == "note"


def test_json_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with_model(monkeypatch, FakeAnalyzer())
    result = CliRunner().invoke(app, ["doctor", "--json"])
    read = {one["name"]: one for one in json.loads(result.stdout)}
    assert read["model"]["state"] == "ok"
    assert read.keys() == found().keys()


def with_checks(monkeypatch: pytest.MonkeyPatch, check: Callable[[], Iterator[Finding]]) -> None:
    monkeypatch.setattr("tests.feedback_nlp.test_doctor.added_check", check, raising=False)
    entry = metadata.EntryPoint("theirs", "tests.feedback_nlp.test_doctor:added_check", CHECKS_GROUP)
    monkeypatch.setattr(
        "feedback_nlp.commands.doctor.metadata.entry_points", lambda group: metadata.EntryPoints([entry])
    )


def test_the_service_tells_of_its_store_without_the_library_knowing_it() -> None:
    store = found()["store"]
    assert store.state == "note"
    assert "feedback.db does not exist yet" in store.says


def test_another_package_adds_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    with_checks(monkeypatch, lambda: iter([Finding("printer", "broken", "out of paper", "add some")]))
    assert found()["printer"].remedy == "add some"
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 1


def test_checks_that_fail_are_a_finding_and_what_they_found_before_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def check() -> Iterator[Finding]:
        yield Finding("printer", "ok", "prints")
        raise RuntimeError("on fire")

    with_checks(monkeypatch, check)
    assert found()["printer"].state == "ok"
    assert (found()["theirs"].state, found()["theirs"].says) == ("broken", "its checks failed: on fire")
