"""Which feedback a dashboard is about, as it stands in the address. What cannot be understood is left out."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict

from feedback_nlp.taxonomy import Taxonomy
from service.counts.tables import DIMENSIONS
from service.inbox.query import LATEST, InboxQuery, read_day

__all__ = ["DAYS", "DashboardQuery", "Period"]

DAYS: Final = 91
"""Days of the period when none is asked for."""

_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` up to and including `until`, in Dutch time."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Period:
        """As many days, right before."""
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class DashboardQuery:
    """The period, the journey, and at most one further cut.

    Attributes:
        since: First day.
        until: Last day.
        dimension: One of `DIMENSIONS`, or empty: everything.
        value: Of that dimension.
        journey: A journey's code, or empty: all of them.
        base: First day of the period to compare with; None is: as many days right before.
    """

    since: date
    until: date
    dimension: str = ""
    value: str = ""
    journey: str = ""
    base: date | None = None

    @classmethod
    def read(cls, params: ImmutableMultiDict[str, str], taxonomy: Taxonomy, today: date) -> Self:
        """From the parameters of an address: `since`, `until`, `cut` such as `channel:chat`, `journey`, `base`."""
        until = read_day(params.get("until")) or today
        since = read_day(params.get("since")) or until - timedelta(days=DAYS - 1)
        dimension, _, value = params.get("cut", "").replace("\0", "").partition(":")
        known = dimension in DIMENSIONS and bool(value)
        journeys = [entry.code for entry in taxonomy.journeys]
        return cls(
            since=min(since, until),
            until=max(since, until),
            dimension=dimension if known else "",
            value=value[:_LONGEST] if known else "",
            journey=next((code for code in journeys if code == params.get("journey")), ""),
            base=read_day(params.get("base")),
        )

    @property
    def period(self) -> Period:
        """The period that is asked for."""
        return Period(self.since, self.until)

    @property
    def compared(self) -> Period:
        """The period to compare with: as many days from `base` on, or right before."""
        period = self.period
        if self.base is None:
            return period.before
        return Period(self.base, min(self.base + timedelta(days=period.days - 1), LATEST))

    @property
    def cut(self) -> str:
        """The further cut as it stands in the address."""
        return f"{self.dimension}:{self.value}" if self.dimension else ""

    def pairs(self) -> list[tuple[str, str]]:
        """As parameters."""
        pairs = [("since", self.since.isoformat()), ("until", self.until.isoformat())]
        pairs += [(name, value) for name, value in (("cut", self.cut), ("journey", self.journey)) if value]
        return pairs + ([("base", self.base.isoformat())] if self.base else [])

    def url(self, path: str, **changes: Any) -> str:
        """The address of a dashboard about the same feedback with some things changed; `format` is added as it is."""
        names = {field.name for field in fields(self)}
        further = [(name, str(value)) for name, value in changes.items() if name not in names]
        kept = {name: value for name, value in changes.items() if name in names}
        return f"{path}?{urlencode(replace(self, **kept).pairs() + further)}"

    def inbox(self, **changes: Any) -> str:
        """The address of the inbox with the items behind a figure."""
        given: dict[str, Any] = {"since": self.since, "until": self.until, "sort": "newest"}
        if self.journey:
            given["journey"] = (self.journey,)
        if self.dimension in ("channel", "segment"):
            given[self.dimension] = (self.value,)
        elif self.dimension:
            given[self.dimension] = self.value
        return InboxQuery(**(given | changes)).url()
