"""What the application holds while it runs, made once in its lifespan.

Handlers open their own unit of work, `with database.write() as session`, rather than depend on a session: FastAPI ends
dependencies only after it has queued for a thread once more, and fifty writers that wait for the first one's commit
would occupy all threads that it needs for that.
"""

from __future__ import annotations

from typing import Annotated, TypedDict, cast

from fastapi import Depends, Request

from service.access.state import Access
from service.database.engine import Database
from service.events.targets import Targets
from service.metrics import Metrics
from service.models.live import Analyzer, ModelHost
from service.privacy.originals import Originals
from service.redaction import Redactor
from service.settings import Settings

__all__ = [
    "AnalyzerDep",
    "DatabaseDep",
    "MetricsDep",
    "ModelHostDep",
    "OriginalsDep",
    "RedactorDep",
    "ServiceState",
    "SettingsDep",
    "TargetsDep",
    "originals_of",
]


class ServiceState(TypedDict):
    """The lifespan state, found in `request.state`."""

    settings: Settings
    models: ModelHost
    database: Database
    redactor: Redactor
    targets: Targets
    metrics: Metrics
    access: Access
    originals: Originals | None


async def _settings(request: Request) -> Settings:
    return cast(Settings, request.state.settings)


async def _models(request: Request) -> ModelHost:
    return cast(ModelHost, request.state.models)


SettingsDep = Annotated[Settings, Depends(_settings)]
ModelHostDep = Annotated[ModelHost, Depends(_models)]


async def _analyzer(models: ModelHostDep) -> Analyzer:
    return models.current().analyzer


AnalyzerDep = Annotated[Analyzer, Depends(_analyzer)]


async def _database(request: Request) -> Database:
    return cast(Database, request.state.database)


async def _redactor(request: Request) -> Redactor:
    return cast(Redactor, request.state.redactor)


DatabaseDep = Annotated[Database, Depends(_database)]
RedactorDep = Annotated[Redactor, Depends(_redactor)]


async def _targets(request: Request) -> Targets:
    return cast(Targets, request.state.targets)


TargetsDep = Annotated[Targets, Depends(_targets)]


async def _metrics(request: Request) -> Metrics:
    return cast(Metrics, request.state.metrics)


MetricsDep = Annotated[Metrics, Depends(_metrics)]


async def _originals(request: Request) -> Originals | None:
    return cast("Originals | None", request.state.originals)


OriginalsDep = Annotated[Originals | None, Depends(_originals)]


def originals_of(settings: Settings) -> Originals | None:
    """What keeps originals; None when the settings have no key for it."""
    keys = [key.get_secret_value() for key in settings.originals_keys]
    return Originals(keys) if keys else None
