"""The service's part of the command line; what is heavy is imported inside the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the service's commands to `feedback-nlp`."""
    app.command("serve")(serve)


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
