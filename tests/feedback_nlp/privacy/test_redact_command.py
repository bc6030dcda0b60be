from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from openpyxl import Workbook
from typer.testing import CliRunner

from feedback_nlp.commands.redact import redact

app = typer.Typer()
app.command("redact")(redact)
app.command("other")(lambda: None)  # with a second command typer keeps the names of both
runner = CliRunner()

TEXT = "mijn naam is Jan de Vries, bel 06-12345678"


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_text_comes_back_redacted() -> None:
    result = runner.invoke(app, ["redact", TEXT])
    assert result.exit_code == 0
    assert result.stdout == "mijn naam is [NAAM], bel [TELEFOON]\n"


def test_a_text_on_standard_input_keeps_its_lines() -> None:
    result = runner.invoke(app, ["redact", "-"], input="Prima.\n\nGroeten,\nKarin\n")
    assert result.stdout == "Prima.\n\nGroeten,\n[NAAM]\n"


def test_a_text_as_json_says_where_what_was() -> None:
    result = runner.invoke(app, ["redact", TEXT, "--json"])
    found = json.loads(result.stdout)["found"]
    assert [(TEXT[one["start"] : one["end"]], one["kind"]) for one in found] == [
        ("Jan de Vries", "NAAM"),
        ("06-12345678", "TELEFOON"),
    ]


def test_a_file_gives_a_line_a_row_in_order_with_its_own_id(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"id": f"k{n}", "text": f"👍 Groet, Karin {'x' * n}", "nps": n} for n in range(5)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    result = runner.invoke(app, ["redact", str(source), "--text-column", "text", "--out", str(out)])
    assert result.exit_code == 0, result.output
    written = lines(out)
    assert [row["id"] for row in written] == ["k0", "k1", "k2", "k3", "k4"]
    assert all(set(row) == {"id", "text", "found"} for row in written)
    assert written[0] == {
        "id": "k0",
        "text": "👍 Groet, [NAAM] ",
        "found": [{"start": 9, "end": 14, "kind": "NAAM"}],
    }


def test_a_row_without_an_id_gets_its_number(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("opmerking;nps\nPrima;9\nMijn BSN is 111222333;1\n", encoding="utf-8")
    result = runner.invoke(app, ["redact", str(source), "--text-column", "opmerking", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert [(row["id"], row["text"]) for row in lines(out)] == [(1, "Prima"), (2, "Mijn BSN is [BSN]")]


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["id", "text"])
    book.active.append([7, "Dhr. Bakker belde."])
    book.save(tmp_path / "in.xlsx")
    result = runner.invoke(app, ["redact", str(tmp_path / "in.xlsx"), "--text-column", "text"])
    assert json.loads(result.stdout)["text"] == "Dhr. [NAAM] belde."


def test_a_bad_row_stands_in_its_place_and_the_exit_code_tells(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        '{"id": "a", "text": "Prima"}\n{"id": "b", "text": 06}\n'
        '{"id": "c", "text": null}\n{"id": "d", "text": "Slecht"}\n'
    )
    result = runner.invoke(app, ["redact", str(source), "--text-column", "text", "--out", str(out)])
    assert result.exit_code == 1
    written = lines(out)
    assert ["error" in row for row in written] == [False, True, True, False]
    assert "2 rows could not be read" in result.stderr


def test_an_unknown_column_leaves_the_old_results_as_they_were(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("a,b\n1,2\n", encoding="utf-8")
    out.write_text("old", encoding="utf-8")
    result = runner.invoke(app, ["redact", str(source), "--text-column", "tekst", "--out", str(out)])
    assert result.exit_code != 0
    assert out.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.jsonl"]


def test_a_second_run_gives_the_same_file(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("text\nGroet van Karin\n", encoding="utf-8")
    arguments = ["redact", str(source), "--text-column", "text", "--out", str(out)]
    runner.invoke(app, arguments)
    first = out.read_bytes()
    runner.invoke(app, arguments)
    assert out.read_bytes() == first != b""


@pytest.mark.parametrize("name", ["out.csv", "nowhere/out.jsonl"])
def test_results_go_to_json_lines_in_a_folder_that_exists(tmp_path: Path, name: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\nPrima\n", encoding="utf-8")
    result = runner.invoke(app, ["redact", str(source), "--out", str(tmp_path / name)])
    assert result.exit_code == 2
    assert "--out" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_the_input_is_not_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "Prima"}\n', encoding="utf-8")
    result = runner.invoke(app, ["redact", str(source), "--out", str(source)])
    assert result.exit_code == 2
    assert source.read_text(encoding="utf-8") == '{"text": "Prima"}\n'
