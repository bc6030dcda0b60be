"""`feedback-nlp`: the commands of this package, and those that other packages add.

A package adds commands through an entry point of the group `feedback_nlp.commands`: a function that is given the
application and registers on it. See `docs/decisions/entry-points.md`.

Exit codes: 0 fine; 1 some rows failed; 2 wrong use or bad input; 3 model missing or refused; 70 a fault of the program;
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Annotated

import typer

from feedback_nlp.commands.classify import classify
from feedback_nlp.commands.doctor import doctor
from feedback_nlp.commands.quickstart import quickstart
from feedback_nlp.commands.redact import redact
from feedback_nlp.commands.score import score
from feedback_nlp.errors import EncoderError, FeedbackNlpError, ModelError

__all__ = ["COMMAND_GROUP", "app", "create_app", "exit_code", "main"]

COMMAND_GROUP = "feedback_nlp.commands"

_INTERNAL_FAULT = 70
_INTERRUPTED = 130


def create_app() -> typer.Typer:
    """The application with all its commands; one that another package fails to add is left out with a warning."""
    application = typer.Typer(
        name="feedback-nlp",
        help=(
            "Dutch customer feedback in; themes with polarity and evidence, sentiment, advocacy and signals out.\n\n"
            'Begin with: feedback-nlp classify "Ik stond lang in de wacht."'
        ),
        rich_markup_mode="rich",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    application.callback()(_options)
    application.command("classify")(classify)
    application.command("score")(score)
    application.command("redact")(redact)
    application.command("doctor")(doctor)
    application.command("quickstart")(quickstart)
    for entry in sorted(metadata.entry_points(group=COMMAND_GROUP), key=lambda entry: entry.name):
        try:
            entry.load()(application)
        except Exception as exc:  # noqa: BLE001 - whatever is wrong with an add-on, the rest must work
            print(f"warning: the commands of {entry.value} are left out: {exc}", file=sys.stderr)  # noqa: T201
    return application


def exit_code(error: FeedbackNlpError) -> int:
    """The exit code that tells what kind of error it was."""
    return 3 if isinstance(error, ModelError | EncoderError) else 2


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"feedback-nlp {metadata.version('feedback-nlp')}")
        raise typer.Exit


def _options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
) -> None:
    context.obj = {"debug": debug}


app = create_app()


def main() -> None:
    """Run the command line; an error of this project is told in plain words."""
    debug = "--debug" in sys.argv[1:2]
    try:
        app()
    except FeedbackNlpError as exc:
        if debug:
            raise
        _complain(str(exc), exit_code(exc), exc)
    except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError) as exc:
        if debug:
            raise
        named = f"{exc.filename}: " if exc.filename else ""
        _complain(f"{named}{exc.strerror or exc}", 2, exc)
    except KeyboardInterrupt as exc:
        _complain("stopped", _INTERRUPTED, exc)
    except Exception as exc:
        if debug:
            raise
        _complain(
            f"a fault in the program ({type(exc).__name__}: {exc}); `feedback-nlp --debug …` shows where",
            _INTERNAL_FAULT,
            exc,
        )


def _complain(message: str, code: int, cause: BaseException) -> None:
    typer.secho(f"error: {message}", err=True, fg="red")
    raise SystemExit(code) from cause


if __name__ == "__main__":
    main()
