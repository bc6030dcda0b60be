"""What a command that takes `TEXT|FILE|-` was given, and where it may write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer

from feedback_nlp.errors import TableError

__all__ = [
    "IdColumn",
    "InputFormat",
    "Labels",
    "Language",
    "ModelOption",
    "Source",
    "TextColumn",
    "check_out",
    "progress",
    "text_or_file",
]

Source = Annotated[
    str,
    typer.Argument(
        metavar="TEXT|FILE|-", help="A text, a file (.csv, .xlsx, .jsonl, .parquet), or - for standard input."
    ),
]
TextColumn = Annotated[
    str | None, typer.Option(help="Column with the text; recognised by its name when left out.")
]
IdColumn = Annotated[str, typer.Option(help="Column with your own reference, kept in the results.")]
Language = Literal["nl", "en"]
Labels = Annotated[Language, typer.Option(help="Language of the labels.")]
ModelOption = Annotated[Path | None, typer.Option(help="Folder of the model; the live one when left out.")]
InputFormat = Annotated[
    Literal["csv", "xlsx", "jsonl", "parquet"] | None,
    typer.Option(help="Format of the input where its name does not tell."),
]

_TABLE_ENDINGS = (".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson", ".json", ".xls", ".ods")


def text_or_file(what: str, *, text_column: str | None) -> str | Path:
    """The text itself, or the file that it names.

    Raises:
        TableError: It can only be meant as a file, and there is none; or it is a folder.
    """
    try:
        path = Path(what)
        if path.is_file():
            return path
        if path.is_dir():
            raise TableError(f"{what}: is a folder; name a file")
    except (OSError, ValueError):  # too long for a name, or with a null in it: a text
        return what
    if text_column is not None or (what.lower().endswith(_TABLE_ENDINGS) and not any(map(str.isspace, what))):
        raise TableError(f"{what}: there is no such file")
    return what


def check_out(out: Path, source: Path | BinaryIO) -> None:
    """Refuse now what would fail, or destroy the input, at the end of the work."""
    if isinstance(source, Path) and out.exists() and out.samefile(source):
        raise typer.BadParameter(f"{out}: is the input, which is not overwritten", param_hint="--out")
    folder = out.resolve().parent
    if not folder.is_dir():
        raise typer.BadParameter(f"{out}: the folder {folder} does not exist", param_hint="--out")


@contextmanager
def progress(doing: str, total: int | None, *, quiet: bool = False) -> Iterator[Callable[..., None]]:
    """A function to call after every row, or with how many are done; a bar with rate and time left where one looks.

    Args:
        doing: What is being done, such as "classifying".
        total: About how many rows there are, or None when nobody knows.
        quiet: No bar, because the rows themselves are shown.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done=1: None
        return

    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="dim")

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda done=1: bar.advance(task, done)
