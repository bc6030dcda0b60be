"""What `/v1/feedback` and `/v1/corrections` take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from service.feedback.records import Correction, FeedbackFilter, NewFeedback, Outcome, Polarity, Status
from service.feedback.tables import AnalysisRow, CorrectionRow, FeedbackRow
from service.fields import MAX_ID, Code, Cursor, Moment, Reference, Request, Storable, Whole

__all__ = [
    "AddFeedback",
    "Added",
    "CorrectFeedback",
    "CorrectionOut",
    "FeedbackDetail",
    "FeedbackIn",
    "FeedbackOut",
    "FeedbackPage",
    "FeedbackQuery",
    "OutcomeOut",
    "PatchFeedback",
]

MAX_ITEMS: Final = 1000
MetaValue = Annotated[Storable, Field(max_length=1000)] | bool | int | float | None
Codes = Annotated[list[Code], Field(max_length=50)]


class FeedbackIn(Request):
    """One item to take in."""

    text: str = Field(
        description="What the customer wrote; personal data is replaced before anything is kept."
    )
    source: Reference = Field("api", description="The system it comes from.")
    external_id: Reference | None = Field(
        None, description="That system's id of it. A repeat of source and external_id is the same item."
    )
    kind: Code | None = Field(
        None, description="`survey`, `complaint`, `email`, `chat`, `review`, `call_note` …"
    )
    domain: Code | None = None
    journey: Code | None = None
    channel: Code | None = None
    segment: Code | None = None
    nps: float | None = Field(None, ge=0, le=10)
    cas: float | None = Field(None, ge=0, le=10)
    ces: float | None = Field(None, ge=1, le=7)
    occurred_at: Moment | None = Field(None, description="When the customer wrote it; by default now.")
    meta: dict[Annotated[Storable, Field(max_length=100)], MetaValue] = Field(
        default_factory=dict, max_length=50, description="Further facts to keep with it."
    )

    def to_record(self) -> NewFeedback:
        """For the service."""
        return NewFeedback(**{name: getattr(self, name) for name in type(self).model_fields})


class AddFeedback(Request):
    """Items to take in, all or none of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "source": "enquete",
                            "external_id": "2026-0042",
                            "text": "Ik heb drie kwartier in de wacht gestaan, "
                            "maar de medewerkster was heel begripvol.",
                            "kind": "survey",
                            "journey": "schade_of_storing",
                            "channel": "telefoon",
                            "segment": "klant",
                            "nps": 6,
                            "occurred_at": "2026-03-01T09:30:00+01:00",
                        }
                    ]
                }
            ]
        }
    )

    items: list[FeedbackIn] = Field(min_length=1, max_length=MAX_ITEMS)


class ThemeLabel(BaseModel):
    """A theme that counts for an item."""

    code: str
    polarity: float
    score: float | None = Field(description="The model's probability; null when only a person saw it.")
    origin: Literal["model", "person"]


class SignalLabel(BaseModel):
    """A signal that counts for an item."""

    code: str
    score: float | None
    origin: Literal["model", "person"]


class FeedbackOut(BaseModel):
    """An item with the labels that count now."""

    id: int
    version: int = Field(
        description="Goes up with each change; send it as If-Match to change only what you saw."
    )
    source: str
    external_id: str | None
    text: str
    language: str
    kind: str | None
    domain: str | None
    journey: str | None
    channel: str | None
    segment: str | None
    nps: float | None
    cas: float | None
    ces: float | None
    occurred_at: datetime
    received_at: datetime
    meta: dict[str, Any]
    status: Status
    assigned_to: int | None
    themes: list[ThemeLabel]
    signals: list[SignalLabel]
    sentiment: float
    needs_review: bool
    review_reasons: list[str]
    corrected_at: datetime | None
    job_id: int | None

    @classmethod
    def of(cls, row: FeedbackRow) -> Self:
        """From the store."""
        return cls.model_validate(_fields(row))


class CorrectionOut(BaseModel):
    """A person's change of the labels."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    by: str
    before: dict[str, Any]
    after: dict[str, Any]
    model_version: str
    note: str | None


class FeedbackDetail(FeedbackOut):
    """An item with everything the newest model said, and what people changed."""

    analysis: dict[str, Any] = Field(description="The newest Analysis; its evidence refers to `text`.")
    analysed_at: datetime
    corrections: list[CorrectionOut]

    @classmethod
    def with_history(
        cls, row: FeedbackRow, analysis: AnalysisRow, corrections: list[CorrectionRow]
    ) -> FeedbackDetail:
        """From the store."""
        return cls.model_validate(
            {
                **_fields(row),
                "analysis": {"id": str(row.id), "text": row.text, **analysis.result},
                "analysed_at": analysis.created_at,
                "corrections": [CorrectionOut.model_validate(one) for one in corrections],
            }
        )


class OutcomeOut(BaseModel):
    """What became of one item."""

    outcome: Literal["created", "unchanged", "erased", "failed"]
    id: int | None
    error: str | None
    feedback: FeedbackOut | None

    @classmethod
    def of(cls, outcome: Outcome, rows: dict[int, FeedbackRow]) -> OutcomeOut:
        """From the service."""
        row = rows.get(outcome.id or 0)
        feedback = FeedbackOut.of(row) if row else None
        return cls(outcome=outcome.outcome, id=outcome.id, error=outcome.error, feedback=feedback)


class Added(BaseModel):
    """What became of the items, in their order."""

    results: list[OutcomeOut]


class FeedbackPage(BaseModel):
    """Items, the newest first unless asked otherwise."""

    items: list[FeedbackOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last.")


class FeedbackQuery(BaseModel):
    """Filters: several values of one are alternatives, different ones are combined with *and*."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    theme: Codes = []
    polarity: Polarity | None = Field(None, description="Of the themes asked for, or of any.")
    sentiment_min: float | None = Field(None, ge=-1, le=1)
    sentiment_max: float | None = Field(None, ge=-1, le=1)
    signal: Codes = []
    journey: Codes = []
    channel: Codes = []
    segment: Codes = []
    kind: Codes = []
    domain: Codes = []
    source: Annotated[list[Reference], Field(max_length=50)] = []
    external_id: Reference | None = None
    status: Annotated[list[Status], Field(max_length=4)] = []
    needs_review: bool | None = None
    assigned_to: int | None = Field(None, ge=1, le=MAX_ID)
    start: Moment | None = Field(None, description="`occurred_at` from here on.")
    end: Moment | None = Field(None, description="`occurred_at` before this.")
    q: Annotated[Storable, Field(min_length=1, max_length=200)] | None = Field(
        None, description='Words that must occur; "words in quotes" together; -word must not.'
    )
    job: int | None = Field(None, ge=1, le=MAX_ID, description="Items that came with this job.")
    order: Literal["newest", "oldest"] = "newest"
    limit: int = Field(50, ge=1, le=200)
    cursor: Cursor | None = Field(None, description="`next_cursor` of the page before.")

    def to_filter(self) -> FeedbackFilter:
        """For the repository."""
        return FeedbackFilter(
            themes=tuple(self.theme),
            polarity=self.polarity,
            sentiment_min=self.sentiment_min,
            sentiment_max=self.sentiment_max,
            signals=tuple(self.signal),
            journeys=tuple(self.journey),
            channels=tuple(self.channel),
            segments=tuple(self.segment),
            kinds=tuple(self.kind),
            domains=tuple(self.domain),
            sources=tuple(self.source),
            external_id=self.external_id,
            statuses=tuple(self.status),
            needs_review=self.needs_review,
            assigned_to=self.assigned_to,
            start=self.start,
            end=self.end,
            search=self.q,
            job_id=self.job,
        )


class PatchFeedback(Request):
    """Fields to set; those left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "in_progress"}], "minProperties": 1})

    status: Status = "new"
    assigned_to: Annotated[Whole, Field(ge=1, le=MAX_ID)] | None = None
    needs_review: bool = False
    kind: Code | None = None
    domain: Code | None = None
    journey: Code | None = None
    channel: Code | None = None
    segment: Code | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must name at least one field to set")
        return self

    def to_change(self) -> dict[str, Any]:
        """Only what was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class CorrectFeedback(Request):
    """What is so instead; only what is named changes. An empty correction confirms everything."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"themes": {"bereikbaarheid": -1, "snelheid": None}, "signals": {"klacht": True}}]
        }
    )

    themes: dict[Code, Annotated[Whole, Field(ge=-1, le=1)] | None] = Field(
        default_factory=dict, max_length=100, description="-1, 0 or 1; null: the text does not speak of it."
    )
    signals: dict[Code, bool] = Field(default_factory=dict, max_length=100)
    sentiment: Whole | None = Field(None, ge=-2, le=2)
    note: Annotated[Storable, Field(max_length=2000)] | None = None

    def to_record(self) -> Correction:
        """For the service."""
        return Correction(self.themes, self.signals, self.sentiment, self.note)


_COLUMNS: Final = tuple(name for name in FeedbackOut.model_fields if name not in ("themes", "signals"))


def _fields(row: FeedbackRow) -> dict[str, Any]:
    themes = [
        {
            "code": one.theme,
            "polarity": round(one.polarity, 4),
            "score": _rounded(one.score),
            "origin": one.origin,
        }
        for one in row.themes
    ]
    signals = [
        {"code": one.signal, "score": _rounded(one.score), "origin": one.origin} for one in row.signals
    ]
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return {**columns, "sentiment": round(row.sentiment, 4), "themes": themes, "signals": signals}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
