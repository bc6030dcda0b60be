"""What the feedback service works with: plain values without HTTP and SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

__all__ = [
    "STATUSES",
    "Change",
    "Correction",
    "FeedbackFilter",
    "NewFeedback",
    "Outcome",
    "Page",
    "Polarity",
    "Status",
]

Status = Literal["new", "in_progress", "answered", "closed"]
Polarity = Literal["negative", "neutral", "positive"]
Scalar = str | int | float | bool | None
STATUSES: Final[tuple[Status, ...]] = ("new", "in_progress", "answered", "closed")


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """One item as a sender gives it; None is: not said.

    Attributes:
        text: What the customer wrote.
        source: The system it comes from.
        external_id: That system's id of it; a repeat of both is the same item.
        kind: `survey`, `complaint`, `email` …
        domain: `verzekering`, `energie` …
        journey: A code of the taxonomy, like channel and segment.
        channel: See journey.
        segment: See journey.
        nps: The answer 0-10 that was given.
        cas: The answer 0-10 that was given.
        ces: The answer 1-7 that was given.
        occurred_at: When the customer wrote it.
        meta: Further facts to keep with it.
    """

    text: str
    source: str = "api"
    external_id: str | None = None
    kind: str | None = None
    domain: str | None = None
    journey: str | None = None
    channel: str | None = None
    segment: str | None = None
    nps: float | None = None
    cas: float | None = None
    ces: float | None = None
    occurred_at: datetime | None = None
    meta: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str] | None:
        """What makes it the same item, or None when every sending is a new one."""
        return None if self.external_id is None else (self.source, self.external_id)

    def submitted(self) -> dict[str, Any]:
        """Everything that was said, but for the text and the key, as JSON: what a repeat is compared with."""
        said: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("kind", "domain", "journey", "channel", "segment", "nps", "cas", "ces")
            if getattr(self, name) is not None
        }
        if self.occurred_at is not None:
            said["occurred_at"] = self.occurred_at.isoformat()
        if self.meta:
            said["meta"] = dict(self.meta)
        return said


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item that was sent.

    Attributes:
        outcome: `created`, `unchanged` (it was there already), `erased` (it was, until it was erased), or `failed`.
        id: The item, unless failed.
        error: Why it failed.
    """

    outcome: Literal["created", "unchanged", "erased", "failed"]
    id: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says instead of the model. Only what is named changes.

    Attributes:
        themes: Polarity -1, 0 or 1 by theme code; None: the text does not speak of it.
        signals: Whether the signal is there, by code.
        sentiment: -2 (very negative) to 2, or None to leave it.
        note: Why; kept with the correction.
    """

    themes: Mapping[str, int | None] = field(default_factory=dict)
    signals: Mapping[str, bool] = field(default_factory=dict)
    sentiment: int | None = None
    note: str | None = None


Change = Mapping[str, Any]
"""Fields of an item to set: status, assigned_to, needs_review, kind, domain, journey, channel, segment."""


@dataclass(frozen=True, slots=True)
class FeedbackFilter:
    """Which items; several values of one field are alternatives, fields are combined with *and*.

    `polarity` speaks of the themes that are asked for, or of any when none is. Periods are of `occurred_at`; the start
    is included and the end is not. `urgency_min` is of `service.feedback.urgency`; `organisation` and `moment` are
    facts that came with the item; `review_reason` a code of those that
    are open.
    """

    themes: tuple[str, ...] = ()
    polarity: Polarity | None = None
    sentiment_min: float | None = None
    sentiment_max: float | None = None
    signals: tuple[str, ...] = ()
    journeys: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    external_id: str | None = None
    statuses: tuple[str, ...] = ()
    needs_review: bool | None = None
    assigned_to: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    search: str | None = None
    job_id: int | None = None
    unassigned: bool = False
    urgency_min: int | None = None
    review_reason: str | None = None
    organisation: str | None = None
    moment: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of one page, and where the next one begins (None: there is none)."""

    ids: tuple[int, ...]
    next_after: int | None
