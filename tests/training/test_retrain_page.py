"""`docs/retrain.md`, executed from the top to the bottom."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.registry import Registry
from training.corpus import CORPUS, LabelledItem
from training.splits import is_test

PAGE = Path(__file__).resolve().parents[2] / "docs" / "retrain.md"


def commands() -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line]


@pytest.fixture
def desk(
    tmp_path: Path, models: Path, some_items: list[LabelledItem], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder as the analyst has it: an export and corrections, and a corpus small enough for a test."""
    with (tmp_path / "may.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["id", "Toelichting", "Cijfer", "Datum"])
        for place, item in enumerate(some_items[:120]):
            writer.writerow([place, item.text, item.nps, "2026-05-04"])
    lines = CORPUS.read_text("utf-8").splitlines()
    corrections = [
        json.loads(line) | {"id": f"feedback-{n}", "nps": None} for n, line in enumerate(lines[5:1200:12])
    ]
    (tmp_path / "corrections.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in corrections), "utf-8"
    )
    small = tmp_path / "corpus.jsonl"
    small.write_text("\n".join(lines[::12]) + "\n", "utf-8")
    monkeypatch.setattr("training.corpus.CORPUS", small)
    monkeypatch.setattr("training.corpus.LABELLED", (small,))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_has_ten_commands() -> None:
    assert [words[1] for words in commands()] == [
        "import", "suggest", "annotate", "audit", "train", "compare", "report", "thresholds", "promote", "models",
    ]  # fmt: skip


def test_the_page_leads_from_an_export_to_a_promoted_model(desk: Path, models: Path) -> None:
    runner = CliRunner()
    for words in commands():
        assert words[0] == "feedback-nlp"
        keys = "\r" * 15 + "q" if words[1] == "annotate" else None
        result = runner.invoke(app, words[1:], input=keys)
        assert result.exit_code == 0, (shlex.join(words), result.output, result.exception)
    assert len((desk / "anna.jsonl").read_text("utf-8").splitlines()) == 15
    live = Registry.load(models).live
    assert live not in (None, "feedback-nl/first", "feedback-nl/second")
    manifest = json.loads((models / str(live) / "manifest.json").read_text("utf-8"))
    sources = manifest["training"]["sources"]
    assert sources["weights"] == {"corpus": 1.0, "corrections": 2.0, "anna": 1.0}
    assert sources["counts"]["anna"] == 15
    assert sources["filled_answers"] > 0
    tested = [
        row
        for row in (desk / "corrections.jsonl").read_text("utf-8").splitlines()
        if is_test(json.loads(row)["id"])
    ]
    assert manifest["training"]["test_items"] >= len(tested) > 0
