from __future__ import annotations

import codecs
import csv
import io
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.errors import TableError
from feedback_nlp.tables import Row, estimate_rows, read_rows, sniff_format

WORDS = 'één ding: prima geholpen; "top" – € 5,00'


def rows_of(data: bytes, **options: Any) -> list[Row]:
    return list(read_rows(io.BytesIO(data), **options))


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# --- delimited text --------------------------------------------------------------------------------------------


@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40),
            st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
        ),
        min_size=1,
        max_size=8,
    ),
    delimiter=st.sampled_from(";,\t|"),
    bom=st.booleans(),
)
def test_whatever_a_csv_writer_writes_is_read_back(
    rows: list[tuple[str, str]], delimiter: str, bom: bool
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("text", "score"), *rows])
    data = (codecs.BOM_UTF8 if bom else b"") + stream.getvalue().encode()
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    read = rows_of(data, format="csv", text_column="text")
    assert [(row.text, row.fields["score"]) for row in read] == expected
    assert [row.number for row in read] == list(range(1, len(expected) + 1))
    assert not any(row.error for row in read)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_that_excel_writes_is_recognised(encoding: str) -> None:
    lines = "Nr;Tekst\r\n" + "".join(f"{n};één ding: prima geholpen – € 5,00\r\n" for n in range(50))
    read = rows_of(lines.encode(encoding), id_column="Nr")
    assert {row.text for row in read} == {"één ding: prima geholpen – € 5,00"}
    assert [row.id for row in read] == [str(n) for n in range(50)]


def test_a_late_character_of_windows_1252_is_enough() -> None:
    data = (
        b"id,text\n"
        + b"".join(b"%d,prima geholpen\n" % n for n in range(40_000))
        + "9,café\n".encode("cp1252")
    )
    *_, last = read_rows(io.BytesIO(data))
    assert last.text == "café"


def test_a_damaged_row_of_a_utf_8_file_is_reported_in_its_place_and_the_others_are_read() -> None:
    data = "id;text\n1;één\n".encode() + b"2;caf\xe9 dicht\n" + "3;ideeën\n".encode()
    first, second, third = rows_of(data)
    assert (first.text, third.text) == ("één", "ideeën")
    assert (second.id, second.text) == ("2", None)
    assert (
        second.error == "wrong encoding: byte 0xE9 at character 4 of 'text' does not fit the rest of the file"
    )


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_recognised_though_texts_hold_others(delimiter: str) -> None:
    lines = [
        f"id{delimiter}tekst{delimiter}nps",
        *(f'{n}{delimiter}"{WORDS.replace(chr(34), chr(34) * 2)}"{delimiter}7' for n in range(9)),
    ]
    read = rows_of("\n".join(lines).encode())
    assert {row.text for row in read} == {WORDS}
    assert {row.fields["nps"] for row in read} == {"7"}


def test_excels_sep_line_decides_the_delimiter() -> None:
    (row,) = rows_of(b"sep=;\r\nid;text;rest\r\n1;a, b, c, d;x\r\n")
    assert (row.id, row.text, row.fields) == ("1", "a, b, c, d", {"rest": "x"})


def test_a_file_of_one_column_keeps_its_commas() -> None:
    assert [row.text for row in rows_of(b"opmerking\nja, prima; echt\ngoed\n")] == ["ja, prima; echt", "goed"]


def test_a_text_of_several_lines_is_one_row() -> None:
    (row, other) = rows_of(b'id,text\n1,"eerste\nlaatste"\n2,kort\n')
    assert (row.text, other.number, other.text) == ("eerste\nlaatste", 2, "kort")


def test_a_quote_that_is_never_closed_spoils_its_own_line_only() -> None:
    tail = b"".join(b"%d,%s\n" % (n, b"x" * 90) for n in range(3, 3_000))
    read = rows_of(b'id,text\n1,goed\n2,"open\n' + tail)
    assert read[1].error == "a quote opened on line 3 is not closed"
    assert len(read) == 2_999
    assert [row.error for row in read if row.number != 2 and row.error] == []


def test_a_row_with_too_many_fields_is_reported_with_its_id() -> None:
    bad, good = rows_of(b"id;text;nps\n7;veel;te;veel\n8;goed;9;;\n")
    assert (bad.id, bad.error) == ("7", "line 2 has 4 fields, the header 3")
    assert (good.text, good.error) == ("goed", None)


def test_a_row_that_stops_before_its_text_is_reported() -> None:
    (row,) = rows_of(b"id;text\n7\n")
    assert (row.id, row.text, row.error) == ("7", None, "no text: 'text' is missing or empty")


def test_columns_of_the_same_name_are_told_apart() -> None:
    (row,) = rows_of(b"text;score;score;\nhoi;1;2;3\n")
    assert row.fields == {"score": "1", "score (2)": "2", "column 4": "3"}


def test_a_line_beyond_all_measure_is_reported_without_being_kept() -> None:
    data = b"text\ngoed\n" + b"x" * 3_000_000 + b"\nook goed\n"
    first, long, last = rows_of(data, format="csv")
    assert (first.text, last.text) == ("goed", "ook goed")
    assert long.error == "line 3 is longer than 1,048,576 characters"


@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_rows_or_a_table_error(data: bytes) -> None:
    for format in ("csv", "jsonl", "xlsx"):
        try:
            read = rows_of(b"text\n" + data if format == "csv" else data, format=format)
        except TableError:
            continue
        for row in read:
            assert (row.text is None) == (row.error is not None)
            json.dumps([row.id, row.text, row.error], ensure_ascii=False).encode()


# --- JSON Lines ------------------------------------------------------------------------------------------------


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=8))
def test_json_lines_are_read_back(texts: list[str]) -> None:
    data = "\n".join(json.dumps({"id": n, "text": text, "nps": 7}) for n, text in enumerate(texts)).encode()
    read = rows_of(data, format="jsonl", text_column="text")
    assert [row.text for row in read] == texts
    assert [row.id for row in read] == [str(n) for n in range(len(texts))]
    assert all(row.fields == {"nps": 7} for row in read)


def test_faulty_json_lines_are_reported_in_their_place() -> None:
    lines = ['{"id": 1, "text": "a"}', '{"id": 2, "text": ', "[3]", "", '{"id": 4, "text": 12}', '{"id": 5}']
    data = "\n".join([*lines, '{"id": 6, "text": "\\ud800"}']).encode()
    first, *bad = rows_of(data)
    assert first.error is None
    assert [(row.number, row.id, row.error) for row in bad] == [
        (2, None, "line 2 is not JSON: Expecting value at character 18"),
        (3, None, "line 3 must be a JSON object, got list"),
        (4, "4", "'text' must be a text, got 12"),
        (5, "5", "no text: 'text' is missing or empty"),
        (6, "6", "wrong encoding: half a character (U+D800) at character 1 of 'text'"),
    ]


@pytest.mark.parametrize(
    "line", ['{"text": ' + "[" * 100_000, '{"text": ' + "9" * 10_000 + "}"], ids=["deep", "digits"]
)
def test_json_made_to_exhaust_the_parser_is_a_bad_row(line: str) -> None:
    bad, good = rows_of(f'{line}\n{{"text": "goed"}}\n'.encode(), format="jsonl")
    assert bad.error is not None
    assert bad.error.startswith("line 1 ")
    assert good.text == "goed"


@pytest.mark.parametrize("data", [b'[{"text": "a"}]', b'[\n {"text": "a"}\n]'])
def test_one_json_array_is_refused_with_the_reason(data: bytes) -> None:
    with pytest.raises(TableError, match="one JSON array; JSON Lines is one object a line"):
        rows_of(data, format="jsonl")


# --- workbooks -------------------------------------------------------------------------------------------------


def test_the_first_sheet_of_a_workbook_is_read() -> None:
    data = workbook(("id", "Toelichting", "nps"), (42.0, WORDS, 9), (None, None, None), (43, 7, None))
    first, second = rows_of(data)
    assert (first.id, first.text, first.fields) == ("42", WORDS, {"nps": 9})
    assert (second.number, second.id, second.text) == (2, "43", "7")


def test_an_empty_cell_is_a_row_without_text() -> None:
    (row,) = rows_of(workbook(("id", "text"), (1, None)))
    assert row.error == "no text: 'text' is missing or empty"


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "antwoorden.xlsx"
    path.write_bytes(b"id;text\n1;hoi\n")
    with pytest.raises(TableError, match=r"antwoorden\.xlsx: cannot be read as an Excel workbook"):
        list(read_rows(path))


def test_a_workbook_cut_short_is_refused() -> None:
    data = workbook(("id", "text"), *((n, "goed geholpen") for n in range(100)))
    with pytest.raises(TableError, match="cannot be read as an Excel workbook"):
        rows_of(data[: len(data) // 2], format="xlsx")


def test_a_workbook_with_a_flipped_bit_gives_its_rows_or_a_table_error() -> None:
    data = workbook(("id", "text"), *((n, f"goed geholpen {n}") for n in range(50)))
    for position in range(0, len(data), 97):
        broken = bytearray(data)
        broken[position] ^= 0x10
        try:
            list(read_rows(io.BytesIO(bytes(broken)), format="xlsx"))
        except TableError:
            continue


def test_a_workbook_that_unpacks_beyond_reason_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (80 << 20))
    with pytest.raises(TableError, match=r"refused, .* bytes would unpack to 83,886,080"):
        list(read_rows(path))


# --- columns, formats, size ------------------------------------------------------------------------------------


def test_an_unknown_column_is_refused_with_those_that_exist() -> None:
    with pytest.raises(TableError, match="no column 'tekst'; it has 'id', 'antwoord'"):
        rows_of(b"id;antwoord\n1;hoi\n", text_column="tekst")


def test_without_a_telling_name_the_column_must_be_given() -> None:
    with pytest.raises(TableError, match=r"which column holds the text.*'id', 'v12'.*--text-column"):
        rows_of(b"id;v12\n1;hoi\n")


@pytest.mark.parametrize("name", ["Text", "TEKST", "open_antwoord", "Toelichting op uw cijfer", "Feedback"])
def test_a_telling_name_is_recognised(name: str) -> None:
    (row,) = rows_of(f"nr;{name};datum\n1;hoi;gisteren\n".encode())
    assert row.text == "hoi"


def test_two_equally_telling_names_are_not_guessed_between() -> None:
    with pytest.raises(TableError, match="which column holds the text"):
        rows_of(b"reactie klant;reactie medewerker\na;b\n")


def test_only_the_default_id_column_may_be_absent() -> None:
    (row,) = rows_of(b"nr;text\n1;hoi\n")
    assert row.id is None
    with pytest.raises(TableError, match="no column 'klantnr' for the id; it has 'nr', 'text'"):
        rows_of(b"nr;text\n1;hoi\n", id_column="klantnr")


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx"])
def test_an_empty_file_is_refused(format: Any) -> None:
    with pytest.raises(TableError, match=r"empty|cannot be read"):
        rows_of(b"", format=format)


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.xls", "save it as .xlsx or .csv"), ("a.json", "name it .jsonl"), ("a.doc", "known are .csv")],
)
def test_another_format_is_refused_with_a_way_out(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(TableError, match=says):
        list(read_rows(tmp_path / name))


def test_the_format_of_a_stream_is_told_by_its_beginning() -> None:
    assert sniff_format(io.BytesIO(b'\xef\xbb\xbf {"text": "a"}')) == "jsonl"
    assert sniff_format(io.BytesIO(workbook(("text",)))) == "xlsx"
    assert sniff_format(io.BytesIO(b"id;text\n")) == "csv"


def test_a_pipe_is_read_like_a_file() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        stream.write("id;text\n1;één\n".encode("cp1252"))
    with os.fdopen(reading, "rb") as stream:
        (row,) = read_rows(stream)
    assert row.text == "één"


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv", b"text\na\nb", 2),
        ("a.csv", b"text\r\na\r\n", 1),
        ("a.jsonl", b"{}\n{}\n", 2),
        ("a.csv", b"", 0),
    ],
)
def test_rows_are_estimated_by_line_ends(tmp_path: Path, name: str, content: bytes, rows: int) -> None:
    (tmp_path / name).write_bytes(content)
    assert estimate_rows(tmp_path / name) == rows


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, format: Any) -> None:
    path = tmp_path / f"big.{format}"
    line = '{"id": "1", "text": "goed geholpen"}\n' if format == "jsonl" else "1;goed geholpen\n"
    with path.open("w") as stream:
        stream.write("" if format == "jsonl" else "id;text\n")
        for _ in range(15):
            stream.write(line * 1_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_rows(path)) == 15_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3_500_000  # mostly the block in which the encoding is looked for
