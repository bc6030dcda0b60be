"""What `POST /v1/classify` takes and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.models.schemas import ModelRef

__all__ = [
    "MAX_ITEMS",
    "AnalysisOut",
    "ClassifyRequest",
    "ClassifyResponse",
    "ItemError",
    "ItemIn",
    "example",
    "example_answer",
]

MAX_ITEMS: Final = 1000


def _encodable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise ValueError("must not contain half a surrogate pair") from exc
    return value


Reference = Annotated[str, Field(max_length=200), AfterValidator(_encodable)]


class ItemIn(BaseModel):
    """One text, with the scores the customer gave, if any."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    id: Reference | None = Field(None, description="Your own reference; comes back with the answer.")
    text: str = Field(description="What the customer wrote; at most 20,000 characters.")
    nps: float | None = Field(None, ge=0, le=10, description="Answer to “would you recommend us”, 0-10.")
    cas: float | None = Field(None, ge=0, le=10, description="Answer to “did we act in your interest”, 0-10.")
    ces: float | None = Field(
        None, ge=1, le=7, description="Answer to “how easy was it”, 1-7 (7 = very easy)."
    )


class ClassifyRequest(BaseModel):
    """A batch of texts."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "id": "42",
                            "text": "Ik heb drie kwartier in de wacht gestaan, "
                            "maar de medewerkster was heel begripvol.",
                            "nps": 6,
                        },
                        {
                            "id": "43",
                            "text": "Voor de derde keer dezelfde papieren opgestuurd. "
                            "Dit is een officiële klacht, anders stap ik naar het Kifid.",
                        },
                    ]
                }
            ]
        },
    )

    items: list[ItemIn] = Field(min_length=1, max_length=MAX_ITEMS)


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


class SpanOut(_Out):
    """A piece of the analysed text, in code points; the end is not included."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    weight: float = Field(ge=0, le=1)


class ThemeOut(_Out):
    """What the model thinks of one theme."""

    code: str
    label: str
    score: float = Field(ge=0, le=1, description="Calibrated probability that the text speaks of the theme.")
    assigned: bool
    polarity: float = Field(ge=-1, le=1)
    evidence: list[SpanOut]


class SentimentOut(_Out):
    """The tone of the text as a whole."""

    score: float = Field(ge=-1, le=1)
    label: str


class EstimateOut(_Out):
    """An expected answer 0-10 with its 80 % interval."""

    value: float
    low: int
    high: int


class AdvocacyOut(_Out):
    """Would this writer recommend the organisation?"""

    promoter: float = Field(ge=0, le=1)
    passive: float = Field(ge=0, le=1)
    detractor: float = Field(ge=0, le=1)
    nps: EstimateOut
    cas: EstimateOut


class SignalOut(_Out):
    """Something that must not be missed."""

    code: str
    label: str
    score: float = Field(ge=0, le=1)
    assigned: bool


class AnalysisOut(_Out):
    """Everything the model says of one text; keys may be added, none is ever renamed."""

    id: str | None
    text: str
    language: str
    themes: list[ThemeOut]
    sentiment: SentimentOut
    advocacy: AdvocacyOut
    signals: list[SignalOut]
    needs_review: bool
    review_reasons: list[str]
    model: ModelRef


class ItemError(BaseModel):
    """Why one item could not be analysed; the others were."""

    model_config = ConfigDict(extra="forbid")

    id: str | None
    error: str


class ClassifyResponse(BaseModel):
    """The answers, in the order of the items."""

    results: list[AnalysisOut | ItemError]
    model: ModelRef


def example_answer() -> dict[str, Any]:
    """What a trained model answered to `example`; its version is in it."""
    answer: dict[str, Any] = json.loads(Path(__file__).with_name("example.json").read_text("utf-8"))
    return answer


def example() -> dict[str, Any]:
    """The request of the documentation."""
    config: Any = ClassifyRequest.model_config["json_schema_extra"]
    request: dict[str, Any] = config["examples"][0]
    return request
