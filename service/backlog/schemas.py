"""What `/v1/backlog` takes and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from service.backlog.records import (
    BacklogFilter,
    NewImprovement,
    Status,
    Suggestion,
    priority,
)
from service.backlog.tables import EffectRow, ImprovementEventRow, ImprovementRow
from service.fields import MAX_ID, Code, Cursor, Request, Storable, Whole

__all__ = [
    "AddImprovement",
    "BacklogPage",
    "BacklogQuery",
    "CustomerOut",
    "EffectOut",
    "HistoryOut",
    "ImprovementDetail",
    "ImprovementOut",
    "ItemIds",
    "ItemsPage",
    "LinkItems",
    "Linked",
    "MergeImprovements",
    "PatchImprovement",
    "SplitImprovement",
    "SuggestionOut",
    "ToldOut",
]

_MOST_ITEMS: Final = 1000


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as exc:
            raise ValueError("must be a date such as 2026-03-01") from exc
    return value


Day = Annotated[date, BeforeValidator(_day)]
Title = Annotated[Storable, Field(min_length=1, max_length=200)]
Words = Annotated[Storable, Field(max_length=10_000)]
Id = Annotated[Whole, Field(ge=1, le=MAX_ID)]
ItemIds = Annotated[list[Id], Field(max_length=_MOST_ITEMS)]
Effort = Annotated[float, Field(gt=0, le=10_000)]


class AddImprovement(Request):
    """An improvement to be kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Terugbellen binnen een dag",
                    "theme": "bereikbaarheid",
                    "journey": "schade_of_storing",
                    "effort": 8,
                    "feedback_ids": [1],
                }
            ]
        }
    )

    title: Title
    description: Words = ""
    theme: Code | None = None
    journey: Code | None = None
    owner_id: Id | None = Field(None, description="The user who sees to it.")
    effort: Effort | None = Field(None, description="Days of work.")
    due_on: Day | None = None
    feedback_ids: ItemIds = Field(default_factory=list, description="Items that ask for it.")

    def to_record(self) -> NewImprovement:
        """For the service."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return NewImprovement(**{**values, "feedback_ids": tuple(self.feedback_ids)})


class PatchImprovement(Request):
    """Fields to set; those left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "chosen"}], "minProperties": 1})

    title: Title = ""
    description: Words = ""
    status: Status = "proposed"
    theme: Code | None = None
    journey: Code | None = None
    owner_id: Id | None = None
    effort: Effort | None = None
    due_on: Day | None = None
    done_on: Day | None = Field(None, description="The day from which customers meet it.")
    public_title: Title | None = None
    public_text: Annotated[Storable, Field(max_length=2000)] | None = Field(
        None, description="What customers read about it, in plain Dutch."
    )
    published: bool = Field(False, description="Whether the public words are before the public.")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must name at least one field to set")
        return self

    def to_change(self) -> dict[str, Any]:
        """Only what was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class LinkItems(Request):
    """Items to add and to take off."""

    add: ItemIds = Field(default_factory=list)
    remove: ItemIds = Field(default_factory=list)


class Linked(BaseModel):
    """How many items were new to it, and how many left it."""

    added: int
    removed: int


class MergeImprovements(Request):
    """Improvements that go up in this one."""

    from_: Annotated[list[Id], Field(min_length=1, max_length=50)] = Field(alias="from")


class SplitImprovement(Request):
    """Items that leave for an improvement of their own."""

    title: Title
    feedback_ids: Annotated[list[Id], Field(min_length=1, max_length=_MOST_ITEMS)]


class PriorityOut(BaseModel):
    """`score` is `gain` times `reach` over `effort`."""

    gain: float
    reach: int
    effort: float
    score: float


class GainOut(BaseModel):
    """Points of the journey's NPS that would be won if nobody had reason to complain, with a 95 % interval."""

    value: float
    low: float
    high: float


class ImprovementOut(BaseModel):
    """An improvement."""

    id: int
    version: int = Field(description="Goes up with each change; send it as If-Match.")
    title: str
    description: str
    status: Status
    theme: str | None
    journey: str | None
    owner_id: int | None
    effort: float | None
    due_on: date | None
    done_on: date | None
    gain: GainOut | None
    reach: int | None = Field(description="Items a year in the journey.")
    measured_on: date | None
    priority: PriorityOut | None = Field(description="Null while gain, reach or effort is not known.")
    items: int = Field(description="How many items ask for it.")
    public_title: str | None
    public_text: str | None
    published_at: datetime | None
    merged_into: int | None
    split_from: int | None
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, row: ImprovementRow, items: int) -> Self:
        """From the store."""
        return cls.model_validate(_fields(row, items))


class HistoryOut(BaseModel):
    """Something that was done to an improvement."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    by: str
    action: str
    details: dict[str, Any]


class EffectOut(BaseModel):
    """A look at the effect; `docs/effect.md` says how it comes about."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    by: str
    look: int = Field(description="Counted from 1; each costs some certainty.")
    until: date
    result: dict[str, Any]


class ImprovementDetail(ImprovementOut):
    """An improvement with its history and the looks at its effect."""

    history: list[HistoryOut]
    effects: list[EffectOut]

    @classmethod
    def whole(
        cls, row: ImprovementRow, items: int, history: list[ImprovementEventRow], effects: list[EffectRow]
    ) -> Self:
        """From the store."""
        return cls.model_validate(
            {
                **_fields(row, items),
                "history": [HistoryOut.model_validate(one) for one in history],
                "effects": [EffectOut.model_validate(one) for one in effects],
            }
        )


class BacklogPage(BaseModel):
    """Improvements, the newest first."""

    items: list[ImprovementOut]
    next_cursor: str | None


class ItemsPage(BaseModel):
    """Ids of items, the newest first."""

    items: list[int]
    next_cursor: str | None


class BacklogQuery(BaseModel):
    """Filters: several values of one are alternatives, different ones are combined with *and*."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[list[Status], Field(max_length=5)] = []
    theme: Annotated[list[Code], Field(max_length=50)] = []
    journey: Annotated[list[Code], Field(max_length=50)] = []
    owner: int | None = Field(None, ge=1, le=MAX_ID)
    limit: int = Field(50, ge=1, le=200)
    cursor: Cursor | None = None

    def to_filter(self) -> BacklogFilter:
        """For the repository."""
        return BacklogFilter(tuple(self.status), tuple(self.theme), tuple(self.journey), self.owner)


class QuoteOut(BaseModel):
    """Words of a customer, redacted."""

    feedback_id: int
    text: str


class SuggestionOut(BaseModel):
    """Something that customers would like to be better."""

    theme: str
    journey: str
    volume: int = Field(description="Items of the period that speak ill of the theme in the journey.")
    gain: GainOut | None = Field(description="Null when too few gave a score to tell.")
    answers: int = Field(description="Scores that the gain rests on.")
    reach: int
    start: date
    end: date
    quotes: list[QuoteOut]
    known_as: int | None = Field(description="An improvement that is already about it.")

    @classmethod
    def of(cls, one: Suggestion) -> SuggestionOut:
        """From the service."""
        worth = one.measured
        return cls(
            theme=one.theme,
            journey=one.journey,
            volume=worth.volume,
            gain=_gain(worth.gain, worth.low, worth.high),
            answers=worth.answers,
            reach=worth.reach,
            start=worth.start,
            end=worth.end,
            quotes=[QuoteOut(feedback_id=id_, text=text) for id_, text in one.quotes],
            known_as=one.known_as,
        )


class ToldOut(BaseModel):
    """Customers who are told: now, before, and those who cannot be for want of an external id."""

    model_config = ConfigDict(from_attributes=True)

    now: int
    before: int
    unreachable: int


class CustomerOut(BaseModel):
    """A customer to be told, by the sender's id."""

    source: str
    external_id: str
    told_at: datetime | None


def _gain(value: float | None, low: float | None, high: float | None) -> GainOut | None:
    if value is None or low is None or high is None:
        return None
    return GainOut(value=round(value, 2), low=round(low, 2), high=round(high, 2))


_OWN: Final = ("gain", "priority", "items")


def _fields(row: ImprovementRow, items: int) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in ImprovementOut.model_fields if name not in _OWN}
    rank = priority(row.gain, row.reach, row.effort)
    return {
        **columns,
        "gain": _gain(row.gain, row.gain_low, row.gain_high),
        "priority": None
        if rank is None
        else {
            "gain": round(rank.gain, 2),
            "reach": rank.reach,
            "effort": rank.effort,
            "score": round(rank.score, 1),
        },
        "items": items,
    }
