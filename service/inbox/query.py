"""The inbox's filters as they stand in the address. What cannot be understood is left out, not refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict

from feedback_nlp.taxonomy import Entry, Taxonomy
from service.counts.facts import start_of
from service.feedback.records import STATUSES, FeedbackFilter, Polarity
from service.feedback.urgency import NEW
from service.fields import MAX_ID

__all__ = ["LATEST", "SORTS", "InboxQuery", "read_day"]

SORTS: Final = ("urgent", "newest", "oldest")
_POLARITIES: Final[tuple[Polarity, ...]] = ("negative", "neutral", "positive")
_LONGEST_SEARCH: Final = 200
_EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """Which items, in which order, from where.

    Attributes:
        q: Words to search for.
        theme: Theme codes, any of them.
        polarity: Of those themes, or of any.
        signal: Signal codes, any of them.
        journey: Journey codes.
        channel: Channel codes.
        status: Statuses; empty is: what is open, or everything while searching.
        review: Only what needs review.
        handler: `me`, `none`, a user's id, or empty for everybody.
        sort: One of `SORTS`.
        after: Cursor of the page before, or empty.
        segment: Segment codes.
        since: First day, in Dutch time; a period shows everything unless statuses are chosen.
        until: Last day.
        product: What the item is about, its `domain`.
        organisation: The organisation or branch that it names in its facts.
        moment: The moment of truth that it names in its facts.
    """

    q: str = ""
    theme: tuple[str, ...] = ()
    polarity: str = ""
    signal: tuple[str, ...] = ()
    journey: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    review: bool = False
    handler: str = ""
    sort: str = "urgent"
    after: str = ""
    segment: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    product: str = ""
    organisation: str = ""
    moment: str = ""

    @classmethod
    def read(cls, params: ImmutableMultiDict[str, str], taxonomy: Taxonomy) -> Self:
        """From the parameters of an address."""

        def coded(name: str, entries: Sequence[Entry]) -> tuple[str, ...]:
            return chosen(name, [entry.code for entry in entries])

        def chosen(name: str, known: Sequence[str]) -> tuple[str, ...]:
            asked = params.getlist(name)
            return tuple(code for code in known if code in asked)

        handler = params.get("handler", "")
        whole = handler.isascii() and handler.isdigit() and 0 < int(handler) <= MAX_ID
        return cls(
            q=_words(params, "q"),
            theme=coded("theme", taxonomy.themes),
            polarity=next(iter(chosen("polarity", _POLARITIES)), ""),
            signal=coded("signal", taxonomy.signals),
            journey=coded("journey", taxonomy.journeys),
            channel=coded("channel", taxonomy.channels),
            status=chosen("status", STATUSES),
            review=params.get("review") == "1",
            handler=handler if whole or handler in ("me", "none") else "",
            sort=next(iter(chosen("sort", SORTS)), "urgent"),
            after=params.get("after", "")[:60],
            segment=coded("segment", taxonomy.segments),
            since=read_day(params.get("since")),
            until=read_day(params.get("until")),
            product=_words(params, "product"),
            organisation=_words(params, "organisation"),
            moment=_words(params, "moment"),
        )

    @property
    def filters(self) -> int:
        """How many filters are set; order and page are none."""
        return sum(
            bool(getattr(self, field.name)) for field in fields(self) if field.name not in ("sort", "after")
        )

    def pairs(self) -> list[tuple[str, str]]:
        """As parameters, defaults left out."""
        pairs: list[tuple[str, str]] = []
        for field in fields(self):
            value: Any = getattr(self, field.name)
            if value == field.default:
                continue
            if isinstance(value, tuple):
                pairs += [(field.name, one) for one in value]
            else:
                pairs.append((field.name, "1" if value is True else str(value)))
        return pairs

    def url(self, path: str = "/inbox", **changes: Any) -> str:
        """The address of the same inbox with some things changed."""
        pairs = replace(self, **changes).pairs()
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def query_string(self) -> str:
        """The filters alone, to keep them: neither page nor notice."""
        return urlencode(replace(self, after="").pairs())

    def without(self, name: str, value: str = "") -> str:
        """The address with one filter less."""
        current = getattr(self, name)
        if isinstance(current, tuple):
            changes: dict[str, Any] = {name: tuple(one for one in current if one != value)}
        else:
            changes = {name: None if isinstance(current, date) else type(current)()}
        return self.url(**changes, after="")

    def to_filter(self, visitor_id: int | None) -> FeedbackFilter:
        """For the repository."""
        everything = bool(self.status or self.q or self.since or self.until)
        mine = visitor_id if self.handler == "me" else int(self.handler) if self.handler.isdigit() else None
        return FeedbackFilter(
            themes=self.theme,
            polarity=next((known for known in _POLARITIES if known == self.polarity), None),
            signals=self.signal,
            journeys=self.journey,
            channels=self.channel,
            statuses=self.status,
            needs_review=True if self.review else None,
            assigned_to=mine,
            unassigned=self.handler == "none" or (self.handler == "me" and visitor_id is None),
            search=self.q or None,
            segments=self.segment,
            start=start_of(self.since) if self.since else None,
            end=start_of(self.until + timedelta(days=1)) if self.until else None,
            domains=(self.product,) if self.product else (),
            organisation=self.organisation or None,
            moment=self.moment or None,
            urgency_min=None if everything else NEW,
        )


def _words(params: ImmutableMultiDict[str, str], name: str) -> str:
    return params.get(name, "").replace("\0", " ").strip()[:_LONGEST_SEARCH]


def read_day(written: str | None) -> date | None:
    """A day such as 2026-03-01; None of what is none."""
    try:
        found = date.fromisoformat(written or "")
    except ValueError:
        return None
    return found if _EARLIEST <= found <= LATEST else None
