"""A text's clauses: the pieces in which one thing is said of one theme.

Dutch feedback strings judgements together: with full stops, commas, line breaks, dashes, 'maar', 'alleen', and in
enumerations ('snel, duidelijk, vriendelijk'). Rules on the blank tokenizer's tokens find the seams; no model, so the
same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from feedback_nlp.language import CHUNK, Token, split_chunk

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


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: tokens `first` to `last` (one past the end) of the text, and the sentence it belongs to (from 0)."""

    first: int
    last: int
    sentence: int


@dataclass(frozen=True, slots=True)
class ClausedText:
    """A text's tokens and the clauses they form; every token that is not a separator lies in exactly one clause."""

    tokens: tuple[Token, ...]
    clauses: tuple[Clause, ...]

    def span(self, clause: Clause) -> tuple[int, int]:
        """The clause's place in the text, in code points."""
        return self.tokens[clause.first].start, self.tokens[clause.last - 1].end

    @property
    def sentences(self) -> int:
        """How many sentences there are."""
        return self.clauses[-1].sentence + 1 if self.clauses else 0


def split_clauses(text: str) -> ClausedText:
    """Tokenise a text and cut it into clauses.

    Deterministic, linear in the length of the text, and defined for any string: an empty one has no clauses.
    """
    tokens: list[Token] = []
    clauses: list[Clause] = []
    start = sentence = index = before = 0
    breaks = "\n" in text
    for match in CHUNK.finditer(text):
        offset = match.start()
        if breaks and index and "\n" in text[before:offset]:
            if index > start:
                clauses.append(Clause(start, index, sentence))
            start = index
            if clauses and clauses[-1].sentence == sentence:
                sentence += 1
        for word, first, last, role in _pieces(match[0]):
            before = offset + last
            tokens.append(_new_token(Token, (word, offset + first, before)))
            if role:
                if role == _CONJUNCTION:
                    if index - start >= _MIN_TOKENS_BEFORE_CONJUNCTION:
                        clauses.append(Clause(start, index, sentence))
                        start = index
                else:
                    if index > start:
                        clauses.append(Clause(start, index, sentence))
                    start = index + 1
                    if role == _END and clauses and clauses[-1].sentence == sentence:
                        sentence += 1
            index += 1
    if index > start:
        clauses.append(Clause(start, index, sentence))
    return ClausedText(tuple(tokens), tuple(clauses))


_new_token = tuple.__new__  # what `Token(…)` does in the end, without its way there through Python
_SEPARATOR, _END, _CONJUNCTION = 1, 2, 3


@lru_cache(maxsize=100_000)
def _pieces(chunk: str) -> tuple[tuple[str, int, int, int], ...]:
    """The tokens of a run without a space: each with its place in the run, and its role at the seams of clauses."""
    pieces = ((chunk[first:last], first, last) for first, last in split_chunk(chunk))
    return tuple((word, first, last, _role(word)) for word, first, last in pieces)


def _role(word: str) -> int:
    if all(char in _SENTENCE_END for char in word):
        return _END
    if word in _SEPARATORS:
        return _SEPARATOR
    return _CONJUNCTION if word.lower() in _CONJUNCTIONS else 0
