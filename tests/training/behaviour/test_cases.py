from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from feedback_nlp.errors import CorpusError
from training.behaviour.cases import DirectionCase, FunctionalityCase, InvarianceCase, load_cases

GOOD: dict[str, Any] = {
    "id": "short-answer-900",
    "group": "robustness",
    "capability": "short_answer",
    "type": "MFT",
    "text": "Rap geregeld",
    "expect": {"themes": {"snelheid": 1}},
}


def _file(folder: Path, *rows: dict[str, Any] | str) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def test_a_functionality_case_is_read(tmp_path: Path) -> None:
    (case,) = load_cases(_file(tmp_path, GOOD))
    assert isinstance(case, FunctionalityCase)
    assert case.texts == ("Rap geregeld",)
    assert case.expect.themes == {"snelheid": 1}


def test_an_invariance_case_yields_its_text_before_its_variants(tmp_path: Path) -> None:
    row = {key: value for key, value in GOOD.items() if key != "expect"}
    row |= {"type": "INV", "variants": ["rap geregeld", "Rap geregeld!"], "same": ["themes"]}
    (case,) = load_cases(_file(tmp_path, row))
    assert isinstance(case, InvarianceCase)
    assert case.texts == ("Rap geregeld", "rap geregeld", "Rap geregeld!")


def test_a_direction_case_yields_both_its_texts(tmp_path: Path) -> None:
    row = {key: value for key, value in GOOD.items() if key != "expect"}
    change = {"measure": "theme:snelheid", "change": "up", "tolerance": 0.0}
    row |= {"type": "DIR", "then": "Heel rap geregeld", "directions": [change]}
    (case,) = load_cases(_file(tmp_path, row))
    assert isinstance(case, DirectionCase)
    assert case.texts == ("Rap geregeld", "Heel rap geregeld")
    assert case.then_expect is None


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    assert len(load_cases(_file(tmp_path, "", GOOD, ""))) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": "prices"}, "line 1: MFT.group"),
        ({"id": "Short Answer"}, "got 'Short Answer'"),
        ({"text": ""}, "line 1: MFT.text"),
        ({"type": "XYZ"}, "XYZ"),
        ({"colour": "red"}, "line 1: MFT.colour"),
        ({"expect": {}}, "must expect something"),
        ({"expect": {"themes": {"snelheid": 2}}}, "got 2"),
        ({"expect": {"themes": {"vlotheid": 1}}}, "'vlotheid' is no theme"),
        ({"expect": {"absent": ["vlotheid"]}}, "'vlotheid' is no theme"),
        ({"expect": {"signals": ["boos"]}}, "'boos' is no signal"),
        ({"expect": {"absent_signals": ["boos"]}}, "'boos' is no signal"),
        ({"expect": {"sentiment": "boos"}}, "got 'boos'"),
        ({"expect": {"themes": {"snelheid": 1}, "absent": ["snelheid"]}}, "expected and absent at once"),
        ({"expect": {"signals": ["klacht"], "absent_signals": ["klacht"]}}, "expected and absent at once"),
    ],
)
def test_a_faulty_case_is_refused_with_its_line_and_value(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        load_cases(_file(tmp_path, GOOD | change))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("direction", "message"),
    [
        ({"measure": "ces", "change": "up", "tolerance": 0.0}, "got 'ces'"),
        ({"measure": "theme:vlotheid", "change": "up", "tolerance": 0.0}, "'vlotheid' is no theme"),
        ({"measure": "signal:boos", "change": "up", "tolerance": 0.0}, "'boos' is no signal"),
        ({"measure": "nps", "change": "sideways", "tolerance": 0.0}, "got 'sideways'"),
        ({"measure": "nps", "change": "up", "tolerance": -1.0}, "got -1.0"),
    ],
)
def test_a_faulty_direction_is_refused(tmp_path: Path, direction: dict[str, Any], message: str) -> None:
    row = {key: value for key, value in GOOD.items() if key != "expect"}
    row |= {"type": "DIR", "then": "Heel rap geregeld", "directions": [direction]}
    with pytest.raises(CorpusError) as caught:
        load_cases(_file(tmp_path, row))
    assert message in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        load_cases(_file(tmp_path, GOOD | {"group": "prices"}, "{not json", GOOD, GOOD))
    told = str(caught.value)
    assert "line 1" in told
    assert "line 2" in told
    assert "line 4: id 'short-answer-900' also stands in line 3" in told


def test_a_file_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no cases"):
        load_cases(_file(tmp_path, ""))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"absent\.jsonl: cannot be read"):
        load_cases(tmp_path / "absent.jsonl")
