"""The word lists that name finding rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Lexicon", "word_set"]


@dataclass(frozen=True)
class Lexicon:
    """Lower-case word lists.

    Attributes:
        first_names: Usual first names.
        ambiguous: The first names that are ordinary words, brands, months or places too.
        surnames: Usual surnames without their prefix.
        not_names: Organisations, brands, places, calendar words and functions.
        ordinary: Words of everyday Dutch.
        phrases: Names of several words that look like a person's and are a brand's.
    """

    first_names: frozenset[str]
    ambiguous: frozenset[str]
    surnames: frozenset[str]
    not_names: frozenset[str]
    ordinary: frozenset[str]
    phrases: frozenset[str]

    @classmethod
    @cache
    def load(cls) -> Lexicon:
        """Read the lists that come with the package; the second call gives the same object."""
        return cls(
            first_names=_words("first_names.txt"),
            ambiguous=_words("ambiguous_names.txt"),
            surnames=_words("surnames.txt"),
            not_names=_words("not_names.txt"),
            ordinary=_words("ordinary_words.txt"),
            phrases=frozenset(_lines("brand_phrases.txt")),
        )


def word_set(words: str) -> frozenset[str]:
    """The words of a string that are parted by white space."""
    return frozenset(words.split())


def _lines(name: str) -> list[str]:
    raw = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return [line for line in raw.splitlines() if line and not line.startswith("# ")]


def _words(name: str) -> frozenset[str]:
    return word_set(" ".join(_lines(name)))
