"""The service's part of the command line; what is heavy is imported inside the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.access.commands import keys, users
from service.backlog.commands import backlog
from service.counts.commands import recount
from service.demo.commands import demo
from service.privacy.commands import disclose, erase, retention

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the service's commands to `feedback-nlp`."""
    app.command("serve")(serve)
    app.command("work")(work)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.add_typer(users)
    app.add_typer(keys)
    app.command("erase")(erase)
    app.command("disclose")(disclose)
    app.command("retention")(retention)
    app.command("recount")(recount)
    app.add_typer(demo)
    app.add_typer(backlog)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on; 8000 by default.")
    ] = None,
    models: Annotated[Path | None, typer.Option(help="Folder of the models, with its registry.json.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; each loads the model once.")] = 1,
) -> None:
    """Serve the live model over HTTP until Ctrl-C.

    Examples:
      feedback-nlp serve

      feedback-nlp serve --host 0.0.0.0 --port 8080 --workers 4
    """
    from service.serving import ServeError, run

    try:
        run(host=host, port=port, models=models, workers=workers)
    except ServeError as exc:
        typer.secho(str(exc), err=True, fg="red")
        raise typer.Exit(exc.exit_code) from exc


def work() -> None:
    """Work on jobs and deliver events without answering requests, until Ctrl-C.

    For set-ups where the web processes run with FEEDBACK_NLP_BACKGROUND=false.

    Examples:
      FEEDBACK_NLP_DATABASE_URL=postgresql://feedback@db/feedback feedback-nlp work
    """
    from service.serving import ServeError, run_background

    try:
        run_background()
    except ServeError as exc:
        typer.secho(str(exc), err=True, fg="red")
        raise typer.Exit(exc.exit_code) from exc


def backup(
    target: Annotated[Path, typer.Argument(help="File to write; it must not be there yet.")],
) -> None:
    """Copy the store in SQLite to a file, also while the service runs.

    Examples:
      feedback-nlp backup feedback-2026-03-01.db
    """
    from service.operations.backup import backup as copy
    from service.operations.backup import sqlite_file
    from service.settings import Settings

    copy(sqlite_file(Settings().database_url), target)
    typer.echo(f"The store was copied to {target}.")


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `feedback-nlp backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the store that is there.")] = False,
) -> None:
    """Put a backup in place of the store in SQLite; stop the service first.

    Examples:
      feedback-nlp restore feedback-2026-03-01.db --force
    """
    from service.operations.backup import restore as put_back
    from service.operations.backup import sqlite_file
    from service.settings import Settings

    put_back(source, target := sqlite_file(Settings().database_url), force=force)
    typer.echo(f"{target} now holds what {source} held.")
