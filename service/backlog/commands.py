"""`feedback-nlp backlog`; what is heavy is imported inside the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from service.backlog.repository import BacklogRepository
    from service.sheets import Format

__all__ = ["backlog"]

backlog = typer.Typer(
    name="backlog",
    help="The improvement backlog.\n\nExample: feedback-nlp backlog export --out backlog.xlsx",
    no_args_is_help=True,
)

_FORMATS: Final[Mapping[str, Format]] = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl"}


@backlog.command()
def export(
    out: Annotated[
        Path | None,
        typer.Option(help="File to write: .csv, .xlsx or .jsonl; by default CSV to standard output."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write all improvements with rank, effect and public words as a table.

    A cell that a spreadsheet would take for a formula gets a ' before it. The file appears as a whole or not at all.

    Examples:
      feedback-nlp backlog export > backlog.csv

      feedback-nlp backlog export --out backlog.xlsx
    """
    from service.backlog.export import COLUMNS, entry_rows

    _write(out, force, COLUMNS, entry_rows)


@backlog.command()
def customers(
    improvement: Annotated[int, typer.Argument(min=1, help="Number of the improvement.")],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write: .csv, .xlsx or .jsonl; by default CSV to standard output."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write who is to be told of an improvement: the senders' own ids, and nothing else of them.

    Examples:
      feedback-nlp backlog customers 12 --out te-vertellen.csv
    """
    from service.backlog.export import CUSTOMER_COLUMNS, customer_rows

    def rows(repository: BacklogRepository) -> Iterable[Mapping[str, Any]]:
        if repository.get(improvement) is None:
            typer.secho(f"There is no improvement {improvement}.", err=True, fg="red")
            raise typer.Exit(2)
        return customer_rows(repository, improvement)

    _write(out, force, CUSTOMER_COLUMNS, rows)


def _write(
    out: Path | None,
    force: bool,
    columns: Sequence[str],
    rows: Callable[[BacklogRepository], Iterable[Mapping[str, Any]]],
) -> None:
    import sys

    from service.backlog.repository import BacklogRepository
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.settings import Settings
    from service.sheets import write

    kind = "csv" if out is None else _FORMATS.get(out.suffix.lower())
    if kind is None:
        typer.secho(f"{out} must end with .csv, .xlsx or .jsonl.", err=True, fg="red")
        raise typer.Exit(2)
    if out is not None and out.exists() and not force:
        typer.secho(f"{out} is there already; replace it with --force.", err=True, fg="red")
        raise typer.Exit(2)
    database = Database(Settings().database_url)
    try:
        upgrade(database)
        with database.read() as session:
            found = list(rows(BacklogRepository(session)))
    finally:
        database.close()
    if out is None:
        for piece in write(found, columns, kind):
            sys.stdout.buffer.write(piece)
        return
    waiting = out.with_name(out.name + ".part")
    try:
        with waiting.open("wb") as file:
            for piece in write(found, columns, kind):
                file.write(piece)
        waiting.replace(out)
    finally:
        waiting.unlink(missing_ok=True)
    typer.echo(f"{len(found):,} rows were written to {out}.")
