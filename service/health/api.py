"""`/health/live` and `/health/ready`, for whatever starts and watches the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from service.models.schemas import ModelRef
from service.problems import describe
from service.state import DatabaseDep, ModelHostDep

__all__ = ["router"]

router = APIRouter(prefix="/health", tags=["health"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """The service can do its work."""

    status: Literal["ready"] = "ready"
    model: ModelRef


@router.get("/live", summary="Is the process up?")
def live() -> Live:
    """Answers as long as the process can; says nothing about the model."""
    return Live()


@router.get("/ready", summary="Can it work?", responses=describe(503))
def ready(models: ModelHostDep, database: DatabaseDep) -> Ready:
    """200 when a model has classified a probe sentence and the store can be read; 503 with the reason otherwise."""
    database.check()
    info = models.current().analyzer.info
    return Ready(model=ModelRef(**info.to_dict()))
