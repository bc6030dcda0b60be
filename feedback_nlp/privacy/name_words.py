"""The words of a text as name finding sees them, and what a single one may be."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from feedback_nlp.privacy.lexicon import Lexicon
from feedback_nlp.privacy.name_cues import (
    EVERYDAY_BEGINNINGS,
    EVERYDAY_ENDINGS,
    LED_LOWER,
    NEVER_LOWER,
    OPEN,
    PREFIXES,
    TOKEN,
)

__all__ = ["Trust", "Word", "WordJudge", "bare", "gap", "is_initials", "read_words"]


class Trust(IntEnum):
    """How much a cue alone proves: WEAK needs a known first name, FAIR a capital, STRONG takes lower case as well."""

    WEAK = 1
    FAIR = 2
    STRONG = 3


class Word(NamedTuple):
    """A word and its place in the text, as it stands and in lower case."""

    start: int
    end: int
    text: str
    low: str
    upper: bool
    """Whether a capital says something: false throughout a text typed in capitals."""
    opens: bool
    """Whether it is the first word of a sentence."""


def read_words(text: str, low: str) -> list[Word]:
    """The words of a text; `low` is the same in lower case, of the same length. Initials are one word."""
    capitals = sum(map(str.isupper, text))
    shouting = capitals >= 12 and capitals > 0.7 * sum(map(str.isalpha, text))
    words: list[Word] = []
    end = 0
    opens = True
    for match in TOKEN.finditer(text):
        raw = match.group().rstrip(" -")
        start = match.start()
        if start - end != 1 or text[end] != " ":
            opens = opens or not words or not OPEN.isdisjoint(text[end:start])
        words.append(
            Word(
                start,
                start + len(raw),
                raw,
                low[start : start + len(raw)],
                raw[0].isupper() and not shouting,
                opens,
            )
        )
        end = start + len(raw)
        opens = raw[-1] == "." and len(raw) > 2
    return words


def bare(word: Word) -> str:
    """The word in lower case without a possessive s."""
    low = word.low.replace("’", "'")
    return low[:-2] if low.endswith("'s") else low


def is_initials(word: Word) -> bool:
    """Whether the word is one or more initials, such as "J.P."."""
    return word.text.endswith(".") and len(word.text) <= 14


def gap(text: str, left: Word, right: Word) -> bool:
    """Whether what parts two words may stand inside a name."""
    between = text[left.end : right.start]
    return between in (" ", "\u00a0", "  ", "", "-", " - ") and not (
        between == "" and not left.text.endswith((".", "-"))
    )


class WordJudge:
    """Tells by the word lists what a word may be.

    Args:
        lexicon: The word lists.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.family = lexicon.surnames
        self.first = lexicon.first_names
        self.clear = lexicon.first_names - lexicon.ambiguous
        self.ambiguous = lexicon.ambiguous
        self.not_names = lexicon.not_names
        self.ordinary = lexicon.ordinary
        self.blocked = lexicon.not_names - lexicon.surnames - lexicon.first_names

    def known_family(self, low: str) -> bool:
        """Whether it is a known surname, or a double one with a known half."""
        if low in self.family:
            return True
        parts = low.split("-")
        return (
            len(parts) > 1
            and any(p in self.family for p in parts)
            and not any(p in self.not_names or len(p) < 2 for p in parts)
        )

    def known_first(self, low: str) -> bool:
        """Whether it is a first name and nothing else, or two first names with a dash."""
        if low in self.clear:
            return True
        parts = low.split("-")
        return len(parts) > 1 and all(p in self.first for p in parts)

    def is_everyday(self, low: str) -> bool:
        """Whether a word is everyday Dutch, also as a compound or with an ending that names do not have."""
        if low in self.ordinary or low in self.not_names:
            return True
        if "-" in low and any(
            part in self.ordinary or part in self.not_names for part in low.split("-") if part not in PREFIXES
        ):
            return True
        return len(low) > 7 and (low.endswith(EVERYDAY_ENDINGS) or low.startswith(EVERYDAY_BEGINNINGS))

    def family_word(self, word: Word, trust: Trust, led: bool) -> bool:
        """Whether the word can be (part of) a surname here; ``led`` when a prefix such as "van der" leads it."""
        low = bare(word)
        if len(low) < 2 or low in self.blocked:
            return False
        if led and word.upper and trust >= Trust.STRONG and (low not in self.not_names or low in self.family):
            return True
        if self.known_family(low):
            return (
                word.upper
                or (led and trust is Trust.STRONG and low in LED_LOWER)
                or (low not in NEVER_LOWER and (trust >= Trust.STRONG or low not in self.ordinary))
            )
        if low in self.ordinary or low in self.not_names:
            return False
        if word.upper:
            return not (word.text.isupper() and len(low) <= 4) and not self.is_everyday(low)
        return (trust >= Trust.STRONG or led) and len(low) >= 3 and not self.is_everyday(low)
