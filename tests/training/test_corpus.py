from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.errors import CorpusError
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import load_corpus, to_arrays

TAXONOMY = Taxonomy.default()
ROW: dict[str, Any] = {
    "id": "t-1",
    "text": "Lang gewacht, maar heel begripvol geholpen.",
    "themes": {"bereikbaarheid": -1, "empathie": 1},
    "evidence": {"bereikbaarheid": ["Lang gewacht"], "empathie": ["begripvol"]},
    "sentiment": 0,
    "nps": 7,
    "cas": 7,
    "ces": None,
    "signals": ["klacht"],
    "kind": "survey",
    "domain": "zorg",
    "journey": TAXONOMY.journeys[0].code,
    "channel": TAXONOMY.channels[0].code,
    "segment": TAXONOMY.segments[0].code,
}


def written(folder: Path, *rows: dict[str, Any] | bytes, name: str = "own.jsonl") -> Path:
    path = folder / name
    path.write_bytes(
        b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"\n"
    )
    return path


def faults(path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        load_corpus(path)
    return str(caught.value)


def test_a_row_becomes_an_item(tmp_path: Path) -> None:
    [item] = load_corpus(written(tmp_path, ROW))
    assert (item.id, item.themes, item.ces, item.weight) == ("t-1", ROW["themes"], None, 1.0)
    assert item.evidence == {"bereikbaarheid": ("Lang gewacht",), "empathie": ("begripvol",)}


def test_bom_blank_lines_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    line = json.dumps(ROW).encode()
    path = tmp_path / "own.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n" + line.replace(b"t-1", b"t-2") + b"\r\n")
    assert [item.id for item in load_corpus(path)] == ["t-1", "t-2"]


def test_several_files_are_one_corpus(tmp_path: Path) -> None:
    paths = [written(tmp_path, {**ROW, "id": name}, name=f"{name}.jsonl") for name in ("a", "b")]
    assert [item.id for item in load_corpus(paths)] == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": ""}, "id: must be a non-empty string, got ''"),
        ({"text": 5, "evidence": {}}, "text: must be a non-empty string, got 5"),
        ({"text": "half \ud800", "evidence": {}}, "text: holds half of a surrogate pair"),
        ({"themes": ["empathie"], "evidence": {}}, "themes: must map theme codes to -1, 0 or 1"),
        ({"themes": {"parkeren": 1}, "evidence": {}}, "themes: unknown theme 'parkeren'; known are"),
        ({"themes": {"empathie": 2}, "evidence": {}}, "themes.empathie: must be -1, 0 or 1, got 2"),
        ({"themes": {"empathie": True}, "evidence": {}}, "themes.empathie: must be -1, 0 or 1, got True"),
        ({"themes": {"empathie": 0.0}, "evidence": {}}, "themes.empathie: must be -1, 0 or 1, got 0.0"),
        ({"themes": {"empathie": []}, "evidence": {}}, "themes.empathie: must be -1, 0 or 1, got []"),
        ({"evidence": {"snelheid": ["gewacht"]}}, "evidence.snelheid: the item does not carry this theme"),
        ({"evidence": {"empathie": ["lief"]}}, "evidence.empathie: does not occur in the text: 'lief'"),
        ({"evidence": {"empathie": "lief"}}, "evidence.empathie: must be a list of quotes, got 'lief'"),
        ({"evidence": None}, "evidence: must map theme codes to lists of quotes, got None"),
        ({"sentiment": 3}, "sentiment: must be a whole number -2 to 2, got 3"),
        ({"nps": 11}, "nps: must be a whole number 0 to 10, got 11"),
        ({"cas": 7.5}, "cas: must be a whole number 0 to 10, got 7.5"),
        ({"ces": 0}, "ces: must be null or a whole number 1 to 7, got 0"),
        ({"signals": "klacht"}, "signals: must be a list, got 'klacht'"),
        ({"signals": ["boos"]}, "signals: unknown signal 'boos'; known are klacht"),
        ({"kind": "brief"}, "kind: must be one of survey"),
        ({"journey": {}}, "journey: must be one of"),
        ({"weight": "veel"}, "weight: must be a number above 0, got 'veel'"),
        ({"weight": 0}, "weight: must be a number above 0, got 0"),
        ({"weight": float("nan")}, "weight: must be a number above 0, got nan"),
    ],
)
def test_a_fault_is_named_with_file_line_field_and_value(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    message = faults(written(tmp_path, ROW, {**ROW, "id": "t-2", **change}))
    assert message.startswith("1 faults in the labelled data:\nown.jsonl:2: ")
    assert told in message


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    missing = {key: value for key, value in ROW.items() if key != "nps"}
    first = written(tmp_path, {**ROW, "nps": 11, "cas": -1}, b"{", b"[]", missing, b"\xff")
    second = written(tmp_path, ROW, ROW, name="more.jsonl")
    with pytest.raises(CorpusError) as caught:
        load_corpus([first, second])
    told = str(caught.value).splitlines()
    assert told[0] == "7 faults in the labelled data:"
    starts = [
        "own.jsonl:1: nps: must be a whole number 0 to 10, got 11",
        "own.jsonl:1: cas: must be a whole number 0 to 10, got -1",
        "own.jsonl:2: not a line of JSON",
        "own.jsonl:3: must be an object, got []",
        "own.jsonl:4: nps: is missing",
        "own.jsonl:5: not a line of JSON in UTF-8",
        "more.jsonl:2: id: 't-1' stands at more.jsonl:1 already",
    ]
    for line, start in zip(told[1:], starts, strict=True):
        assert line.startswith(start)


def test_of_many_faults_fifty_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    message = faults(written(tmp_path, *[b"{"] * 1_200))
    assert message.startswith("1,200 faults in the labelled data:")
    assert message.endswith("\n… and 1,150 more")


def test_a_file_that_is_not_there_or_empty_is_named(tmp_path: Path) -> None:
    assert "none.jsonl: cannot be read: No such file" in faults(tmp_path / "none.jsonl")
    assert "no labelled items found in" in faults(written(tmp_path, b"", name="empty.jsonl"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*ROW, "weight"]), JSON, min_size=1, max_size=4))
def test_whatever_stands_in_a_field_the_row_is_an_item_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, change: dict[str, Any]
) -> None:
    path = written(tmp_path_factory.getbasetemp(), {**ROW, **change}, name="any.jsonl")
    try:
        [item] = load_corpus(path)
    except CorpusError as exc:
        assert "any.jsonl:1: " in str(exc)  # noqa: PT017 - either outcome is right
    else:
        to_arrays([item], TAXONOMY)


def test_labels_become_arrays_in_the_taxonomys_order(tmp_path: Path) -> None:
    items = load_corpus(written(tmp_path, ROW, {**ROW, "id": "t-2", "themes": {}, "evidence": {}}))
    data = to_arrays(items, TAXONOMY)
    reachable, empathy = (TAXONOMY.theme_codes.index(code) for code in ("bereikbaarheid", "empathie"))
    assert data.themes.sum() == 2
    assert data.polarity[0, [reachable, empathy]].tolist() == [-1, 1]
    assert [(quote.theme, data.texts[0][quote.start : quote.end]) for quote in data.quotes] == [
        (reachable, "Lang gewacht"),
        (empathy, "begripvol"),
    ]
    assert data.signals[:, TAXONOMY.signal_codes.index("klacht")].tolist() == [True, True]
    assert np.array_equal(data.nps, [7.0, 7.0])
