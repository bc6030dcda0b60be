"""A text's clauses: the pieces in which one thing is said of one theme.

Dutch feedback strings judgements together: with full stops, commas, line breaks, dashes, 'maar', 'alleen', and in
enumerations ('snel, duidelijk, vriendelijk'). Rules on the blank tokenizer's tokens find the seams; no model, so the
same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from feedback_nlp.language import Token, tokenize

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
    tokens = tuple(tokenize(text))
    clauses: list[Clause] = []
    start = sentence = 0

    def close(end: int) -> None:
        nonlocal start
        if end > start:
            clauses.append(Clause(start, end, sentence))
        start = end

    for index, token in enumerate(tokens):
        word = token[0]
        ends_sentence = word[0] in _SENTENCE_END and _ends_sentence(word)
        if index and _line_break(text, tokens[index - 1], token):
            close(index)
            if clauses and clauses[-1].sentence == sentence:
                sentence += 1
        if ends_sentence or word in _SEPARATORS:
            close(index)
            start = index + 1
            if ends_sentence and clauses and clauses[-1].sentence == sentence:
                sentence += 1
        elif word.lower() in _CONJUNCTIONS and index - start >= _MIN_TOKENS_BEFORE_CONJUNCTION:
            close(index)
    close(len(tokens))
    return ClausedText(tokens, tuple(clauses))


@lru_cache(maxsize=4096)
def _ends_sentence(token: str) -> bool:
    return bool(token) and all(char in _SENTENCE_END for char in token)


def _line_break(text: str, before: Token, after: Token) -> bool:
    return "\n" in text[before.end : after.start]
