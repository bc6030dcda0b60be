from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from feedback_nlp.batch import Outcome, classify_rows
from feedback_nlp.sinks import CsvSink, JsonLinesSink
from feedback_nlp.tables import Row, read_rows
from feedback_nlp.taxonomy import Taxonomy
from tests.fakes import FakeAnalyzer


def outcomes(*rows: Row) -> list[Outcome]:
    return list(classify_rows(FakeAnalyzer(), rows))


def table(*rows: Row) -> list[dict[str, Any]]:
    stream = io.BytesIO()
    columns = list(dict.fromkeys(name for row in rows for name in row.fields))
    sink = CsvSink(stream, columns, Taxonomy.default().theme_codes)
    for outcome in outcomes(*rows):
        sink.write(outcome)
    sink.close()
    return list(csv.DictReader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline=""), delimiter=";"))


def test_json_lines_hold_one_analysis_or_error_a_line() -> None:
    stream = io.BytesIO()
    sink = JsonLinesSink(stream)
    good, bad = outcomes(Row(1, "a", "één\nmaal in de wacht"), Row(2, "b", None, {}, "kapot"))
    sink.write(good)
    sink.write(bad)
    first, second = map(json.loads, stream.getvalue().decode().splitlines())
    assert good.analysis is not None
    assert first == good.analysis.to_dict()
    assert second == {"id": "b", "error": "kapot", "row": 2}


def test_a_table_keeps_the_given_columns_and_adds_every_theme() -> None:
    bad, good = table(
        Row(1, "a", None, {"datum": "1 mei", "nps": ""}, "kapot"),
        Row(2, "b", "in de wacht, wel begripvol", {"datum": "2 mei", "nps": "4"}),
    )
    assert (bad["id"], bad["error"], bad["datum"], bad["themes"]) == ("a", "kapot", "1 mei", "")
    assert (good["error"], good["datum"], good["nps"]) == ("", "2 mei", "4")
    assert good["themes"] == "bereikbaarheid- empathie+"
    assert good["text"] == "in de wacht, wel begripvol"
    assert (good["bereikbaarheid_score"], good["bereikbaarheid_polarity"]) == ("0.95", "-0.9")
    assert {f"{code}_score" for code in Taxonomy.default().theme_codes} <= good.keys()


def test_given_columns_that_bear_a_results_name_are_renamed() -> None:
    (row,) = table(Row(1, "a", "in de wacht", {"sentiment": "mijn eigen", "error": "ook"}))
    assert (row["input sentiment"], row["input error"], row["sentiment_label"]) == (
        "mijn eigen",
        "ook",
        "negatief",
    )


def test_a_table_without_any_success_still_says_why() -> None:
    rows = table(*(Row(n, str(n), None, {"datum": "nu"}, "kapot") for n in range(1, 400)))
    assert [row["error"] for row in rows] == ["kapot"] * 399


def test_no_rows_make_an_empty_file() -> None:
    assert table() == []


@pytest.mark.parametrize("text", ["=1+1 wacht", "+31 wacht", "-wacht", "@wacht", "\twacht"])
def test_a_text_cannot_become_a_formula(text: str) -> None:
    (row,) = table(Row(1, "a", text, {"rest": text, "getal": "-3,5"}))
    assert (row["text"], row["rest"], row["getal"]) == ("'" + text, "'" + text, "-3,5")


def test_what_was_written_can_be_read_again() -> None:
    stream = io.BytesIO()
    sink = CsvSink(stream, [], Taxonomy.default().theme_codes)
    texts = ["in de wacht; lang", 'zei "nee", begripvol', "twee\nregels wacht"]
    for outcome in outcomes(*(Row(n, f"k{n}", text) for n, text in enumerate(texts))):
        sink.write(outcome)
    stream.seek(0)
    assert [(row.id, row.text) for row in read_rows(stream)] == [
        (f"k{n}", text) for n, text in enumerate(texts)
    ]
