"""Bodies of `/v1/erasures`, `/v1/disclosures` and originals."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.fields import Reference, Request
from service.privacy.erasure import ErasureReport
from service.privacy.tables import ErasureRow

__all__ = ["DisclosureOut", "ErasureOut", "OriginalOut", "Subject"]


class Subject(Request):
    """Whose items are meant, by the ids that the sender gave them."""

    external_ids: Annotated[list[Reference], Field(min_length=1, max_length=1000)]
    source: Reference | None = Field(None, description="The system they come from; null for all of them.")

    model_config = ConfigDict(json_schema_extra={"example": {"external_ids": ["K-2041"], "source": "crm"}})


class ErasureOut(BaseModel):
    """What an erasure did."""

    id: int
    at: datetime
    by: str | None = None
    items: int = Field(description="Items that are gone.")
    places: dict[str, int] = Field(
        description="Rows that went, by place; the search index goes with feedback."
    )
    not_found: list[str] = Field(
        default_factory=list, description="External ids that no item had; told once and not kept."
    )
    training_sets: dict[str, int] = Field(description="Rows that went, by file.")
    models: list[str] = Field(
        description="Model versions that may have learned from the items: live since one of them was exported."
    )
    pending_jobs: list[int] = Field(
        description="Jobs whose file is not worked through yet; look again when they have ended."
    )

    @classmethod
    def of_report(cls, report: ErasureReport, by: str) -> ErasureOut:
        """From what was just done."""
        return cls(**report.to_dict(), id=report.id, at=report.at, by=by, not_found=report.not_found)

    @classmethod
    def of_row(cls, row: ErasureRow) -> ErasureOut:
        """From what is kept of it."""
        return cls(id=row.id, at=row.at, by=row.by, **row.report)


class DisclosureOut(BaseModel):
    """All that is held."""

    items: list[dict[str, Any]] = Field(description="Every item with all its columns and what hangs on it.")
    job_errors: list[dict[str, Any]] = Field(description="Rows of files that were not taken.")


class OriginalOut(BaseModel):
    """An item's text as it came in."""

    text: str
