from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

import feedback_nlp.cli as cli
from feedback_nlp.errors import (
    EncoderError,
    FeedbackNlpError,
    ModelAlteredError,
    ModelMissingError,
    TableError,
    TextError,
)
from tests.fakes import FakeAnalyzer

EXAMPLE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."

pytestmark = pytest.mark.usefixtures("plain_terminal")


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> FakeAnalyzer:
    analyzer = FakeAnalyzer()
    monkeypatch.setattr("feedback_nlp.commands.models.load_analyzer", lambda *_, **__: analyzer)
    return analyzer


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments], input=stdin)


def refused(
    *arguments: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit code and message of the whole program."""
    monkeypatch.setattr(sys, "argv", ["feedback-nlp", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return int(stopped.value.code or 0), capsys.readouterr().err


# --- one text --------------------------------------------------------------------------------------------------


def test_a_text_is_shown_with_its_themes_their_sign_in_words_and_the_words_that_show_them() -> None:
    shown = run("classify", EXAMPLE).stdout
    themes = {line.split()[0]: line for line in shown.splitlines() if "“" in line}
    assert themes.keys() == {"Bereikbaarheid", "Empathie"}
    assert "− negatief" in themes["Bereikbaarheid"]
    assert "“wacht”" in themes["Bereikbaarheid"]
    assert "+ positief" in themes["Empathie"]
    assert "“begripvol”" in themes["Empathie"]


def test_the_evidence_is_underlined_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from feedback_nlp.commands.rendering import render

    monkeypatch.delenv("NO_COLOR")
    stream = io.StringIO()
    Console(file=stream, force_terminal=True, width=120, color_system="standard").print(
        render(FakeAnalyzer().analyze(EXAMPLE))
    )
    assert "\x1b[1;4;31mwacht\x1b[0m" in stream.getvalue()
    assert "\x1b[1;4;32mbegripvol\x1b[0m" in stream.getvalue()


def test_json_is_one_line_and_the_whole_analysis(model: FakeAnalyzer) -> None:
    result = run("classify", EXAMPLE, "--json")
    assert result.stdout.count("\n") == 1
    assert json.loads(result.stdout) == model.analyze(EXAMPLE).to_dict()


def test_english_labels_come_with_english_words() -> None:
    assert "− negative" in run("classify", EXAMPLE, "--language", "en").stdout


def test_a_text_cannot_command_the_terminal() -> None:
    shown = run("classify", "in de wacht\x1b[2J\x07 \u202e wacht").stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\u202e" not in shown


def test_a_line_on_standard_input_is_a_text() -> None:
    assert json.loads(run("classify", "-", "--json", stdin=EXAMPLE.encode()).stdout)["text"] == EXAMPLE


def test_an_empty_text_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, says = refused("classify", " ", monkeypatch=monkeypatch, capsys=capsys)
    assert (code, says) == (2, "error: the text is empty\n")


# --- files -----------------------------------------------------------------------------------------------------


def test_every_row_comes_out_in_order_with_its_own_id(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"id": f"k-{n}", "text": f"wacht {n}"}) + "\n" for n in range(600)))
    result = run("classify", source, "--text-column", "text", "--out", out, "--json")
    assert result.exit_code == 0, result.output
    read = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(one["id"], one["text"]) for one in read] == [(f"k-{n}", f"wacht {n}") for n in range(600)]
    assert "600 rows" in result.stderr


def test_bad_rows_come_out_in_their_place_and_the_exit_code_says_so(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    long = "x" * 20_001
    source.write_bytes(
        f"id;tekst;nps\n1;één wacht;3\n2;;3\n3;{long};3\n4;wacht;12\n".encode()
        + b"5;caf\xe9;3\n6;\xc3\xa9;3\n"
    )
    result = run("classify", source, "--out", out)
    assert result.exit_code == 1
    read = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["id"] for one in read] == ["1", "2", "3", "4", "5", "6"]
    errors = {one["id"]: one["error"] for one in read if "error" in one}
    assert errors == {
        "2": "the text is empty",
        "3": "the text has 20,001 characters; 20,000 is the most",
        "4": "nps must be 0-10, got 12",
        "5": "wrong encoding: byte 0xE9 at character 4 of 'tekst' does not fit the rest of the file",
    }
    assert "4 of them could not be classified" in result.stderr
    assert "row 4 (id 4): nps must be 0-10, got 12" in result.stderr


def test_given_scores_reach_the_analyzer(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id;tekst;NPS\n1;wacht;3\n")
    (line,) = run("classify", source, "--json").stdout.splitlines()
    assert json.loads(line)["advocacy"]["nps"]["value"] == 3


def test_a_spreadsheet_comes_out_for_csv(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id;tekst\n1;lang in de wacht\n")
    assert run("classify", source, "--out", out).exit_code == 0
    header, line = out.read_bytes().decode("utf-8-sig").splitlines()
    assert header.startswith("id;text;error;themes;")
    assert line.startswith("1;lang in de wacht;;bereikbaarheid-;")


def test_without_out_each_row_is_a_line() -> None:
    result = run("classify", "-", stdin=b"id;tekst\na;lang in de wacht\nb;\n")
    assert result.stdout.splitlines() == [
        "a  −Bereikbaarheid  lang in de wacht",
        "b  ✗ the text is empty",
    ]
    assert result.exit_code == 1


def test_json_lines_on_standard_input_are_recognised() -> None:
    result = run("classify", "-", "--json", stdin=b'{"id": "a", "text": "in de wacht"}\n')
    assert json.loads(result.stdout)["id"] == "a"


def test_a_workbook_on_standard_input_is_recognised() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(("id", "tekst"))
    book.active.append((7, "in de wacht"))
    stream = io.BytesIO()
    book.save(stream)
    result = run("classify", "-", "--json", stdin=stream.getvalue())
    assert json.loads(result.stdout)["id"] == "7"


@pytest.mark.parametrize(
    ("out", "options", "says"),
    [
        ("in.csv", (), "is the input, which is not overwritten"),
        ("out.pdf", (), "must end in .jsonl, .csv or .tsv"),
        ("out.csv", ("--json",), "--json writes JSON Lines"),
        ("nowhere/out.csv", (), "does not exist"),
    ],
)
def test_a_wrong_out_is_refused_before_the_work(
    tmp_path: Path, out: str, options: tuple[str, ...], says: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id;tekst\n1;wacht\n")
    result = run("classify", source, "--out", tmp_path / out, *options)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.replace("│", " ").split())
    assert source.read_text() == "id;tekst\n1;wacht\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_the_input_is_known_under_any_name(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id;tekst\n1;wacht\n")
    (tmp_path / "other.csv").symlink_to(source)
    assert run("classify", source, "--out", tmp_path / "other.csv").exit_code == 2
    assert source.read_text() == "id;tekst\n1;wacht\n"


@pytest.mark.parametrize(
    ("what", "options", "says"),
    [
        ("antwoorden.csv", (), "antwoorden.csv: there is no such file"),
        ("antwoorden", ("--text-column", "tekst"), "antwoorden: there is no such file"),
        (".", (), ".: is a folder; name a file"),
    ],
)
def test_a_file_that_is_not_there_is_not_taken_for_a_text(
    what: str,
    options: tuple[str, ...],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert refused("classify", what, *options, monkeypatch=monkeypatch, capsys=capsys) == (
        2,
        f"error: {says}\n",
    )


def test_a_failure_half_way_leaves_the_old_results(
    tmp_path: Path, model: FakeAnalyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "wacht"}\n' * 600)
    out.write_text("oud")
    answer = model.analyze_batch

    def stop_at_the_second(items: Any) -> Any:
        if model.batches:
            raise KeyboardInterrupt
        return answer(items)

    monkeypatch.setattr(model, "analyze_batch", stop_at_the_second)
    result = run("classify", source, "--out", out)
    assert result.exit_code == 130
    assert f"stopped after 256 rows; {out} is as it was before" in result.stderr
    assert out.read_text() == "oud"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


# --- the program -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelMissingError("x"), 3),
        (ModelAlteredError("x"), 3),
        (EncoderError("x"), 3),
        (TableError("x"), 2),
        (TextError("x"), 2),
        (FeedbackNlpError("x"), 2),
    ],
)
def test_the_exit_code_tells_a_bad_model_from_bad_input(error: FeedbackNlpError, code: int) -> None:
    assert cli.exit_code(error) == code


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (ModelMissingError("no model is live"), 3, "error: no model is live\n"),
        (PermissionError(13, "Permission denied", "models"), 2, "error: models: Permission denied\n"),
        (ZeroDivisionError("oops"), 70, "error: a fault in the program (ZeroDivisionError: oops)"),
    ],
)
def test_errors_are_told_in_plain_words_unless_debugging(
    error: Exception,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("feedback_nlp.commands.models.load_analyzer", fail)
    got, told = refused("classify", "hoi", monkeypatch=monkeypatch, capsys=capsys)
    assert got == code
    assert told.startswith(says)
    assert "Traceback" not in told
    monkeypatch.setattr(sys, "argv", ["feedback-nlp", "--debug", "classify", "hoi"])
    with pytest.raises(type(error)):
        cli.main()


def test_an_unknown_option_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, says = refused("classify", "hoi", "--colour", monkeypatch=monkeypatch, capsys=capsys)
    assert code == 2
    assert "--colour" in says


def test_the_version_is_told() -> None:
    assert run("--version").stdout.startswith("feedback-nlp ")


def test_every_command_has_help_with_an_example() -> None:
    commands = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
    for name in commands:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert f"feedback-nlp {name}" in result.stdout.split("Options")[0].replace("Usage: feedback-nlp", "")


def test_an_add_on_that_fails_takes_no_other_command_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from importlib.metadata import EntryPoint

    def add_ons(*, group: str) -> list[EntryPoint]:
        return [
            EntryPoint("broken", "nowhere.at_all:register", group),
            EntryPoint("good", f"{__name__}:add_hello", group),
        ]

    monkeypatch.setattr("feedback_nlp.cli.metadata.entry_points", add_ons)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    app = cli.create_app()
    assert "nowhere.at_all:register are left out: No module named 'nowhere'" in capsys.readouterr().err
    assert CliRunner().invoke(app, ["hello"]).stdout == "hello\n"
    assert CliRunner().invoke(app, ["classify", "in de wacht"]).exit_code == 0


def add_hello(app: typer.Typer) -> None:
    app.command("hello")(lambda: typer.echo("hello"))


def test_ctrl_c_ends_the_real_program_and_leaves_nothing(tmp_path: Path) -> None:
    """The whole program in a process of its own, on an endless stream of rows."""
    out = tmp_path / "out.jsonl"
    program = (
        # A shell that starts a suite in the background has it ignore Ctrl-C, and a child would inherit that.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "import sys, feedback_nlp.commands.models as models; from tests.fakes import FakeAnalyzer;"
        "models.load_analyzer = lambda *_, **__: FakeAnalyzer();"
        "from feedback_nlp.cli import main; main()"
    )
    fifo = tmp_path / "endless.jsonl"
    fifo.write_bytes(b'{"id": "1", "text": "in de wacht"}\n' * 2_000_000)
    child = subprocess.Popen(
        [sys.executable, "-c", program, "classify", fifo, "--out", out],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    deadline = time.monotonic() + 60
    while not (parts := list(tmp_path.glob(".out.jsonl.*"))) or not parts[0].stat().st_size:
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"is as it was before" in told
    assert [path.name for path in tmp_path.iterdir()] == ["endless.jsonl"]
