"""An analysis for people's eyes: the text with its evidence marked, and what the model makes of it.

Nothing is told by colour alone: a polarity is a sign and a word, evidence is underlined and quoted again.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from feedback_nlp.records import Analysis, Estimate

__all__ = ["render", "render_line", "safe"]

Language = Literal["nl", "en"]

_POLAR = 1 / 3
_STYLES = {"+": "green", "−": "red", "±": "yellow"}
_MAX_SHOWN = 4_000
_REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@dataclass(frozen=True, slots=True)
class _Words:
    """What the rendering says, in one language."""

    theme: str
    verdict: str
    certainty: str
    evidence: str
    positive: str
    negative: str
    mixed: str
    no_themes: str
    sentiment: str
    expected: str
    interval: str
    signals: str
    none: str
    review: str
    model: str
    decimal: str


_WORDS: dict[Language, _Words] = {
    "nl": _Words(
        theme="Thema",
        verdict="Oordeel",
        certainty="Zekerheid",
        evidence="Blijkt uit",
        positive="positief",
        negative="negatief",
        mixed="gemengd",
        no_themes="Geen thema gevonden.",
        sentiment="Toon",
        expected="Verwacht antwoord",
        interval="80 % tussen",
        signals="Signalen",
        none="geen",
        review="Nakijken",
        model="Model",
        decimal=",",
    ),
    "en": _Words(
        theme="Theme",
        verdict="Verdict",
        certainty="Certainty",
        evidence="Shown by",
        positive="positive",
        negative="negative",
        mixed="mixed",
        no_themes="No theme found.",
        sentiment="Tone",
        expected="Expected answer",
        interval="80 % between",
        signals="Signals",
        none="none",
        review="To be reviewed",
        model="Model",
        decimal=".",
    ),
}


def render(analysis: Analysis, language: Language = "nl") -> RenderableType:
    """Everything that matters of one analysis."""
    words = _WORDS[language]
    parts: list[RenderableType] = [Padding(_marked(analysis), (0, 0, 1, 0))]
    if analysis.assigned_themes:
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for heading in (words.theme, words.verdict, words.certainty, words.evidence):
            table.add_column(heading)
        for theme in sorted(analysis.assigned_themes, key=lambda one: -one.score):
            sign = _sign(theme.polarity)
            quotes = ", ".join(f"“{_quote(analysis, span.start, span.end)}”" for span in theme.evidence)
            table.add_row(
                Text(safe(theme.label), style="bold"),
                Text(f"{sign} {_word(sign, words)}", style=_STYLES[sign]),
                f"{theme.score:.0%}".replace("%", " %"),
                Text(quotes),
            )
        parts.append(Padding(table, (0, 0, 1, 0)))
    else:
        parts.append(Padding(Text(words.no_themes, style="italic"), (0, 0, 1, 0)))
    parts.append(_facts(analysis, words))
    return Group(*parts)


def render_line(analysis: Analysis, *, number: int, language: Language = "nl") -> Text:
    """One line: row, tone, themes with their sign, signals, and the beginning of the text."""
    words = _WORDS[language]
    line = Text(f"{analysis.id or number}  ", style="dim", no_wrap=True, overflow="ellipsis")
    for theme in analysis.assigned_themes:
        sign = _sign(theme.polarity)
        line.append(f"{sign}{safe(theme.label)} ", style=_STYLES[sign])
    if not analysis.assigned_themes:
        line.append(f"({words.none}) ", style="dim")
    for signal in analysis.signals:
        if signal.assigned:
            line.append(f"!{safe(signal.label)} ", style="bold magenta")
    line.append(" " + " ".join(safe(analysis.text[:200]).split()), style="default")
    return line


def safe(text: str) -> str:
    """The text, code point for code point, without what could command a terminal or cannot be printed."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if _commands(character) else character
        for character in text.replace("\t", " ")
    )


def _commands(character: str) -> bool:
    if character == "\n":
        return False
    return (
        unicodedata.category(character) in ("Cc", "Cs") or unicodedata.bidirectional(character) in _REORDERING
    )


def _marked(analysis: Analysis) -> Text:
    shown = analysis.text[:_MAX_SHOWN]
    marked = Text(safe(shown))
    for theme in analysis.assigned_themes:
        for span in theme.evidence:
            marked.stylize(
                f"bold underline {_STYLES[_sign(theme.polarity)]}", span.start, min(span.end, len(shown))
            )
    if len(shown) < len(analysis.text):
        marked.append(" …", style="dim")
    return marked


def _facts(analysis: Analysis, words: _Words) -> Table:
    def number(value: float, digits: int) -> str:
        return f"{value:.{digits}f}".replace("-", "−").replace(".", words.decimal)

    def expected(name: str, estimate: Estimate) -> str:
        return f"{name} {number(estimate.value, 1)} ({words.interval} {estimate.low}–{estimate.high})"

    facts = Table(box=None, pad_edge=False, show_header=False, padding=(0, 3, 0, 0))
    facts.add_column(style="dim")
    facts.add_column()
    tone = analysis.sentiment
    facts.add_row(words.sentiment, Text(f"{tone.label} ({number(tone.score, 2)})"))
    both = (expected("NPS", analysis.advocacy.nps), expected("CAS", analysis.advocacy.cas))
    facts.add_row(words.expected, Text(", ".join(both)))
    signals = [signal for signal in analysis.signals if signal.assigned]
    shown = ", ".join(f"! {safe(signal.label)} ({signal.score:.0%})" for signal in signals)
    facts.add_row(words.signals, Text(shown, style="bold magenta") if signals else words.none)
    if analysis.needs_review:
        reasons = (f"{one.code}: {one.detail}" if one.detail else one.code for one in analysis.review_reasons)
        facts.add_row(words.review, Text(safe(", ".join(reasons)), style="yellow"))
    facts.add_row(words.model, Text(f"{analysis.model.name} {analysis.model.version}", style="dim"))
    return facts


def _quote(analysis: Analysis, start: int, end: int) -> str:
    return " ".join(safe(analysis.text[start:end]).split())


def _sign(polarity: float) -> str:
    if polarity >= _POLAR:
        return "+"
    return "−" if polarity <= -_POLAR else "±"


def _word(sign: str, words: _Words) -> str:
    return {"+": words.positive, "−": words.negative, "±": words.mixed}[sign]
