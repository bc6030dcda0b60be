"""What the item page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedback_nlp.taxonomy import Taxonomy
from service.feedback.tables import FeedbackRow
from service.item.history import Event
from service.pages.i18n import Translator
from service.pages.marking import Piece
from service.pages.wording import Chip, Option, Term, Tone, Wording, tone

__all__ = ["ItemView", "SignalLine", "SimilarLine", "ThemeLine", "signal_lines", "theme_lines"]


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """A theme with its controls.

    Attributes:
        code: Of the taxonomy.
        label: Its name.
        title: Its definition.
        assigned: Whether it counts for the item.
        tone: Its polarity when it counts, else what the model supposes.
        step: The same as -1, 0 or 1.
        word: The polarity in a word.
        score: The model's probability in per cent, or None when the model said nothing.
        by_person: Whether a person set it.
        key: The digit that toggles it, or None.
        evidence: Whether words in the text show it.
    """

    code: str
    label: str
    title: str
    assigned: bool
    tone: Tone
    step: int
    word: str
    score: str | None
    by_person: bool
    key: int | None
    evidence: bool


@dataclass(frozen=True, slots=True)
class SignalLine:
    """A signal with its switch."""

    code: str
    label: str
    title: str
    there: bool
    score: str | None
    by_person: bool


@dataclass(frozen=True, slots=True)
class SimilarLine:
    """An earlier item, and what became of it."""

    id: int
    excerpt: tuple[Piece, ...]
    chips: tuple[Chip, ...]
    status: str
    status_code: str
    when: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """The page's context."""

    id: int
    version: int
    text: tuple[Piece, ...]
    lit: str
    themes: tuple[ThemeLine, ...]
    signals: tuple[SignalLine, ...]
    sentiments: tuple[Option, ...]
    sentiment: str
    sentiment_word: str
    advocacy: str | None
    nps: str | None
    cas: str | None
    given: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    confirmed: bool
    can_undo: bool
    learned: str | None
    status: str
    statuses: tuple[Option, ...]
    handler: int | None
    handlers: tuple[Option, ...]
    me: str
    term: Term | None
    similar: tuple[SimilarLine, ...]
    improvements: tuple[Option, ...]
    open_improvements: tuple[Option, ...]
    history: tuple[Event, ...]
    previous_url: str | None
    next_url: str | None
    received: datetime
    demo: bool
    names: Mapping[str, str]


def theme_lines(row: FeedbackRow, result: Mapping[str, Any], taxonomy: Taxonomy, words: Wording,
                tr: Translator) -> tuple[ThemeLine, ...]:  # fmt: skip
    """All themes in the taxonomy's order, so that a theme's place and key never change."""
    mine = {theme.theme: theme for theme in row.themes}
    said = {theme["code"]: theme for theme in result["themes"]}
    lines: list[ThemeLine] = []
    for number, option in enumerate(words.options(taxonomy.themes), 1):
        theme, model = mine.get(option.code), said.get(option.code)
        polarity = theme.polarity if theme else model["polarity"] if model else -1.0
        which = tone(polarity)
        lines.append(
            ThemeLine(
                code=option.code,
                label=option.label,
                title=option.title,
                assigned=theme is not None,
                tone=which,
                step={"neg": -1, "neu": 0, "pos": 1}[which],
                word=words.tone(which),
                score=tr.percent(model["score"]) if model else None,
                by_person=theme is not None and theme.origin == "person",
                key=number if number <= _DIGITS else None,
                evidence=bool(model and model["evidence"]),
            )
        )
    return tuple(lines)


def signal_lines(row: FeedbackRow, result: Mapping[str, Any], taxonomy: Taxonomy, words: Wording,
                 tr: Translator) -> tuple[SignalLine, ...]:  # fmt: skip
    """All signals in the taxonomy's order."""
    mine = {signal.signal: signal for signal in row.signals}
    said = {signal["code"]: signal for signal in result["signals"]}
    lines: list[SignalLine] = []
    for option in words.options(taxonomy.signals):
        signal, model = mine.get(option.code), said.get(option.code)
        lines.append(
            SignalLine(
                option.code,
                option.label,
                option.title,
                signal is not None,
                tr.percent(model["score"]) if model else None,
                signal is not None and signal.origin == "person",
            )
        )
    return tuple(lines)


_DIGITS = 9
