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
        description="Model versions that learned from the items, or that keep no list of what they learned from and "
        "went live after one of the items was exported."
    )
    in_use: str | None = Field(
        None,
        description="The one of `models` that answers now; it holds what it learned until another takes over.",
    )
    pending_jobs: list[int] = Field(
        description="Jobs whose file is not worked through yet; look again when they have ended."
    )

    @classmethod
    def of_report(cls, report: ErasureReport, by: str, live: str | None) -> ErasureOut:
        """From what was just done, and the model that is live."""
        return cls(
            **report.to_dict(),
            id=report.id,
            at=report.at,
            by=by,
            not_found=report.not_found,
            in_use=live if live in report.models else None,
        )

    @classmethod
    def of_row(cls, row: ErasureRow, live: str | None) -> ErasureOut:
        """From what is kept of it, and the model that is live."""
        in_use = live if live in row.report["models"] else None
        return cls(id=row.id, at=row.at, by=row.by, in_use=in_use, **row.report)


class DisclosureOut(BaseModel):
    """All that is held."""

    items: list[dict[str, Any]] = Field(description="Every item with all its columns and what hangs on it.")
    job_errors: list[dict[str, Any]] = Field(description="Rows of files that were not taken.")


class OriginalOut(BaseModel):
    """An item's text as it came in."""

    text: str
