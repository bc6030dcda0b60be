"""Files made to break their reader, by accident or on purpose: rows, errors of rows, or a `TableError`."""

from __future__ import annotations

import io
import json
import time
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pyarrow import parquet
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.errors import TableError
from feedback_nlp.tables import Format, open_table
from tests.fakes import FakeAnalyzer

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def assert_sound(data: bytes, format: Format | None = None) -> None:
    """Every row is there with its number and either a text or an error, and all of it can be written down."""
    try:
        with open_table(io.BytesIO(data), format=format) as table:
            "".join(table.columns).encode()
            for number, row in enumerate(table.rows, start=1):
                assert row.number == number
                assert (row.text is None) == (row.error is not None)
                json.dumps([row.id, row.text, row.error, *row.fields], ensure_ascii=False).encode()
    except TableError as exc:
        str(exc).encode()


def soup(*pieces: bytes) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(pieces), max_size=60).map(b"".join)


DIALECTS = soup(
    b"text", b"id", b"nps", b"sep=;", b'"', b'""', b"'", b"\\", b";", b",", b"\t", b"|", b"\n", b"\r\n", b"\r",
    b"\0", b" ", b"\x1a", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", "één".encode(),
    "één".encode("cp1252"), "tekst;".encode("utf-16-le"), "\u2028".encode(), b"=1+1", b"x" * 300,
)  # fmt: skip
OBJECTS = soup(
    b'{"text": "a"}', b'{"text": "a", "id": 1e999, "n": NaN}', b'{"te\\ud800xt": "a", "text": 1}',
    b'{"text": "\\ud83d"}', b"{", b"}", b"[", b"]",
    b'"text"', b'"', b":", b",", b"\n", b"\r", b"\0", b"\\", b"null", b"-", b"9" * 400, b"\xff",
    b"\xef\xbb\xbf", b"\xff\xfe", " {}".encode("utf-16-le"),
)  # fmt: skip


@given(DIALECTS)
def test_no_dialect_of_csv_makes_another_error_escape(data: bytes) -> None:
    assert_sound(data, "csv")
    assert_sound(b"id;text\n" + data, "csv")


@given(OBJECTS)
def test_no_json_lines_make_another_error_escape(data: bytes) -> None:
    assert_sound(data, "jsonl")
    assert_sound(b'{"id": 1, "text": "goed"}\n' + data, "jsonl")


@given(DIALECTS | OBJECTS | st.binary(max_size=300))
def test_what_pretends_to_be_another_format_is_refused(data: bytes) -> None:
    assert_sound(data)
    assert_sound(b"PK\x03\x04" + data)
    assert_sound(b"PAR1" + data + b"PAR1")
    assert_sound(b"PAR1" + data + len(data).to_bytes(4, "little") + b"PAR1")


# --- workbooks -----------------------------------------------------------------------------------------------------


def parts() -> dict[str, bytes]:
    book = Workbook()
    book.active.append(["id", "text", "nps"])
    for number in range(5):
        book.active.append([number, f"goed geholpen {number}", 7.5])
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


WHOLE = parts()


def packed(content: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return stream.getvalue()


VALUES = st.sampled_from(
    [
        "",
        "0",
        "1",
        "-1",
        "99999999",
        "1e308",
        "1e999",
        "nan",
        "2958466",
        "x",
        "#REF!",
        "true",
        "2026-02-30",
        "😀",
    ]
)
CELL = st.builds(
    '<c r="{}" t="{}" s="{}"><{tag}>{}</{tag}></c>'.format,
    st.sampled_from(["A1", "B2", "XFD3", "ZZZ1", "ZZZZ1", "A", "1", "", "-", "A99"]),
    st.sampled_from(["s", "str", "inlineStr", "n", "b", "e", "d", "", "q"]),
    st.sampled_from(["0", "1", "-1", "999", "x", ""]),
    VALUES,
    tag=st.sampled_from(["v", "is", "f", "t", "x"]),
)
ROW = st.builds(
    '<row r="{}">{}</row>'.format,
    st.sampled_from(["1", "2", "3", "2", "-1", "0", "x", "", "50"]),
    st.lists(CELL, max_size=4).map("".join),
)


@given(st.lists(ROW, max_size=5).map("".join), st.booleans())
def test_no_cell_of_a_workbook_makes_another_error_escape(rows: str, below: bool) -> None:
    inner = WHOLE[SHEET].decode().partition("<sheetData>")[2].partition("</sheetData>")[0] if below else ""
    sheet = f"<worksheet {SPACE}><sheetData>{inner}{rows}</sheetData></worksheet>"
    assert_sound(packed({**WHOLE, SHEET: sheet.encode()}))


@given(
    st.sampled_from(sorted(WHOLE)),
    st.floats(0, 1),
    st.sampled_from([b"", b"<", b">", b"\0", b"&x;", b"</x>"]),
    st.booleans(),
)
def test_no_part_of_a_workbook_that_is_missing_or_broken_makes_another_error_escape(
    name: str, place: float, put: bytes, cut: bool
) -> None:
    part = WHOLE[name]
    at = int(place * len(part))
    broken = part[:at] + put + (b"" if cut else part[at:])
    assert_sound(packed({**WHOLE, name: broken}))
    assert_sound(packed({key: value for key, value in WHOLE.items() if key != name}))


def refusal(data: bytes, format: Format | None = None) -> str:
    with pytest.raises(TableError) as caught, open_table(io.BytesIO(data), format=format) as table:
        list(table.rows)
    return str(caught.value)


def test_a_row_number_beyond_any_sheet_is_not_counted_up_to() -> None:
    sheet = WHOLE[SHEET].replace(b'<row r="6"', b'<row r="999999999999"')
    assert sheet != WHOLE[SHEET]
    began = time.process_time()
    assert "a sheet has at most 1,048,576" in refusal(packed({**WHOLE, SHEET: sheet}))
    assert time.process_time() - began < 30


def test_a_workbook_whose_texts_alone_would_fill_the_memory_is_refused() -> None:
    stream = io.BytesIO(packed(WHOLE))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(zipfile.ZipInfo("xl/more/sharedStrings.xml"), b"x")
    content = bytearray(stream.getvalue())
    # What the directory at the end says of its size is all that there is of so many bytes.
    at = content.rindex(b"xl/more/sharedStrings.xml") - 46
    content[at + 20 : at + 28] = (9 << 20).to_bytes(4, "little") + (600 << 20).to_bytes(4, "little")
    assert "its texts are 629,145,601 bytes" in refusal(bytes(content)) or "629,145,600" in refusal(
        bytes(content)
    )


def test_a_zip_that_lies_about_its_size_is_not_unpacked_further() -> None:
    data = bytearray(
        packed({**WHOLE, SHEET: WHOLE[SHEET].replace(b"</worksheet>", b" " * (100 << 20) + b"</worksheet>")})
    )
    at = data.rindex(SHEET.encode()) - 46
    true = int.from_bytes(data[at + 24 : at + 28], "little")
    assert true > 100 << 20
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(data)) or "cannot be read" in refusal(bytes(data))


def test_entities_that_unfold_without_end_are_not_unfolded() -> None:
    names = "abcdefghij"
    entities = (
        '<!ENTITY a "'
        + "x" * 1000
        + '">'
        + "".join(f'<!ENTITY {name} "{f"&{before};" * 100}">' for before, name in pairwise(names))
    )
    sheet = (
        f'<!DOCTYPE worksheet [{entities}]><worksheet {SPACE}><sheetData><row r="1"><c t="inlineStr"><is>'
        '<t>text</t></is></c></row><row r="2"><c t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>'
    )
    assert "workbook" in refusal(packed({**WHOLE, SHEET: sheet.encode()}))


def test_a_file_outside_the_workbook_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("geheim")
    sheet = (
        f'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><worksheet {SPACE}><sheetData><row r="1">'
        '<c t="inlineStr"><is><t>text</t></is></c></row><row r="2"><c t="inlineStr"><is><t>&x;</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    try:
        with open_table(io.BytesIO(packed({**WHOLE, SHEET: sheet.encode()}))) as table:
            assert all("geheim" not in str(row) for row in table.rows)
    except TableError as exc:
        assert "geheim" not in str(exc)  # noqa: PT017 - either will do


# --- size ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b"text;" + b"a;" * 50_000 + b"\nhoi;1\n", "csv"),
        (json.dumps({"text": "a", **{f"k{n}": 1 for n in range(20_000)}}).encode() + b"\n", "jsonl"),
    ],
    ids=["csv", "jsonl"],
)
def test_more_columns_than_a_sheet_can_have_are_refused(data: bytes, format: Format) -> None:
    assert "at most 16,384 are read" in refusal(data, format)


def test_thousands_of_columns_of_one_name_are_told_apart_in_no_time() -> None:
    began = time.process_time()
    with open_table(io.BytesIO(b"text;" + b"a;" * 16_000 + b"\nhoi;1\n"), format="csv") as table:
        assert table.columns[:2] == ("a", "a (2)")
        assert len(set(table.columns)) == 16_001
    assert time.process_time() - began < 10


def test_a_column_name_in_another_encoding_is_readable() -> None:
    with open_table(
        io.BytesIO("text;é;".encode() + b"caf\xe9\nhoi;1;2\n" + "één\n".encode() * 9), format="csv"
    ) as table:
        assert table.columns == ("é", "caf\N{REPLACEMENT CHARACTER}")
        assert next(table.rows).fields == {"é": "1", "caf\N{REPLACEMENT CHARACTER}": "2"}


def test_a_parquet_that_unpacks_beyond_reason_is_refused() -> None:
    stream = io.BytesIO()
    text = pa.array(["x" * (70 << 20)])
    parquet.write_table(pa.table({"text": text}), stream, compression="zstd", use_dictionary=False)
    assert len(stream.getvalue()) < 1 << 20
    assert "bytes would unpack to" in refusal(stream.getvalue())


@pytest.mark.usefixtures("plain_terminal")
@pytest.mark.parametrize("out", ["out.csv", "out.jsonl"])
def test_halves_of_characters_in_other_columns_do_not_end_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    def load(*_: Any, **__: Any) -> FakeAnalyzer:
        return FakeAnalyzer()

    monkeypatch.setattr("feedback_nlp.commands.models.load_analyzer", load)
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "in de wacht", "na\\ud800am": "J\\udc00n", "n": NaN}\n')
    result = CliRunner().invoke(app, ["classify", str(source), "--out", str(tmp_path / out)])
    assert result.exit_code == 0, result.output
