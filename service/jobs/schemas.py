"""What `/v1/jobs` answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["JobOut", "JobPage"]


class JobOut(BaseModel):
    """A job and how far it is."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    filename: str
    format: Literal["csv", "xlsx", "jsonl"]
    options: dict[str, Any]
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    rows_total: int | None = Field(
        description="An estimate until the job is done; null when it cannot be told."
    )
    rows_done: int
    rows_created: int
    rows_failed: int
    error: str | None


class JobPage(BaseModel):
    """Jobs, the newest first."""

    items: list[JobOut]
    next_cursor: str | None
