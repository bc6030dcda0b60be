"""`feedback-nlp redact`: personal data out of one text, or out of every row of a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from feedback_nlp.commands.inputs import (
    IdColumn,
    InputFormat,
    Source,
    TextColumn,
    check_out,
    progress,
    text_or_file,
)

if TYPE_CHECKING:
    from feedback_nlp.privacy import Redaction, Redactor
    from feedback_nlp.tables import Format, Row

__all__ = ["redact"]


_SHOWN_ERRORS = 5


def redact(
    what: Source,
    text_column: TextColumn = None,
    id_column: IdColumn = "id",
    out: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Where the results of a file go: JSON Lines, one line a row."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a text, also for a single one.")
    ] = False,
    format: InputFormat = None,
    trained_names: Annotated[
        bool,
        typer.Option("--trained-names", help="Also the names that nl_core_news_sm finds; much slower."),
    ] = False,
) -> None:
    """Put typed placeholders such as [NAAM] in the place of personal data.

    Of a file every row becomes one line of JSON, in order: id (the row's
    number where it has none), the redacted text, and found: start, end and
    kind of what was taken out, in code points of the original text. A row
    that cannot be read comes out in its place with its error, and the exit
    code is 1. Nothing of what was taken out is shown or kept.

    Examples:

      feedback-nlp redact "mijn naam is Jan de Vries, bel 06-12345678"

      feedback-nlp redact answers.jsonl --text-column text --out redacted.jsonl

      feedback-nlp redact export.xlsx --text-column Toelichting --out redacted.jsonl

      cat letter.txt | feedback-nlp redact -
    """
    source = _source(what, text_column=text_column, format=format)
    redactor = _redactor(trained_names=trained_names)
    if isinstance(source, str):
        if out is not None:
            raise typer.BadParameter("goes with a file; a single text is shown here", param_hint="--out")
        result = redactor.redact(source)
        sys.stdout.buffer.write(_line(_as_dict(None, result) if as_json else result.text))
        sys.stdout.flush()
        return
    _check_out(out, source)
    tally = _redact_table(
        redactor, source, text_column=text_column, id_column=id_column, format=format, out=out
    )
    tally.report(out)
    if tally.failed:
        raise typer.Exit(1)


def _redactor(*, trained_names: bool) -> Redactor:
    from feedback_nlp.privacy import Redactor

    if not trained_names:
        return Redactor.default()
    from feedback_nlp.privacy.trained import installed_names

    names = installed_names()
    if names is None:
        raise typer.BadParameter(
            "nl_core_news_sm is not installed; get it with `make spacy-model`", param_hint="--trained-names"
        )
    return Redactor(names=names)


def _source(what: str, *, text_column: str | None, format: Format | None) -> str | Path | BinaryIO:
    """The text, or the file or stream that holds the table; a stream is a text unless something says otherwise."""
    if what == "-":
        stream = sys.stdin.buffer
        if text_column is not None or format is not None:
            return stream
        return stream.read().decode("utf-8-sig", "replace").removesuffix("\n")
    return text_or_file(what, text_column=text_column)


def _check_out(out: Path | None, source: Path | BinaryIO) -> None:
    if out is None:
        return
    if out.suffix.lower() not in (".jsonl", ".ndjson"):
        raise typer.BadParameter(f"{out}: is written as JSON Lines; name it .jsonl", param_hint="--out")
    check_out(out, source)


def _as_dict(row: Row | None, result: Redaction) -> dict[str, Any]:
    found = [{"start": one.start, "end": one.end, "kind": one.kind.value} for one in result.found]
    named = {} if row is None else {"id": row.id if row.id is not None else row.number}
    return {**named, "text": result.text, "found": found}


def _line(value: str | dict[str, Any]) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace") + b"\n"


@dataclass
class _Tally:
    """How the run went; holds no customer's text."""

    done: int = 0
    changed: int = 0
    failed: int = 0
    first_errors: list[str] = field(default_factory=list)

    def report(self, out: Path | None) -> None:
        """Say it on standard error."""
        where = f", written to {out}" if out else ""
        typer.echo(f"{self.done:,} rows, personal data in {self.changed:,} of them{where}", err=True)
        if self.failed:
            typer.secho(f"{self.failed:,} rows could not be read:", err=True, fg="yellow")
            for error in self.first_errors:
                typer.echo(f"  {error}", err=True)
            if more := self.failed - len(self.first_errors):
                typer.echo(f"  … and {more:,} more, each with its error in the results", err=True)


def _redact_table(
    redactor: Redactor,
    source: Path | BinaryIO,
    *,
    text_column: str | None,
    id_column: str,
    format: Format | None,
    out: Path | None,
) -> _Tally:
    from feedback_nlp.tables import estimate_rows, read_rows

    tally = _Tally()
    total = estimate_rows(source) if isinstance(source, Path) else None
    try:
        with ExitStack() as stack:
            write = stack.enter_context(_writer(out))
            advance = stack.enter_context(progress("redacting", total, quiet=out is None))
            for row in read_rows(source, text_column=text_column, id_column=id_column, format=format):
                write(_line(_one(redactor, row, tally)))
                advance()
    except KeyboardInterrupt:
        left = f"; {out} is as it was before" if out else ""
        typer.secho(f"\nstopped after {tally.done:,} rows{left}", err=True, fg="yellow")
        raise typer.Exit(130) from None
    return tally


def _one(redactor: Redactor, row: Row, tally: _Tally) -> dict[str, Any]:
    """A row as it is written out, counted."""
    tally.done += 1
    if row.text is None:
        tally.failed += 1
        # an error may quote the cell it is about
        error = redactor.redact(row.error or "unreadable").text
        if len(tally.first_errors) < _SHOWN_ERRORS:
            tally.first_errors.append(f"row {row.number}: {error}")
        return {"id": row.id if row.id is not None else row.number, "error": error}
    result = redactor.redact(row.text)
    tally.changed += result.changed
    return _as_dict(row, result)


@contextmanager
def _writer(out: Path | None) -> Iterator[Callable[[bytes], object]]:
    """Where the lines go; a file is there only when the block ends well."""
    from feedback_nlp.files import atomic_write

    if out is None:
        yield sys.stdout.buffer.write
        sys.stdout.flush()
        return
    with atomic_write(out) as stream:
        yield stream.write
