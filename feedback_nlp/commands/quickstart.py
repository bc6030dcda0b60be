"""`feedback-nlp quickstart`, behind `make run`: from nothing to a served, correct answer.

Everything it does, it does through the other commands in processes of their own, as a person would type them.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from feedback_nlp.errors import FeedbackNlpError

__all__ = ["EXAMPLE", "QuickstartError", "quickstart"]

EXAMPLE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound  # nosec
_PATIENCE_SECONDS = 120
_PAUSE_SECONDS = 0.5
_GRACE_SECONDS = 15


class QuickstartError(FeedbackNlpError):
    """The service cannot be started here."""


def quickstart(
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to serve on.")] = 8000,
    check: Annotated[
        bool, typer.Option("--check", help="Stop once the example has been answered correctly.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Put a year of demonstration feedback into the pages.")
    ] = False,
) -> None:
    """Train where needed, serve, and show one example: what make run does.

    A model is trained if none is live. Ctrl-C stops the service.

    Examples:

      feedback-nlp quickstart

      feedback-nlp quickstart --port 8080 --check

      feedback-nlp quickstart --demo
    """
    _claim(host, port)
    _see_to_a_model()
    with _service(host, port) as service:
        url = f"http://{'127.0.0.1' if host in _EVERYWHERE else host}:{port}"
        _await_ready(url, service)
        answer = _classify(url)
        if answer is not None:
            _show(url, answer)
        elif check:
            raise QuickstartError(
                f"{url} asks for a key, so the example cannot be checked; use --host 127.0.0.1"
            )
        else:
            typer.echo(
                "\nothers can reach it, so systems need a key: feedback-nlp key create NAME --scope classify"
            )
        if check and answer is not None:
            _verify(answer)
            typer.echo("the example is answered correctly")
            return
        _run("user", "add", "admin", "--role", "admin", "--generate", "--if-none")
        if demo:
            _run("demo", "add")
        typer.secho(f"\nserving on {url} (its API: {url}/docs); Ctrl-C stops it", fg="green")
        try:
            code = service.wait()
        except KeyboardInterrupt:
            typer.echo("\nstopping")
            return
    raise QuickstartError(
        f"the service stopped by itself with exit code {code}; its last lines above say why"
    )


def _claim(host: str, port: int) -> None:
    """Say now, and not after minutes of training, that the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as exc:
            raise QuickstartError(
                f"port {port} is for the system; take one above 1023: make run PORT=8080"
            ) from exc
        except OSError as exc:
            remedy = f"stop what holds it, or take another: make run PORT={port + 1}"
            raise QuickstartError(f"{host}:{port} cannot be used ({exc.strerror}); {remedy}") from exc


def _see_to_a_model() -> None:
    """Train one where none is live, or where the live one was made by a version that stored models otherwise."""
    from feedback_nlp.artifacts import read_manifest
    from feedback_nlp.errors import ModelMismatchError
    from feedback_nlp.registry import Registry, default_models_folder

    registry = Registry.load(default_models_folder())
    if registry.live is None:
        typer.echo("no model is live yet: training one (about two minutes, once)")
        _run("train", "--no-learning-curve")
        return
    try:
        read_manifest(registry.live_folder())
    except ModelMismatchError as exc:
        typer.echo(
            f"the live model is from another version ({exc}): training a new one (about two minutes, once)"
        )
        _run("train", "--no-learning-curve")
        _run("promote", "newest", "--force", "--why", "the live model was from another version")


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "feedback_nlp.cli", *arguments]


def _run(*arguments: str) -> None:
    code = subprocess.run(_command(*arguments), check=False).returncode  # noqa: S603 - our own command  # nosec
    if code:
        raise QuickstartError(f"`feedback-nlp {' '.join(arguments)}` ended with exit code {code}")


@contextmanager
def _service(host: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    # In a session of its own, so that a Ctrl-C reaches the service once and through us.
    service = subprocess.Popen(  # noqa: S603 - our own command  # nosec
        _command("serve", "--host", host, "--port", str(port)), start_new_session=True, env=os.environ.copy()
    )
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield service
    finally:
        signal.signal(signal.SIGTERM, previous)
        if service.poll() is None:
            service.terminate()
            try:
                service.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                service.kill()
                service.wait()


def _await_ready(url: str, service: subprocess.Popen[bytes]) -> None:
    import urllib.error
    import urllib.request

    typer.echo("starting the service")
    last = "no answer yet"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (code := service.poll()) is not None:
            raise QuickstartError(
                f"the service stopped at its start with exit code {code}; its lines above say why"
            )
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=5):  # noqa: S310 - http by construction  # nosec
                return
        except urllib.error.HTTPError as exc:
            last = exc.read(500).decode("utf-8", "replace")
        except OSError as exc:
            last = str(exc)
        time.sleep(_PAUSE_SECONDS)
    raise QuickstartError(f"the service is not ready after {_PATIENCE_SECONDS} seconds: {last}")


def _classify(url: str) -> dict[str, Any] | None:
    """The answer to the example; None when a key is asked for."""
    import urllib.error
    import urllib.request

    body = json.dumps({"items": [{"id": "42", "text": EXAMPLE}]}).encode()
    request = urllib.request.Request(  # noqa: S310 - http by construction
        f"{url}/v1/classify", data=body, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - http by construction  # nosec
            answer: dict[str, Any] = json.load(response)["results"][0]
    except urllib.error.HTTPError as exc:
        if exc.code == 401:  # what the service says without a key
            return None
        raise QuickstartError(f"{url}/v1/classify answered {exc.code}: {exc.read(500)!r}") from exc
    return answer


def _show(url: str, answer: dict[str, Any]) -> None:
    typer.echo(
        f"\n  curl {url}/v1/classify -H 'Content-Type: application/json' \\\n"
        f"    -d '{json.dumps({'items': [{'id': '42', 'text': EXAMPLE}]}, ensure_ascii=False)}'\n"
    )
    for theme in answer["themes"]:
        if theme["assigned"]:
            words = ", ".join(f"“{EXAMPLE[span['start'] : span['end']]}”" for span in theme["evidence"])
            sign = "+" if theme["polarity"] > 0 else "−"
            typer.echo(f"  {sign} {theme['label']:<16} {theme['score']:.0%}  {words}")
    typer.echo(f"  toon: {answer['sentiment']['label']}, verwachte NPS {answer['advocacy']['nps']['value']}")


def _verify(answer: dict[str, Any]) -> None:
    found = {theme["code"]: theme["polarity"] for theme in answer["themes"] if theme["assigned"]}
    if not (found.get("bereikbaarheid", 0) < 0 < found.get("empathie", 0)):
        raise QuickstartError(
            f"the example should be bereikbaarheid negative and empathie positive, got {found}"
        )
