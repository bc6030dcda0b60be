"""What `/v1/model` and `/v1/taxonomy` answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["EntryOut", "ModelOut", "ModelRef", "TaxonomyOut"]


class ModelRef(BaseModel):
    """Which model gave an answer."""

    name: str = Field(examples=["feedback-nl"])
    version: str
    digest: str = Field(description="`sha256:…` of the model's manifest.")


class ModelOut(ModelRef):
    """The model in use."""

    since: datetime = Field(description="When this process began to use it.")
    manifest: dict[str, Any] = Field(
        description="The manifest of its folder: how it was made and how good it is."
    )


class EntryOut(BaseModel):
    """A theme, pillar, signal, journey, channel or segment."""

    model_config = ConfigDict(extra="allow")

    code: str
    nl: str
    en: str


class TaxonomyOut(BaseModel):
    """Everything the model in use can say."""

    name: str
    version: str
    digest: str
    pillars: list[EntryOut]
    themes: list[EntryOut]
    signals: list[EntryOut]
    journeys: list[EntryOut]
    channels: list[EntryOut]
    segments: list[EntryOut]
