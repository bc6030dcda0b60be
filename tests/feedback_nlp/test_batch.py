from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.batch import classify_rows, item_from_row
from feedback_nlp.records import FeedbackItem
from feedback_nlp.tables import Row
from tests.fakes import FakeAnalyzer


def row(number: int, text: str | None, error: str | None = None, **fields: Any) -> Row:
    return Row(number, str(number), text, fields, error)


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(["", " ", "in de wacht", "heel begripvol", "x" * 20_001]))),
    st.integers(1, 5),
)
def test_every_row_has_its_outcome_in_order_whatever_fails(texts: list[str | None], chunk: int) -> None:
    rows = [row(n, text, None if text is not None else "broken") for n, text in enumerate(texts, start=1)]
    outcomes = list(classify_rows(FakeAnalyzer(), rows, chunk=chunk))
    assert [outcome.row for outcome in outcomes] == rows
    for outcome in outcomes:
        good = outcome.row.text in ("in de wacht", "heel begripvol")
        assert (outcome.analysis is not None) == good
        assert (outcome.error is None) == good
        assert outcome.to_dict()["id"] == outcome.row.id
        if not good:
            assert outcome.to_dict() == {
                "id": outcome.row.id,
                "error": outcome.error,
                "row": outcome.row.number,
            }


def test_no_more_than_a_chunk_is_in_hand_at_once() -> None:
    analyzer = FakeAnalyzer()
    taken = 0

    def rows() -> Any:
        nonlocal taken
        for number in range(1, 101):
            taken = number
            yield row(number, "in de wacht")

    for done, _ in enumerate(classify_rows(analyzer, rows(), chunk=10), start=1):
        assert taken - done < 10
    assert analyzer.batches == [10] * 10


def test_given_scores_are_handed_on_however_they_are_written() -> None:
    item = item_from_row(row(1, "hoi", NPS="9", cas=7.0, Ces=" 6,5 "))
    assert item == FeedbackItem("hoi", id="1", nps=9, cas=7, ces=6.5)


@pytest.mark.parametrize("value", [None, "", " ", "nvt", "N.v.t.", "-", "weet niet", float("nan")])
def test_a_score_that_was_not_given_is_none(value: object) -> None:
    assert item_from_row(row(1, "hoi", nps=value)) == FeedbackItem("hoi", id="1")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("nps", "11", "nps must be 0-10, got 11"),
        ("nps", -1, "nps must be 0-10, got -1"),
        ("ces", "0", "ces must be 1-7, got 0"),
        ("cas", "heel hoog", "cas must be 0-10, got heel hoog"),
        ("nps", True, "nps must be 0-10, got True"),
        ("nps", [9], "nps must be 0-10, got [9]"),
        ("nps", float("inf"), "nps must be 0-10, got inf"),
    ],
)
def test_an_impossible_score_is_shown(field: str, value: object, says: str) -> None:
    assert item_from_row(row(1, "hoi", **{field: value})) == says
