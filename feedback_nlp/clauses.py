"""A text's clauses: the pieces in which one thing is said of one theme.

Dutch feedback strings judgements together: with full stops, commas, line breaks, dashes, 'maar', 'alleen', and in
enumerations ('snel, duidelijk, vriendelijk'). Rules on the blank tokenizer's tokens find the seams; no model, so the
same on every machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from feedback_nlp.language import CHUNK, LONGEST_CHUNK, Token, split_chunk
from feedback_nlp.memo import Memo

__all__ = ["Clause", "ClausedText", "split_clauses"]

_SENTENCE_END = frozenset(".!?…")
_SEPARATORS = frozenset(",;:()[]/•|") | {"-", "–", "—", "->", "=>", "+"}
_CONJUNCTIONS = frozenset(
    [
        "maar",
        "echter",
        "alleen",
        "terwijl",
        "hoewel",
        "ondanks",
        "omdat",
        "doordat",
        "want",
        "waardoor",
        "daarentegen",
        "behalve",
        "tenzij",
    ]
)
_MIN_TOKENS_BEFORE_CONJUNCTION = 2


_RUN_OR_BREAK = re.compile(r"\S+|\n")
_SEPARATOR, _END, _CONJUNCTION = 1, 2, 3


class Clause(NamedTuple):
    """A clause: tokens `first` to `last` (one past the end) of the text, and the sentence it belongs to (from 0)."""

    first: int
    last: int
    sentence: int


@dataclass(frozen=True)
class ClausedText:
    """A text's tokens and the clauses they form; every token that is not a separator lies in exactly one clause.

    Attributes:
        text: The text.
        words: Its tokens as strings, white space left out.
        clauses: The clauses, in reading order.
    """

    text: str
    words: tuple[str, ...]
    clauses: tuple[Clause, ...]

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens with their places, which are looked for only where somebody asks."""
        return tuple(
            map(Token, self.words, self._starts, map(int.__add__, self._starts, map(len, self.words)))
        )

    def span(self, clause: Clause) -> tuple[int, int]:
        """The clause's place in the text, in code points."""
        last = clause.last - 1
        return self._starts[clause.first], self._starts[last] + len(self.words[last])

    @property
    def sentences(self) -> int:
        """How many sentences there are."""
        return self.clauses[-1].sentence + 1 if self.clauses else 0

    @cached_property
    def _starts(self) -> list[int]:
        """Where each token begins: tokens leave out nothing but white space, so it is the next place that fits."""
        find, starts, place = self.text.find, [], 0
        for word in self.words:
            start = find(word, place)
            starts.append(start)
            place = start + len(word)
        return starts


def split_clauses(text: str) -> ClausedText:
    """Tokenise a text and cut it into clauses.

    Deterministic, linear in the length of the text, and defined for any string: an empty one has no clauses.
    """
    words: list[str] = []
    clauses: list[Clause] = []
    start = sentence = index = 0
    chunks = _RUN_OR_BREAK.findall(text) if "\n" in text else text.split()
    for chunk, pieces in zip(chunks, map(_pieces_of.__getitem__, chunks), strict=True):
        if pieces is None:
            words.append(chunk)
            index += 1
            continue
        for word, role in pieces:
            if role == _CONJUNCTION:
                if index - start >= _MIN_TOKENS_BEFORE_CONJUNCTION:
                    clauses.append(_new(Clause, (start, index, sentence)))
                    start = index
            elif role:
                if index > start:
                    clauses.append(_new(Clause, (start, index, sentence)))
                start = index + len(word[:1])
                if role == _END and clauses and clauses[-1].sentence == sentence:
                    sentence += 1
            if word:
                words.append(word)
                index += 1
    if index > start:
        clauses.append(_new(Clause, (start, index, sentence)))
    return ClausedText(text, tuple(words), tuple(clauses))


_new = tuple.__new__  # what `Clause(…)` does in the end, without its way there through Python


def _pieces(chunk: str) -> tuple[tuple[str, int], ...] | None:
    """The tokens of a run without a space, each with its role at the seams of clauses; None for one without a role.

    A line break counts as an end without a token.
    """
    if chunk == "\n":
        return (("", _END),)
    words = [part[first:last] for part in CHUNK.findall(chunk) for first, last in split_chunk(part)]
    pieces = tuple((word, _role(word)) for word in words)
    return None if pieces == ((chunk, 0),) else pieces


_pieces_of = Memo(_pieces, LONGEST_CHUNK)


def _role(word: str) -> int:
    if all(char in _SENTENCE_END for char in word):
        return _END
    if word in _SEPARATORS:
        return _SEPARATOR
    return _CONJUNCTION if word.lower() in _CONJUNCTIONS else 0
