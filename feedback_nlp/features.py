"""Text to numbers: words, word pairs and letter sequences, counted once per clause and added up for the whole text.

A clause's counts and a text's counts come from the same pass: a text is the sum of its clauses. Letter sequences stay
within a word, so what a word contributes is worked out once and remembered; that makes the extraction many times faster
than one that slides over every text anew (see `docs/benchmarks.md`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.clauses import ClausedText, split_clauses

__all__ = ["ClauseCounts", "NgramFeatures", "normalise"]

_DIGITS = re.compile(r"\d+")
_REPEATS = re.compile(r"(.)\1{2,}")
_MARKS = frozenset("!?")
_MAX_WORD = 32
_MAX_REMEMBERED = 200_000


@lru_cache(maxsize=100_000)
def normalise(token: str) -> str:
    """A token as the features see it: lower case, without accents, numbers as 0, at most two equal letters in a row.

    Empty for a token that carries nothing, such as a comma.
    """
    folded = unicodedata.normalize("NFKD", token.lower())
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    word = _REPEATS.sub(r"\1\1", _DIGITS.sub("0", folded))[:_MAX_WORD]
    counts = bool(word) and (word[0] in _MARKS or ord(word[0]) > 0x2000 or any(map(str.isalnum, word)))
    return word if counts else ""


class _Word(NamedTuple):
    """What a word adds to a clause: the bytes of its int32 columns, how many they are, and whether it is known."""

    columns: bytes
    size: int
    known: bool


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was worked out once: words, and the pairs of the vocabulary by their first word and then their second."""

    words: dict[str, _Word]
    seconds: Mapping[str, Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class ClauseCounts:
    """Raw feature counts of every clause of some texts.

    Attributes:
        counts: Sparse (clauses, features); the clauses of all texts one after another.
        owner: For every clause the row of its text, shape (clauses,), ascending.
        sentence: For every clause the number of its sentence, counted through all texts, shape (clauses,), ascending.
        claused: The texts' tokens and clauses.
        words: How many words each text has, shape (texts,).
        known: How many of them the training texts had too, shape (texts,).
    """

    counts: sparse.csr_matrix
    owner: NDArray[np.int64]
    sentence: NDArray[np.int64]
    claused: tuple[ClausedText, ...]
    words: NDArray[np.int64]
    known: NDArray[np.int64]

    def per_text(self) -> sparse.csr_matrix:
        """Counts per text, (texts, features)."""
        return _summed(self.counts, self.owner, len(self.claused))

    def per_sentence(self) -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
        """Counts per sentence, (sentences, features), and the text each sentence belongs to."""
        total = int(self.sentence[-1]) + 1 if self.sentence.size else 0
        owner = np.zeros(total, dtype=np.int64)
        owner[self.sentence] = self.owner
        return _summed(self.counts, self.sentence, total), owner


def _summed(counts: sparse.csr_matrix, group: NDArray[np.int64], groups: int) -> sparse.csr_matrix:
    ones = np.ones(group.size, dtype=np.float32)
    adder = sparse.csr_matrix((ones, (group, np.arange(group.size))), shape=(groups, counts.shape[0]))
    summed = sparse.csr_matrix(adder @ counts)
    summed.sort_indices()
    return summed


class NgramFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Weighted counts of words, word pairs and the letter sequences inside words.

    Two blocks, words and letters, are each weighted by inverse document frequency and scaled to unit length, so that
    neither drowns the other. Everything is learned from texts; `count` also takes the texts' clauses.

    Args:
        min_words: In how many texts a word or word pair must occur to count.
        min_letters: The same for letter sequences.
        shortest: Length of the shortest letter sequence, in characters, the word's borders included.
        longest: Length of the longest.

    Attributes:
        vocabulary_: Feature to column; words as themselves, pairs with a space, letter sequences behind a NUL.
        idf_: Inverse document frequency per column, float32.
        word_columns_: How many of the columns, the first ones, are words and word pairs.
    """

    def __init__(self, min_words: int = 2, min_letters: int = 3, shortest: int = 2, longest: int = 5) -> None:
        self.min_words = min_words
        self.min_letters = min_letters
        self.shortest = shortest
        self.longest = longest

    def fit(self, texts: Iterable[str], y: object = None) -> Self:
        """Learn the vocabulary and the document frequencies from texts."""
        frequency: Counter[str] = Counter()
        letters_of: dict[str, frozenset[str]] = {}
        total = 0
        for text in texts:
            total += 1
            seen: set[str] = set()
            for words in _clause_words(split_clauses(text)):
                seen.update(words)
                seen.update(map(" ".join, pairwise(words)))
                for word in words:
                    if word not in letters_of:
                        letters_of[word] = frozenset(self._letters(word))
                    seen |= letters_of[word]
            frequency.update(seen)
        words = sorted(f for f, n in frequency.items() if f[0] != "\0" and n >= self.min_words)
        letters = sorted(f for f, n in frequency.items() if f[0] == "\0" and n >= self.min_letters)
        self.vocabulary_ = {feature: column for column, feature in enumerate(words + letters)}
        self.word_columns_ = len(words)
        document_frequency = np.array([frequency[feature] for feature in words + letters], dtype=np.float64)
        self.idf_ = (np.log((1 + total) / (1 + document_frequency)) + 1).astype(np.float32)
        return self

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Weighted features of whole texts, sparse float32 (texts, features)."""
        return self.weigh(self.count([split_clauses(text) for text in texts]).per_text())

    def count(self, claused: Sequence[ClausedText]) -> ClauseCounts:
        """Raw counts per clause of texts that were split already."""
        check_is_fitted(self)
        memory = self._remembered()
        words_of, seconds_of = memory.words, memory.seconds
        parts: list[bytes] = []
        sizes: list[int] = []
        owner: list[int] = []
        sentence: list[int] = []
        number = np.zeros(len(claused), dtype=np.int64)
        known = np.zeros(len(claused), dtype=np.int64)
        sentences = 0
        for row, text in enumerate(claused):
            read = familiar = 0
            for clause, words in zip(text.clauses, _clause_words(text), strict=True):
                size = 0
                seconds: Mapping[str, bytes] | None = None
                for word in words:
                    entry = words_of.get(word) or self._remember(word)
                    parts.append(entry.columns)
                    size += entry.size
                    familiar += entry.known
                    if seconds is not None and (pair := seconds.get(word)) is not None:
                        parts.append(pair)
                        size += 1
                    seconds = seconds_of.get(word)
                read += len(words)
                sizes.append(size)
                owner.append(row)
                sentence.append(sentences + clause.sentence)
            number[row], known[row] = read, familiar
            sentences += text.sentences
        indices = np.frombuffer(b"".join(parts), dtype=np.int32).copy()
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        counts = sparse.csr_matrix(
            (np.ones(indices.size, dtype=np.float32), indices, indptr),
            shape=(len(sizes), len(self.vocabulary_)),
        )
        counts.sum_duplicates()
        return ClauseCounts(
            counts,
            np.array(owner, dtype=np.int64),
            np.array(sentence, dtype=np.int64),
            tuple(claused),
            number,
            known,
        )

    def weigh(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Turn raw counts into weights: damped, times inverse document frequency, unit length per block.

        A block's length is divided by the square root of 2, so that a row has length 1 when both blocks are filled.
        """
        check_is_fitted(self)
        indices, indptr = counts.indices, counts.indptr
        data = (1 + np.log(counts.data)) * self.idf_[indices]
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(indptr))
        block = 2 * rows + (indices >= self.word_columns_)
        norms = np.sqrt(np.bincount(block, weights=data * data, minlength=2 * counts.shape[0]))
        data = data / (np.sqrt(2.0) * norms[block])
        return sparse.csr_matrix((data.astype(np.float32), indices, indptr), shape=counts.shape)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Readable names of the columns."""
        check_is_fitted(self)
        return np.array([f.replace("\0", "letters:") for f in self.vocabulary_], dtype=object)

    def _letters(self, word: str) -> Iterable[str]:
        bordered = f"<{word}>"
        for size in range(self.shortest, self.longest + 1):
            for start in range(len(bordered) - size + 1):
                yield "\0" + bordered[start : start + size]

    def _remember(self, word: str) -> _Word:
        """The columns of a word and its letter sequences, and whether the word itself is known."""
        features = (word, *self._letters(word))
        found = [c for f in features if (c := self.vocabulary_.get(f)) is not None]
        entry = _Word(np.array(found, dtype=np.int32).tobytes(), len(found), word in self.vocabulary_)
        memory = self._remembered()
        if len(memory.words) < _MAX_REMEMBERED:
            memory.words[word] = entry
        return entry

    def _remembered(self) -> _Memory:
        if not hasattr(self, "_memory"):
            seconds: dict[str, dict[str, bytes]] = {}
            for feature, column in self.vocabulary_.items():
                place = feature.find(" ")
                while place >= 0:  # a word may hold a space itself, where an accent stood by itself
                    seconds.setdefault(feature[:place], {})[feature[place + 1 :]] = np.int32(column).tobytes()
                    place = feature.find(" ", place + 1)
            self._memory = _Memory({}, seconds)
        return self._memory

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {key: value for key, value in state.items() if key != "_memory"}


def _clause_words(text: ClausedText) -> Iterable[list[str]]:
    words = [normalise(token[0]) for token in text.tokens]
    for clause in text.clauses:
        yield [word for word in words[clause.first : clause.last] if word]
