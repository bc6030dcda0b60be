"""Puts the application together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path

from fastapi import FastAPI

from service import openapi, problems
from service.classify import api as classify
from service.health import api as health
from service.limits import BodyLimit
from service.models import api as models
from service.models.live import Analyzer, ModelHost
from service.settings import Settings
from service.state import ServiceState

__all__ = ["create_app", "create_app_from_environment"]

_DESCRIPTION = """\
Dutch customer feedback in; themes with polarity and evidence, sentiment, advocacy and triage signals out.
Every error is a problem detail (RFC 9457)."""


def create_app(settings: Settings, *, models_host: ModelHost | None = None) -> FastAPI:
    """The application; nothing is opened or loaded before it starts.

    Args:
        settings: Its configuration.
        models_host: Where the model comes from; None takes the registry's live model.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[ServiceState]:
        host = models_host or ModelHost(_finder(settings), _loader(settings))
        host.start()
        yield ServiceState(settings=settings, models=host)

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
    for feature in (classify, models, health):
        app.include_router(feature.router)
    return app


def create_app_from_environment() -> FastAPI:
    """The application with the settings of the environment, for servers that want a factory."""
    return create_app(Settings())


def _finder(settings: Settings) -> Callable[[], Path | None]:
    def find() -> Path | None:
        from feedback_nlp.registry import Registry

        return Registry.load(settings.models).live

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
