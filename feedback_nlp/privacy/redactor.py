"""Taking personal data out of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Protocol

from feedback_nlp.privacy import contact, official, places, references
from feedback_nlp.privacy.lexicon import Lexicon
from feedback_nlp.privacy.names import NameRules
from feedback_nlp.privacy.records import PLACEHOLDER, Found, Kind, Redaction

__all__ = ["NameFinder", "Redactor"]

_MOST_PASSES = 12
_DIGIT = re.compile(r"\d")
_SECRET_WORD = re.compile(r"eyj|bearer|pincode|cvc|cvv|token|sleutel|www\.")


class NameFinder(Protocol):
    """Something that finds names of people, such as a trained pipeline.

    It must give the same answer for the same text, and may be called from several threads at once.
    """

    def __call__(self, text: str, /) -> Iterable[tuple[int, int]]:
        """Give the names in the text as (start, end) in code points."""
        ...


class Redactor:
    """Finds personal data and puts typed placeholders such as ``[NAAM]`` in its place.

    Pure and thread-safe: nothing is kept between calls, and a text always gives the same answer. It takes any text,
    never raises, and its time is linear in the length for texts that people write.

    Args:
        lexicon: The word lists; None for those that come with the package.
        names: Finds more names than the rules do; None for rules alone.
    """

    def __init__(self, lexicon: Lexicon | None = None, names: NameFinder | None = None) -> None:
        self._lexicon = Lexicon.load() if lexicon is None else lexicon
        self._rules = NameRules(self._lexicon)
        self._names = names

    @classmethod
    @cache
    def default(cls) -> Redactor:
        """The redactor with the package's word lists and no trained model; made once."""
        return cls()

    def redact(self, text: str) -> Redaction:
        """Take the personal data out of one text.

        Placeholders that are in the text already stay, so a redacted text comes back unchanged.

        Args:
            text: Any text, of any length; may be empty.

        Returns:
            The redacted text, and what was found, placed in the original's code points.
        """
        found: list[Found] = []
        current, origin = text, [(0, 0)]
        for _ in range(_MOST_PASSES):
            fresh = self._detect(current)
            if not fresh:
                break
            found.extend(
                Found(_back(origin, f.start), _back(origin, f.start) + f.end - f.start, f.kind) for f in fresh
            )
            found.sort(key=lambda f: f.start)
            current, origin = _replace(text, found)
        return Redaction(current, tuple(found))

    def _detect(self, text: str) -> list[Found]:
        """Findings in one pass, in order, none over another or over a placeholder."""
        taken = bytearray(len(text))
        for match in PLACEHOLDER.finditer(text):
            taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
        kept: list[Found] = []
        for found in self._candidates(text):
            if found.end > found.start and 1 not in taken[found.start : found.end]:
                taken[found.start : found.end] = b"\1" * (found.end - found.start)
                kept.append(found)
        kept.sort(key=lambda f: f.start)
        return kept

    def _candidates(self, text: str) -> Iterator[Found]:
        """Everything that looks like personal data, the surest first."""
        low = _lowered(text)
        if "@" in low or " at " in low or "apenstaartje" in low or "(at" in low or "[at" in low:
            yield from contact.find_emails(low)
        if "/" in text or _SECRET_WORD.search(low):
            yield from contact.find_tokens(low)
        if _DIGIT.search(text):
            finders: tuple[Callable[[str], Iterator[Found]], ...] = (
                official.find_bank_accounts,
                official.find_birth_dates,
                lambda lowered: places.find_plates(text, lowered),
                official.find_cards,
                official.find_citizen_numbers,
                contact.find_phones,
                lambda _: places.find_postcodes(text),
                lambda lowered: places.find_addresses(text, lowered, self._lexicon),
                references.find_references,
                lambda lowered: references.find_loose_numbers(text, lowered),
            )
            for finder in finders:
                yield from finder(low)
        for name in self._rules.find(text, low):
            yield name
            yield from official.find_birth_date_after(low, name.end)
        if self._names is not None:
            for start, end in self._names(text):
                if self._rules.may_be_name(text, start, end):
                    yield Found(start, end, Kind.NAME)


def _lowered(text: str) -> str:
    """The text in lower case with every letter at its place: the few that would become two are kept."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _replace(text: str, found: list[Found]) -> tuple[str, list[tuple[int, int]]]:
    """The text with the findings replaced, and where its stretches begin, in the new text and in the original."""
    parts: list[str] = []
    origin: list[tuple[int, int]] = []
    last = length = 0
    for item in found:
        piece = text[last : item.start]
        origin.append((length, last))
        parts += (piece, item.replacement)
        length += len(piece) + len(item.replacement)
        last = item.end
    origin.append((length, last))
    parts.append(text[last:])
    return "".join(parts), origin


def _back(origin: list[tuple[int, int]], place: int) -> int:
    """The original's place of a place outside placeholders."""
    low, high = 0, len(origin)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if origin[middle][0] <= place else (low, middle)
    return origin[low][1] + place - origin[low][0]
