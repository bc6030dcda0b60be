"""`feedback-nlp recount`; what is heavy is imported inside the command."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["recount"]


def recount(
    check: Annotated[bool, typer.Option("--check", help="Only compare, and change nothing.")] = False,
) -> None:
    """Count all items of the store anew for the dashboards.

    The service keeps the counts itself and counts a store that never was at its start; this is for a store that was
    changed by other hands. Writers wait until it is done. Ctrl-C leaves the counts as they were.

    Examples:
      feedback-nlp recount --check

      FEEDBACK_NLP_DATABASE_URL=postgresql://feedback@db/feedback feedback-nlp recount
    """
    from rich.progress import Progress

    from service.counts.recount import differences
    from service.counts.recount import recount as count_anew
    from service.counts.repository import CountsRepository
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.settings import Settings

    database = Database(Settings().database_url)
    try:
        upgrade(database)
        if check:
            wrong = differences(database)
            typer.echo("the counts are right" if not wrong else f"{wrong:,} counts are wrong")
            raise typer.Exit(1 if wrong else 0)
        with database.read() as session:
            total = CountsRepository(session).items()
        with Progress(transient=True) as progress:
            task = progress.add_task("counting", total=total)
            items = count_anew(database, lambda count: progress.advance(task, count))
    finally:
        database.close()
    typer.echo(f"{items:,} items were counted")
