"""`feedback-nlp classify`: one text, or a file of any length."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from feedback_nlp.commands.inputs import (
    IdColumn,
    InputFormat,
    Labels,
    Language,
    ModelOption,
    Source,
    TextColumn,
    check_out,
    progress,
    text_or_file,
)
from feedback_nlp.commands.tally import Tally

if TYPE_CHECKING:
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from feedback_nlp.batch import Outcome
    from feedback_nlp.sinks import Sink
    from feedback_nlp.tables import Format

__all__ = ["classify"]


_JSON_ENDINGS = (".jsonl", ".ndjson")
_DELIMITERS = {".csv": ";", ".tsv": "\t"}


def classify(
    what: Source,
    text_column: TextColumn = None,
    id_column: IdColumn = "id",
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Where the results go: .jsonl, or .csv for a spreadsheet."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a text, on a line of its own.")
    ] = False,
    model: ModelOption = None,
    language: Labels = "nl",
    threads: Annotated[int, typer.Option(min=1, max=256, help="Threads for the sentence encoder.")] = 1,
    format: InputFormat = None,
) -> None:
    """Classify a Dutch text, or every row of a file.

    For a file of more than some ten thousand rows, a folder of files, or a
    run that must survive being stopped, `feedback-nlp score` gives the same
    results with all cores.

    Rows that cannot be used (empty, too long, in a wrong encoding) do not
    stop the run: they come out in their place with their error, and the
    exit code is 1. Columns nps, cas and ces are taken as the scores that
    the customer gave.

    Examples:

      feedback-nlp classify "Ik heb drie kwartier in de wacht gestaan."

      feedback-nlp classify answers.csv --text-column toelichting --out out.csv

      feedback-nlp classify answers.jsonl --out results.jsonl --json

      cat answers.xlsx | feedback-nlp classify - --format xlsx --json
    """
    source = _source(what, text_column=text_column, format=format)
    if isinstance(source, str):
        if out is not None:
            raise typer.BadParameter("goes with a file; a single text is shown here", param_hint="--out")
        _classify_text(source, _load(model, threads, language), as_json=as_json, language=language)
        return
    _check_out(out, source, as_json=as_json)
    analyzer = _load(model, threads, language)
    tally = _classify_table(
        analyzer,
        source,
        text_column=text_column,
        id_column=id_column,
        format=format,
        out=out,
        as_json=as_json,
        language=language,
    )
    tally.report(out)
    if tally.failed:
        raise typer.Exit(1)


def _load(model: Path | None, threads: int, language: Language) -> Any:
    from feedback_nlp.commands.models import load_analyzer

    return load_analyzer(model, threads=threads, language=language)


def _source(what: str, *, text_column: str | None, format: Format | None) -> str | Path | BinaryIO:
    """The text, or the file or stream that holds the table."""
    if what == "-":
        stream = sys.stdin.buffer
        if text_column is None and format is None:
            return _text_or_table(stream)
        return stream
    return text_or_file(what, text_column=text_column)


def _text_or_table(stream: BinaryIO) -> str | BinaryIO:
    """A single line on standard input is a text, unless it is a JSON object; more lines are a table."""
    head = stream.readline(1 << 20)
    rest = stream.read()
    if rest.strip() or head.lstrip().startswith((b"{", b"PK\x03\x04")):
        return io.BytesIO(head + rest)
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")


def _check_out(out: Path | None, source: Path | BinaryIO, *, as_json: bool) -> None:
    if out is None:
        return
    suffix = out.suffix.lower()
    if suffix not in (*_JSON_ENDINGS, *_DELIMITERS) and not as_json:
        raise typer.BadParameter(f"{out}: must end in .jsonl, .csv or .tsv", param_hint="--out")
    if suffix in _DELIMITERS and as_json:
        raise typer.BadParameter(f"{out}: --json writes JSON Lines; name it .jsonl", param_hint="--out")
    check_out(out, source)


def _classify_text(text: str, analyzer: Any, *, as_json: bool, language: Language) -> None:
    import json

    from rich.console import Console

    from feedback_nlp.commands.rendering import render

    analysis = analyzer.analyze(text)
    if as_json:
        typer.echo(json.dumps(analysis.to_dict(), ensure_ascii=False))
    else:
        Console(highlight=False).print(render(analysis, language))


def _classify_table(
    analyzer: FeedbackAnalyzer,
    source: Path | BinaryIO,
    *,
    text_column: str | None,
    id_column: str,
    format: Format | None,
    out: Path | None,
    as_json: bool,
    language: Language,
) -> Tally:
    from feedback_nlp.batch import classify_rows
    from feedback_nlp.tables import estimate_rows, open_table

    tally = Tally()
    total = estimate_rows(source) if isinstance(source, Path) else None
    try:
        with ExitStack() as stack:
            table = stack.enter_context(
                open_table(source, text_column=text_column, id_column=id_column, format=format)
            )
            columns = (table.columns, analyzer.taxonomy.theme_codes)
            write = stack.enter_context(_writer(out, columns, as_json=as_json, language=language))
            advance = stack.enter_context(progress("classifying", total, quiet=out is None))
            for outcome in classify_rows(analyzer, table.rows):
                write(outcome)
                tally.count(outcome)
                advance()
    except KeyboardInterrupt:
        left = f"; {out} is as it was before" if out else ""
        typer.secho(f"\nstopped after {tally.done:,} rows{left}", err=True, fg="yellow")
        raise typer.Exit(130) from None
    return tally


@contextmanager
def _writer(
    out: Path | None, columns: tuple[Sequence[str], Sequence[str]], *, as_json: bool, language: Language
) -> Iterator[Callable[[Outcome], None]]:
    """A function that takes the outcomes one by one; a file is there only when the block ends well.

    Args:
        out: The file, or None for standard output.
        columns: Given columns and theme codes, for a table.
        as_json: JSON Lines whatever the file is called.
        language: Of the lines on the terminal.
    """
    from feedback_nlp.files import atomic_write
    from feedback_nlp.sinks import CsvSink, JsonLinesSink

    if out is not None:
        with atomic_write(out) as stream:
            sink: Sink
            if as_json or out.suffix.lower() in _JSON_ENDINGS:
                sink = JsonLinesSink(stream)
            else:
                sink = CsvSink(stream, *columns, delimiter=_DELIMITERS[out.suffix.lower()])
            yield sink.write
            sink.close()
        return
    if as_json:
        sink = JsonLinesSink(sys.stdout.buffer)
        yield sink.write
        sys.stdout.flush()
        return

    from rich.console import Console

    from feedback_nlp.commands.rendering import render_line, safe

    console = Console(highlight=False)

    def show(outcome: Outcome) -> None:
        if outcome.analysis is not None:
            line = render_line(outcome.analysis, number=outcome.row.number, language=language)
            console.print(line, soft_wrap=not console.is_terminal)
        else:
            typer.echo(f"{outcome.row.id or outcome.row.number}  ✗ {safe(str(outcome.error))}")

    yield show
