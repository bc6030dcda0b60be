"""What the application holds while it runs, made once in its lifespan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypedDict, cast

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from service.database.engine import Database
from service.models.live import Analyzer, ModelHost
from service.redaction import Redactor
from service.settings import Settings

__all__ = [
    "AnalyzerDep",
    "DatabaseDep",
    "ModelHostDep",
    "ReadSessionDep",
    "RedactorDep",
    "ServiceState",
    "SessionDep",
    "SettingsDep",
]


class ServiceState(TypedDict):
    """The lifespan state, found in `request.state`."""

    settings: Settings
    models: ModelHost
    database: Database
    redactor: Redactor


def _settings(request: Request) -> Settings:
    return cast(Settings, request.state.settings)


def _models(request: Request) -> ModelHost:
    return cast(ModelHost, request.state.models)


SettingsDep = Annotated[Settings, Depends(_settings)]
ModelHostDep = Annotated[ModelHost, Depends(_models)]


def _analyzer(models: ModelHostDep) -> Analyzer:
    return models.current().analyzer


AnalyzerDep = Annotated[Analyzer, Depends(_analyzer)]


def _database(request: Request) -> Database:
    return cast(Database, request.state.database)


def _redactor(request: Request) -> Redactor:
    return cast(Redactor, request.state.redactor)


DatabaseDep = Annotated[Database, Depends(_database)]
RedactorDep = Annotated[Redactor, Depends(_redactor)]


def _write(database: DatabaseDep) -> Iterator[Session]:
    with database.write() as session:
        yield session


def _read(database: DatabaseDep) -> Iterator[Session]:
    with database.read() as session:
        yield session


# The unit of work ends with the handler, so that what is answered has been committed.
SessionDep = Annotated[Session, Depends(_write, scope="function")]
ReadSessionDep = Annotated[Session, Depends(_read, scope="function")]
