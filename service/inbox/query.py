"""The inbox's filters as they stand in the address. What cannot be understood is left out, not refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self
from urllib.parse import urlencode

from starlette.datastructures import ImmutableMultiDict

from feedback_nlp.taxonomy import Entry, Taxonomy
from service.feedback.records import STATUSES, FeedbackFilter, Polarity
from service.feedback.urgency import NEW
from service.fields import MAX_ID

__all__ = ["SORTS", "InboxQuery"]

SORTS: Final = ("urgent", "newest", "oldest")
_POLARITIES: Final[tuple[Polarity, ...]] = ("negative", "neutral", "positive")
_LONGEST_SEARCH: Final = 200


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
            q=params.get("q", "").replace("\0", " ").strip()[:_LONGEST_SEARCH],
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
            changes = {name: type(current)()}
        return self.url(**changes, after="")

    def to_filter(self, visitor_id: int | None) -> FeedbackFilter:
        """For the repository."""
        everything = bool(self.status) or bool(self.q)
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
            urgency_min=None if everything else NEW,
        )
