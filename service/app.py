"""Puts the application together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path

from fastapi import FastAPI

from service import openapi, problems
from service.classify import api as classify
from service.database.engine import Database
from service.database.migrate import upgrade
from service.feedback import api as feedback
from service.health import api as health
from service.limits import BodyLimit
from service.models import api as models
from service.models.live import Analyzer, ModelHost
from service.redaction import Redactor
from service.settings import Settings
from service.state import ServiceState

__all__ = ["create_app", "create_app_from_environment"]

_DESCRIPTION = """\
Dutch customer feedback in; themes with polarity and evidence, sentiment, advocacy and triage signals out.
Every error is a problem detail (RFC 9457)."""


def create_app(
    settings: Settings, *, models_host: ModelHost | None = None, redactor: Redactor | None = None
) -> FastAPI:
    """The application; nothing is opened or loaded before it starts.

    Args:
        settings: Its configuration.
        models_host: Where the model comes from; None takes the registry's live model.
        redactor: What replaces personal data; None takes the library's.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[ServiceState]:
        database = Database(settings.database_url)
        upgrade(database)
        host = models_host or ModelHost(_finder(settings), _loader(settings))
        host.start()
        try:
            yield ServiceState(
                settings=settings, models=host, database=database, redactor=redactor or _default_redactor()
            )
        finally:
            database.close()

    app = FastAPI(
        title="feedback_nlp",
        version=_version(),
        summary="Themes, polarity, evidence, sentiment, advocacy and signals of Dutch customer feedback.",
        description=_DESCRIPTION,
        lifespan=lifespan,
    )
    problems.install(app)
    openapi.install(app)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    for feature in (classify, feedback, models, health):
        app.include_router(feature.router)
    return app


def create_app_from_environment() -> FastAPI:
    """The application with the settings of the environment, for servers that want a factory."""
    return create_app(Settings())


def _default_redactor() -> Redactor:
    from feedback_nlp.privacy import Redactor as LibraryRedactor

    return LibraryRedactor.default()


def _finder(settings: Settings) -> Callable[[], Path | None]:
    def find() -> Path | None:
        from feedback_nlp.registry import Registry, default_models_folder

        registry = Registry.load(settings.models or default_models_folder())
        return registry.live_folder() if registry.live else None

    return find


def _loader(settings: Settings) -> Callable[[Path], Analyzer]:
    def load(folder: Path) -> Analyzer:
        from feedback_nlp.analyzer import FeedbackAnalyzer

        return FeedbackAnalyzer.load(folder, threads=settings.threads, language=settings.language)

    return load


def _version() -> str:
    try:
        return metadata.version("feedback-nlp")
    except metadata.PackageNotFoundError:
        return "0"
