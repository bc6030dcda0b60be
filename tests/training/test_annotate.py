from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.errors import CorpusError
from feedback_nlp.taxonomy import Taxonomy
from tests.fakes import FakeAnalyzer
from training.annotate import RESERVED, Session, Tally, theme_keys
from training.annotations import append_annotation, read_annotations
from training.sources import load_labelled

ITEMS = [
    {"id": "1", "text": "Lang in de wacht gestaan", "nps": 3},
    {"id": "2", "text": "Heel vriendelijk"},
    {"id": "3", "text": "Prima"},
]
KEY = {code: key for key, code in theme_keys(Taxonomy.default()).items()}


def session(
    out: Path, keys: str, annotator: str = "anna", items: list[Mapping[str, Any]] | None = None
) -> Tally:
    analyzer = FakeAnalyzer()
    pressed: Iterator[str] = iter(keys)
    return Session(
        ITEMS if items is None else items, out, annotator, analyzer.taxonomy, analyzer.analyze,
        lambda: next(pressed), lambda *_: None,
    ).run()  # fmt: skip


def labels(out: Path) -> dict[str, dict[str, int]]:
    return {one.id: dict(one.themes) for one in read_annotations(out)}


def test_enter_takes_the_model_s_proposal(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    tally = session(out, "\r\r\r")
    assert labels(out) == {"1": {"bereikbaarheid": -1}, "2": {"empathie": 1}, "3": {}}
    assert (tally.saved, tally.changed, tally.left) == (3, 0, 0)


def test_a_theme_s_key_goes_round_from_absent_over_three_polarities(tmp_path: Path) -> None:
    key = KEY["kosten"]
    for presses, polarity in ((1, -1), (2, 1), (3, 0), (4, None)):
        out = tmp_path / f"{presses}.jsonl"
        session(out, key * presses + "\rq")
        assert labels(out)["1"].get("kosten") == polarity


def test_a_stopped_session_goes_on_where_it_was(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    assert session(out, "\rq").left == 2
    assert session(out, "\r\r").left == 0
    assert list(labels(out)) == ["1", "2", "3"]
    assert session(out, "").saved == 0


def test_two_people_answer_for_themselves_in_one_file(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    session(out, "\r\r\r", "anna")
    session(out, "\r\r\r", "bert")
    assert len(read_annotations(out)) == 6


def test_going_back_lets_an_answer_be_given_again(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    session(out, "\ru" + KEY["kosten"] + "\rq")
    assert labels(out) == {"1": {"bereikbaarheid": -1, "kosten": -1}}


def test_what_is_skipped_stays_to_be_done(tmp_path: Path) -> None:
    assert session(tmp_path / "a.jsonl", "s\r\r").left == 1


def test_no_theme_s_key_is_one_that_does_something_else() -> None:
    assert not set(theme_keys(Taxonomy.default())) & set(RESERVED)


def test_answers_can_be_trained_on(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    session(out, "+1\r\r\r")
    first = load_labelled([out], Taxonomy.default()).items[0]
    assert (first.nps, first.signals) == (3, (Taxonomy.default().signal_codes[0],))


def test_an_answer_cut_off_by_a_crash_is_passed_over_and_mended(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    session(out, "\rq")
    with out.open("ab") as file:
        file.write(b'{"id": "2", "annot')
    assert list(labels(out)) == ["1"]
    append_annotation(out, {"id": "3", "annotator": "anna", "at": "", "themes": {}})
    assert list(labels(out)) == ["1", "3"]
    assert all(json.loads(line) for line in out.read_text("utf-8").splitlines())


def test_a_line_that_is_no_annotation_is_named(tmp_path: Path) -> None:
    out = tmp_path / "a.jsonl"
    out.write_text("{}\n{}\n")
    with pytest.raises(CorpusError, match=r"a\.jsonl:1"):
        read_annotations(out)


def test_the_command_labels_with_single_keys(tmp_path: Path, models: Path) -> None:
    todo, out = tmp_path / "todo.jsonl", tmp_path / "anna.jsonl"
    todo.write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    arguments = ["annotate", str(todo), "--out", str(out), "--annotator", "anna", "--json"]
    result = CliRunner().invoke(app, arguments, input="\rq")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.strip().splitlines()[-1])["left"] == 2
    assert [one.id for one in read_annotations(out)] == ["1"]
