"""Starts the web server after checking that it can work.

What serves is imported where it is needed: with several processes, each of them loads it anew, and the one that only
watches over them needs none of it.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from feedback_nlp.errors import FeedbackNlpError, ModelMissingError
from feedback_nlp.registry import Registry, default_models_folder
from service.database.soundness import check_sqlite
from service.errors import DamagedStoreError, ServiceError
from service.protocol import CarefulHttp
from service.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["ServeError", "create_served_app", "run", "run_background"]


class ServeError(ServiceError):
    """The service cannot be started; the text says how to mend it, `exit_code` is the command's."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def run(*, host: str | None, port: int | None, models: Path | None, workers: int) -> None:
    """Serve until told to stop; None takes the setting of the environment.

    Raises:
        ServeError: A setting is wrong, no usable model is live, the store is damaged, or the address cannot be
            listened on.
    """
    given: dict[str, object] = {"HOST": host, "PORT": port, "MODELS": models and models.resolve()}
    os.environ.update(
        {f"FEEDBACK_NLP_{name}": str(value) for name, value in given.items() if value is not None}
    )
    settings = _settings()
    _check_model(settings)
    _check_store(settings)
    _check_address(settings.host, settings.port)
    uvicorn.run(
        "service.serving:create_served_app",
        factory=True,
        http=CarefulHttp,
        host=settings.host,
        port=settings.port,
        workers=workers,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=30,
    )


def create_served_app() -> FastAPI:
    """The application in each process that serves."""
    _look_for_garbage_less_often()
    from service.app import create_app_from_environment

    return create_app_from_environment()


def run_background() -> None:
    """Work on jobs and deliver events until told to stop; what was taken is finished.

    Raises:
        ServeError: A setting is wrong, no usable model is live, or the store is damaged.
    """
    settings = _settings()
    _check_model(settings)
    _check_store(settings)
    _look_for_garbage_less_often()
    from service import logs
    from service.background import Background
    from service.counts.recount import count_once
    from service.dashboard.alarms import RadarWorker
    from service.dashboard.topics import PointsWorker
    from service.database.engine import Database
    from service.database.migrate import upgrade
    from service.events.delivery import DeliveryWorker
    from service.events.outgoing import Outgoing
    from service.events.sender import Sender
    from service.events.signing import SigningSecrets, seal_secrets
    from service.events.targets import Targets
    from service.jobs.worker import JobWorker
    from service.models.registry import registry_host
    from service.operations.housekeeping import Housekeeping
    from service.pages.taxonomy import taxonomy_of
    from service.privacy.retention import RetentionWorker
    from service.redaction import default_redactor
    from service.state import originals_of
    from service.trackers.tokens import seal_tokens
    from service.trackers.worker import TrackerWorker

    logs.configure(json=settings.log_format == "json")
    database = Database(settings.database_url)
    upgrade(database)
    seal_tokens(database, settings)
    seal_secrets(database, settings)
    count_once(database)
    host = registry_host(settings, database)
    targets = Targets(settings.webhook_allowed_networks)
    sender, outgoing, redactor = Sender(targets), Outgoing(targets), default_redactor()
    workers = [
        Background(DeliveryWorker(database, sender, SigningSecrets(settings))),
        Background(
            TrackerWorker(database, outgoing, settings, lambda: taxonomy_of(host), redactor), pause=5.0
        ),
        Background(JobWorker(database, host, redactor, originals=originals_of(settings))),
        Background(RetentionWorker(database, settings), pause=60.0),
        Background(Housekeeping(database), pause=60.0),
        Background(RadarWorker(database, lambda: taxonomy_of(host)), pause=60.0),
        Background(PointsWorker(database, host), pause=60.0),
    ]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    host.start()
    for worker in workers:
        worker.start()
    stop.wait()
    host.stop()
    for worker in workers:
        worker.stop()
    sender.close()
    outgoing.close()
    database.close()


def _look_for_garbage_less_often() -> None:
    """What is loaded at a start stays; to look through it for garbage again and again takes a tenth of the time."""
    gc.set_threshold(50_000, 20, 20)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as exc:
        raise ServeError(_describe(exc), 2) from exc


def _check_model(settings: Settings) -> None:
    folder = settings.models or default_models_folder()
    try:
        Registry.load(folder).live_folder()
    except ModelMissingError as exc:
        raise ServeError(f"{exc}. Or point --models at a folder that has a live model.", 3) from exc
    except FeedbackNlpError as exc:
        raise ServeError(str(exc), 3) from exc


def _check_store(settings: Settings) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return
    try:
        check_sqlite(Path(url.database))
    except DamagedStoreError as exc:
        raise ServeError(str(exc), 2) from exc


def _check_address(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as exc:
        raise ServeError(f"The address {host!r} is not known here: {exc.strerror}.", 2) from exc
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as exc:
            reason = (
                "is taken by another program"
                if exc.errno == errno.EADDRINUSE
                else f"cannot be used: {exc.strerror}"
            )
            raise ServeError(f"{host}:{port} {reason}. Choose another with --port.", 2) from exc


def _describe(exc: ValidationError) -> str:
    faults = [
        f"FEEDBACK_NLP_{str(error['loc'][0]).upper()}: {error['msg']}, got {error['input']!r}"
        for error in exc.errors()
    ]
    return "\n".join(faults)
