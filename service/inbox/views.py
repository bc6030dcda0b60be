"""What the inbox shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.demo.year import SOURCE
from service.feedback.tables import FeedbackRow
from service.feedback.urgency import is_sure
from service.inbox.query import InboxQuery
from service.pages.i18n import Translator
from service.pages.marking import Piece, excerpt
from service.pages.wording import Chip, Option, Term, Wording

__all__ = ["Active", "InboxView", "Row", "View", "active_filters", "row_of"]


@dataclass(frozen=True, slots=True)
class SignalFlag:
    """A signal in words; not ``sure`` where it is flagged though less likely there than not."""

    label: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One item in the list."""

    id: int
    excerpt: tuple[Piece, ...]
    chips: tuple[Chip, ...]
    signals: tuple[SignalFlag, ...]
    needs_review: bool
    reason: str | None
    sentiment: str
    given: str | None
    advocacy: str | None
    context: tuple[str, ...]
    age: str
    received: str
    status: str
    status_code: str
    handler: str | None
    term: Term | None
    demo: bool


@dataclass(frozen=True, slots=True)
class Active:
    """A filter that is set, and the address without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class View:
    """A view at hand: one of everybody's or a saved one (with its id)."""

    label: str
    url: str
    current: bool
    id: int | None = None


@dataclass(frozen=True, slots=True)
class InboxView:
    """The page's context."""

    rows: tuple[Row, ...]
    query: InboxQuery
    total: int
    count: str
    count_is_more: bool
    next_url: str | None
    first_url: str | None
    active: tuple[Active, ...]
    views: tuple[View, ...]
    themes: tuple[Option, ...]
    signals: tuple[Option, ...]
    journeys: tuple[Option, ...]
    channels: tuple[Option, ...]
    statuses: tuple[Option, ...]
    handlers: tuple[Option, ...]
    improvements: tuple[Option, ...]
    newest_id: int
    here: str
    empty: bool
    demo_possible: bool
    demo: bool


def row_of(
    row: FeedbackRow,
    advocacy: Mapping[str, object] | None,
    *,
    words: Wording,
    tr: Translator,
    handlers: Mapping[int, str],
    search: str,
    days: int,
    now: datetime,
) -> Row:
    """One item in words."""
    signals = [signal.signal for signal in row.signals]
    context = [words.kind(row.kind), words.channel(row.channel), words.journey(row.journey)]
    return Row(
        id=row.id,
        excerpt=excerpt(row.text, search),
        chips=tuple(words.chip(theme.theme, theme.polarity) for theme in row.themes),
        signals=tuple(
            SignalFlag(words.signal(signal.signal), is_sure(signal))
            for signal in sorted(row.signals, key=is_sure, reverse=True)
        ),
        needs_review=row.needs_review,
        reason=" ".join(words.reason(reason) for reason in row.review_reasons) or None,
        sentiment=words.sentiment(row.sentiment),
        given=_given(row, tr),
        advocacy=words.advocacy(advocacy) if advocacy else None,
        context=tuple(one for one in context if one),
        age=tr.ago(row.occurred_at, now),
        received=tr.moment(row.occurred_at),
        status=words.status(row.status),
        status_code=row.status,
        handler=handlers.get(row.assigned_to or 0),
        term=words.term(
            kind=row.kind, signals=signals, status=row.status, since=row.occurred_at, days=days, now=now
        ),
        demo=row.source == SOURCE,
    )


def active_filters(
    query: InboxQuery, words: Wording, tr: Translator, handlers: Sequence[Option]
) -> list[Active]:
    """The filters that are set, each with a way to take it off."""
    found: list[Active] = []
    if query.q:
        found.append(Active(f"“{query.q}”", query.without("q")))
    for name, label in (
        ("theme", words.theme),
        ("signal", words.signal),
        ("journey", words.journey),
        ("channel", words.channel),
        ("segment", words.segment),
        ("status", words.status),
    ):
        for code in getattr(query, name):
            found.append(Active(label(code) or code, query.without(name, code)))
    if query.polarity:
        word = {"negative": words.tone("neg"), "neutral": words.tone("neu"), "positive": words.tone("pos")}
        found.append(Active(word[query.polarity], query.without("polarity")))
    for name in ("product", "organisation", "moment"):
        if getattr(query, name):
            found.append(Active(getattr(query, name), query.without(name)))
    if query.since:
        found.append(Active(tr.gettext("from %(day)s", day=tr.day(query.since)), query.without("since")))
    if query.until:
        found.append(Active(tr.gettext("until %(day)s", day=tr.day(query.until)), query.without("until")))
    if query.review:
        found.append(Active(tr.gettext("to be reviewed"), query.without("review")))
    if query.handler:
        named = {"me": tr.gettext("mine"), "none": tr.gettext("without handler")}
        named |= {option.code: option.label for option in handlers}
        found.append(Active(named.get(query.handler, query.handler), query.without("handler")))
    return found


def _given(row: FeedbackRow, tr: Translator) -> str | None:
    given = [("NPS", row.nps), ("CAS", row.cas), ("CES", row.ces)]
    said = [f"{name} {tr.number(value)}" for name, value in given if value is not None]
    return ", ".join(said) or None
