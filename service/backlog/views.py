"""What the backlog's pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.backlog.records import STATUSES, Priority, priority
from service.backlog.tables import ImprovementRow
from service.backlog.wording import BacklogWording
from service.item.history import Event
from service.pages.i18n import Translator
from service.pages.wording import Option

__all__ = [
    "BoardView",
    "Card",
    "Column",
    "EffectView",
    "EntryView",
    "FiguresView",
    "IssueLine",
    "Line",
    "NewView",
    "Quote",
    "SuggestionCard",
    "SuggestionsView",
    "cards",
    "columns",
]


@dataclass(frozen=True, slots=True)
class Card:
    """An improvement at a glance.

    Attributes:
        id: Its number.
        title: What is to be better.
        about: Theme and journey in words.
        status: Code of its status.
        status_word: The same in a word.
        before: The status before it in the order of the work, as a choice, or None.
        after: The one after it, or None.
        owner: Who sees to it, or None.
        due: When it should be done, or None.
        late: Whether that day is over.
        items: How many items ask for it.
        gain: Expected gain with its interval, in words, or None.
        sum: The arithmetic of its rank, or None while something is not known.
        score: The rank, or None.
        lacking: What is not known, in words; empty when nothing.
    """

    id: int
    title: str
    about: str
    status: str
    status_word: str
    before: Option | None
    after: Option | None
    owner: str | None
    due: str | None
    late: bool
    items: int
    gain: str | None
    sum: str | None
    score: float | None
    lacking: str


@dataclass(frozen=True, slots=True)
class Column:
    """A status with its improvements."""

    status: Option
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    """Board and list."""

    columns: tuple[Column, ...]
    ranked: tuple[Card, ...]
    as_list: bool
    here: str
    board_url: str
    list_url: str
    themes: tuple[Option, ...]
    journeys: tuple[Option, ...]
    theme: str
    journey: str
    more: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a customer, and the item they are from."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class SuggestionCard:
    """A suggestion."""

    theme: str
    journey: str
    label: str
    volume: str
    gain: str | None
    reach: str
    answers: str
    quotes: tuple[Quote, ...]
    known_as: int | None
    items_url: str


@dataclass(frozen=True, slots=True)
class SuggestionsView:
    """The page of suggestions."""

    cards: tuple[SuggestionCard, ...]
    weeks: int
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewView:
    """The form for another improvement."""

    themes: tuple[Option, ...]
    journeys: tuple[Option, ...]
    owners: tuple[Option, ...]
    theme: str
    journey: str


@dataclass(frozen=True, slots=True)
class Line:
    """An item that asks for an improvement."""

    id: int
    quote: str
    told: bool


@dataclass(frozen=True, slots=True)
class FiguresView:
    """The effect on one outcome, in words."""

    name: str
    verdict: str
    verdict_code: str
    reason: str
    change: str | None
    rows: tuple[tuple[str, str, str], ...]
    trend: str | None
    cautions: tuple[str, ...]
    needed: str | None


@dataclass(frozen=True, slots=True)
class EffectView:
    """A look at the effect, in words."""

    verdict: str
    verdict_code: str
    look: int
    until: str
    compared: str
    notes: tuple[str, ...]
    figures: tuple[FiguresView, ...]


@dataclass(frozen=True, slots=True)
class IssueLine:
    """An improvement's issue in a tracker."""

    tracker: str
    url: str | None
    key: str | None
    state: str
    error: str | None
    dead: bool
    tracker_id: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """One improvement."""

    card: Card
    version: int
    description: str
    theme: str
    journey: str
    owner: int | None
    effort: str
    due_on: str
    done_on: str
    statuses: tuple[Option, ...]
    themes: tuple[Option, ...]
    journeys: tuple[Option, ...]
    owners: tuple[Option, ...]
    lines: tuple[Line, ...]
    more_items: int
    others: tuple[Option, ...]
    merged_into: int | None
    effect: EffectView | None
    earlier: tuple[str, ...]
    can_look: bool
    public_title: str
    public_text: str
    published: bool
    public_on: bool
    plain: str
    hints: tuple[str, ...]
    reachable: int
    untold: int
    issues: tuple[IssueLine, ...]
    trackers: tuple[Option, ...]
    draft: str | None
    draft_of: str
    can_tell: bool
    history: tuple[Event, ...]


def cards(
    rows: Sequence[ImprovementRow],
    counts: dict[int, int],
    owners: dict[int, str],
    wording: BacklogWording,
    tr: Translator,
    today: str,
) -> tuple[Card, ...]:
    """Improvements at a glance, in the order of the rows."""
    return tuple(_card(row, counts.get(row.id, 0), owners, wording, tr, today) for row in rows)


def columns(shown: Sequence[Card], wording: BacklogWording) -> tuple[Column, ...]:
    """The board: the highest rank on top of each column, then those without one, the newest first."""
    ranked = sorted(shown, key=lambda card: (card.score is None, -(card.score or 0.0), -card.id))
    return tuple(
        Column(option, tuple(card for card in ranked if card.status == option.code))
        for option in wording.statuses()
    )


def _card(
    row: ImprovementRow,
    items: int,
    owners: dict[int, str],
    wording: BacklogWording,
    tr: Translator,
    today: str,
) -> Card:
    place = STATUSES.index(row.status)
    options = wording.statuses()
    rank = priority(row.gain, row.reach, row.effort)
    return Card(
        id=row.id,
        title=row.title,
        about=wording.about(row),
        status=row.status,
        status_word=wording.status(row.status),
        before=options[place - 1] if place else None,
        after=options[place + 1] if place + 1 < len(STATUSES) else None,
        owner=owners.get(row.owner_id or 0),
        due=tr.day(row.due_on) if row.due_on else None,
        late=row.due_on is not None and row.due_on.isoformat() < today and row.status not in ("done", "told"),
        items=items,
        gain=wording.gain(row.gain, row.gain_low, row.gain_high),
        sum=_sum(rank, tr) if rank else None,
        score=rank.score if rank else None,
        lacking=_lacking(row, tr),
    )


def _sum(rank: Priority, tr: Translator) -> str:
    return tr.gettext(
        "%(gain)s points × %(reach)s items a year ÷ %(effort)s days = %(score)s",
        gain=tr.number(rank.gain),
        reach=tr.number(rank.reach),
        effort=tr.number(rank.effort),
        score=tr.number(round(rank.score)),
    )


def _lacking(row: ImprovementRow, tr: Translator) -> str:
    if row.theme is None or row.journey is None:
        return tr.gettext("No rank yet: say which theme and journey it is about.")
    if row.gain is None:
        return tr.gettext("No rank yet: too few customers who complained of this gave a score.")
    if row.effort is None:
        return tr.gettext("No rank yet: say how many days of work it is.")
    return ""
