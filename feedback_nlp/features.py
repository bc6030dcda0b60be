"""Text to numbers: words, word pairs and letter sequences, counted once per clause and added up for the whole text.

A clause's counts and a text's counts come from the same pass: a text is the sum of its clauses. Letter sequences stay
within a word, so what a word contributes is worked out once and remembered (`word_columns`); that makes the extraction
many times faster than one that slides over every text anew (see `docs/benchmarks.md`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.clauses import ClausedText, split_clauses
from feedback_nlp.word_columns import NOTHING, WordColumns

__all__ = ["ClauseCounts", "Levels", "NgramFeatures", "normalise"]

Integers = NDArray[np.int64]

_DIGITS = re.compile(r"\d+")
_REPEATS = re.compile(r"(.)\1{2,}")
_MARKS = frozenset("!?")
_MAX_WORD = 32
_MAX_REMEMBERED = 200_000
_WIDE = 2**31  # below it a row and a feature fit together into 32 bits, which are sorted twice as fast


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


@dataclass(frozen=True, slots=True)
class ClauseCounts:
    """Which features occur in every clause of some texts, once per occurrence.

    Attributes:
        columns: The features, shape (occurrences,), in no particular order.
        clause: The clause of each of them, counted through all texts, shape (occurrences,).
        features: How many features there are.
        owner: For every clause the row of its text, shape (clauses,), ascending.
        sentence: For every clause the number of its sentence, counted through all texts, shape (clauses,), ascending.
        claused: The texts' tokens and clauses.
        words: How many words each text has, shape (texts,).
        known: How many of them the training texts had too, shape (texts,).
    """

    columns: NDArray[np.int32]
    clause: Integers
    features: int
    owner: Integers
    sentence: Integers
    claused: tuple[ClausedText, ...]
    words: Integers
    known: Integers

    @property
    def counts(self) -> sparse.csr_matrix:
        """Counts per clause, (clauses, features); the clauses of all texts one after another."""
        return self._tallied(np.arange(self.owner.size), self.owner.size)

    def per_text(self) -> sparse.csr_matrix:
        """Counts per text, (texts, features)."""
        return self._tallied(self.owner, len(self.claused))

    def per_sentence(self) -> tuple[sparse.csr_matrix, Integers]:
        """Counts per sentence, (sentences, features), and the text each sentence belongs to."""
        owner = self._sentence_owner()
        return self._tallied(self.sentence, owner.size), owner

    def levels(self) -> Levels:
        """Counts per clause, sentence and text, each different row once."""
        texts, clauses = len(self.claused), self.owner.size
        owner = self._sentence_owner()
        # a sentence of one clause is that clause's row, a text of one sentence that sentence's, one of none the last
        of_sentence = np.empty(owner.size, dtype=np.int64)
        of_sentence[self.sentence] = np.arange(clauses)
        long_sentence = np.bincount(self.sentence, minlength=owner.size) > 1
        sentences = clauses + int(np.count_nonzero(long_sentence))
        of_sentence[long_sentence] = np.arange(clauses, sentences)
        long_text = np.bincount(owner, minlength=texts) > 1
        rows = sentences + int(np.count_nonzero(long_text)) + 1
        of_text = np.full(texts, rows - 1)
        of_text[owner] = of_sentence
        of_text[long_text] = np.arange(sentences, rows - 1)
        counts = self._tallied(
            np.arange(clauses),
            rows,
            (of_sentence[self.sentence], long_sentence[self.sentence]),
            (of_text[self.owner], long_text[self.owner]),
        )
        return Levels(counts, clauses, of_sentence, of_text, owner)

    def _tallied(
        self, row: Integers, rows: int, *more: tuple[Integers, NDArray[np.bool_]]
    ) -> sparse.csr_matrix:
        """How often each feature occurs in each row, float32 (rows, features), a row's features ascending.

        Args:
            row: The row to which each clause is added.
            rows: How many rows there are.
            more: Further rows to which clauses are added, and which clauses.
        """
        bits = max(self.features - 1, 1).bit_length()
        number = np.dtype(np.int32 if rows << bits < _WIDE else np.int64)
        keys: NDArray[Any] = (row << bits).astype(number)[self.clause]
        keys |= self.columns
        parts = [keys]
        for further, which in more:
            moved: NDArray[Any] = ((further - row) << bits).astype(number)[self.clause]
            moved += keys
            parts.append(moved[which[self.clause]])
        keys = np.concatenate(parts)
        keys.sort()
        is_first = np.ones(keys.size, dtype=np.bool_)
        np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
        first = np.flatnonzero(is_first)
        counts = np.diff(first, append=keys.size).astype(np.float32)
        keys = keys[first]
        bounds = keys.searchsorted((np.arange(rows + 1) << bits).astype(number)).astype(np.int32)
        keys &= (1 << bits) - 1
        return sparse.csr_matrix((counts, keys.astype(np.int32), bounds), shape=(rows, self.features))

    def _sentence_owner(self) -> Integers:
        owner = np.zeros(int(self.sentence[-1]) + 1 if self.sentence.size else 0, dtype=np.int64)
        owner[self.sentence] = self.owner
        return owner


@dataclass(frozen=True, slots=True)
class Levels:
    """The rows of clauses, sentences and texts in one matrix, in which no row is there twice for being two of these.

    Attributes:
        counts: Sparse (rows, features).
        clauses: How many of the rows, the first ones, are the clauses.
        sentence: The row of every sentence, shape (sentences,).
        text: The row of every text, shape (texts,).
        owner: For every sentence the row of its text among the texts, shape (sentences,), ascending.
    """

    counts: sparse.csr_matrix
    clauses: int
    sentence: Integers
    text: Integers
    owner: Integers


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
        return self.learn([split_clauses(text) for text in texts])

    def learn(self, claused: Sequence[ClausedText]) -> Self:
        """As `fit`, from texts that were split already."""
        frequency: Counter[str] = Counter()
        letters_of: dict[str, frozenset[str]] = {}
        total = len(claused)
        for text in claused:
            seen: set[str] = set()
            for words in _clause_words(text):
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
        self._table: WordColumns | None = None
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
        table = self._remembered()
        bounds = chain.from_iterable(chain.from_iterable(text.clauses for text in claused))
        clauses = np.fromiter(bounds, dtype=np.int64).reshape(-1, 3)
        per_text = np.array([len(text.clauses) for text in claused], dtype=np.int64)
        tokens = np.array([len(text.words) for text in claused], dtype=np.int64)
        sentences = np.array([text.sentences for text in claused], dtype=np.int64)
        owner = np.repeat(np.arange(len(claused)), per_text)
        sizes = clauses[:, 1] - clauses[:, 0]
        clause = np.repeat(np.arange(owner.size), sizes)
        place = np.repeat(_before(tokens)[owner] + clauses[:, 0] - _before(sizes), sizes)
        place += np.arange(place.size)
        numbers = table.numbers((text.words for text in claused), int(tokens.sum()))[place]
        carries = numbers != NOTHING
        numbers, clause = numbers[carries], clause[carries]
        columns, sizes = table.of_words(numbers)
        pair_columns, pair = table.of_pairs(numbers[:-1], numbers[1:])
        together = clause[pair] == clause[pair + 1]
        return ClauseCounts(
            np.concatenate([columns, pair_columns[together]]),
            np.concatenate([np.repeat(clause, sizes), clause[pair[together]]]),
            len(self.vocabulary_),
            owner,
            _before(sentences)[owner] + clauses[:, 2],
            tuple(claused),
            np.bincount(owner[clause], minlength=len(claused)),
            np.bincount(owner[clause[table.known(numbers)]], minlength=len(claused)),
        )

    def weigh(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """Turn raw counts into weights: damped, times inverse document frequency, unit length per block.

        A block's length is divided by the square root of 2, so that a row has length 1 when both blocks are filled.
        """
        check_is_fitted(self)
        indices, indptr = counts.indices, counts.indptr
        data = (1 + np.log(counts.data)) * self.idf_.take(indices)
        block = np.repeat(np.arange(0, 2 * counts.shape[0], 2), np.diff(indptr))
        block += indices >= self.word_columns_
        norms = np.sqrt(np.bincount(block, weights=data * data, minlength=2 * counts.shape[0]))
        data = data / (np.sqrt(2.0) * norms)[block]
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

    def _parts(self, word: str) -> Iterable[str]:
        yield word
        yield from self._letters(word)

    def _remembered(self) -> WordColumns:
        """The table of what was looked up so far; a new one where that has grown too long."""
        table: WordColumns | None = getattr(self, "_table", None)  # a model from a file has none
        if table is None or len(table) > _MAX_REMEMBERED:
            table = self._table = WordColumns(self.vocabulary_, normalise, self._parts)
        return table

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {key: value for key, value in state.items() if key != "_table"}


def _before(sizes: Integers) -> Integers:
    """How much stands before each of some things that have these sizes and follow one another."""
    return np.asarray(np.cumsum(sizes) - sizes)


def _clause_words(text: ClausedText) -> Iterable[list[str]]:
    words = [normalise(word) for word in text.words]
    for clause in text.clauses:
        yield [word for word in words[clause.first : clause.last] if word]
