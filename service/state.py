"""What the application holds while it runs, made once in its lifespan."""

from __future__ import annotations

from typing import Annotated, TypedDict, cast

from fastapi import Depends, Request

from service.models.live import Analyzer, ModelHost
from service.settings import Settings

__all__ = ["AnalyzerDep", "ModelHostDep", "ServiceState", "SettingsDep"]


class ServiceState(TypedDict):
    """The lifespan state, found in `request.state`."""

    settings: Settings
    models: ModelHost


def _settings(request: Request) -> Settings:
    return cast(Settings, request.state.settings)


def _models(request: Request) -> ModelHost:
    return cast(ModelHost, request.state.models)


SettingsDep = Annotated[Settings, Depends(_settings)]
ModelHostDep = Annotated[ModelHost, Depends(_models)]


def _analyzer(models: ModelHostDep) -> Analyzer:
    return models.current().analyzer


AnalyzerDep = Annotated[Analyzer, Depends(_analyzer)]
