"""A text in pieces, each with what is said of it: evidence of themes, words that were searched for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

__all__ = ["Piece", "evidence_pieces", "excerpt", "found_pieces"]

_TERM: Final = re.compile(r'"[^"]*"|-?\w+')
_EXCERPT: Final = 180


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text.

    Attributes:
        text: The characters.
        themes: Themes that these words show, with a strength 1 (weak) to 4.
        found: Whether it was searched for.
    """

    text: str
    themes: tuple[tuple[str, int], ...] = ()
    found: bool = False

    @property
    def classes(self) -> str:
        """For the style sheet: the strongest strength, and `t-CODE` per theme."""
        strongest = max(strength for _, strength in self.themes)
        return " ".join([f"s{strongest}", *(f"t-{code}" for code, _ in self.themes)])


def evidence_pieces(text: str, themes: Sequence[Mapping[str, Any]]) -> tuple[Piece, ...]:
    """The text cut where evidence begins or ends.

    Args:
        text: The analysed text.
        themes: Themes of an Analysis; spans beyond the text are cut off.
    """
    spans = [
        (max(0, span["start"]), min(len(text), span["end"]), theme["code"], _strength(span["weight"]))
        for theme in themes
        for span in theme["evidence"]
    ]
    cuts = sorted({0, len(text), *(span[0] for span in spans), *(span[1] for span in spans)})
    pieces: list[Piece] = []
    for start, end in pairwise(cuts):
        here = {code: strength for low, high, code, strength in spans if low <= start and end <= high}
        pieces.append(Piece(text[start:end], tuple(here.items())))
    return tuple(pieces)


def excerpt(text: str, query: str | None) -> tuple[Piece, ...]:
    """The beginning of a text, or the part around the first word that was searched for, with these words marked."""
    flat = " ".join(text.split())
    pattern = _pattern(query)
    match = pattern.search(flat) if pattern else None
    start = max(0, match.start() - _EXCERPT // 3) if match and match.end() > _EXCERPT else 0
    if start:
        start = flat.find(" ", start) + 1 or start
    shown = flat[start : start + _EXCERPT]
    if start + _EXCERPT < len(flat):
        shown = shown.rsplit(" ", 1)[0] + " …"
    return found_pieces(("… " if start else "") + shown, query)


def found_pieces(text: str, query: str | None) -> tuple[Piece, ...]:
    """The text cut around the words of a search."""
    pattern = _pattern(query)
    if pattern is None:
        return (Piece(text),)
    pieces: list[Piece] = []
    at = 0
    for match in pattern.finditer(text):
        if match.start() > at:
            pieces.append(Piece(text[at : match.start()]))
        pieces.append(Piece(match.group(), found=True))
        at = match.end()
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return tuple(pieces)


def _pattern(query: str | None) -> re.Pattern[str] | None:
    wanted = [
        re.escape(term.strip('"')) + ("" if term.startswith('"') else r"\w*")
        for term in _TERM.findall(query or "")
        if not term.startswith("-") and term.strip('"').strip()
    ]
    return re.compile(r"(?<!\w)(?:" + "|".join(wanted) + ")", re.IGNORECASE) if wanted else None


def _strength(weight: float) -> int:
    return 1 + min(3, int(weight * 4))
