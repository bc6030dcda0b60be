"""Which columns of the feature matrix a word fills, worked out once per word and kept in arrays.

What a word adds does not depend on the text around it. So a batch of texts is looked up at once: a number for every
token, and from the numbers, without a step of Python per word, the columns of all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["NOTHING", "WordColumns"]

NOTHING = 0
"""The number of a token that carries nothing, such as a comma."""

Integers = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)


class WordColumns:
    """The columns of words and of pairs of words. Safe to use from several threads.

    Args:
        vocabulary: Feature to column; a pair of words is written with a space between them.
        normalise: From a token to its word; empty for one that carries nothing.
        features: What a word consists of, itself included; what the vocabulary does not have is passed over.
    """

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        normalise: Callable[[str], str],
        features: Callable[[str], Iterable[str]],
    ) -> None:
        self._vocabulary = vocabulary
        self._normalise = normalise
        self._features = features
        self._lock = threading.Lock()
        self._number_of_word: dict[str, int] = {"": NOTHING}
        self._number_of_token = _Numbers(self._number_of_token_seen_first)
        # by number: where a word's columns begin, and how many they are, below 0 for a word that was not seen yet
        self._first: Integers = np.zeros(1, dtype=np.int64)
        self._sizes: Integers = np.zeros(1, dtype=np.int64)
        self._known: NDArray[np.bool_] = np.zeros(1, dtype=np.bool_)
        self._columns: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._filled = 0
        pairs = sorted(self._pairs())
        self._in_pairs = len(self._number_of_word)
        self._pair_keys: Integers = np.array([key for key, _ in pairs], dtype=np.int64)
        self._pair_columns = np.array([column for _, column in pairs], dtype=np.int32)

    def __len__(self) -> int:
        """How many different tokens were looked up so far."""
        return len(self._number_of_token)

    def numbers(self, words: Iterable[Iterable[str]], total: int) -> Integers:
        """The number of every token's word, (total,); tokens that are seen as the same word have the same."""
        looked_up = map(self._number_of_token.__getitem__, chain.from_iterable(words))
        return np.fromiter(looked_up, dtype=np.int64, count=total)

    def known(self, numbers: Integers) -> NDArray[np.bool_]:
        """Which of the words are in the vocabulary."""
        return self._known[numbers]

    def of_words(self, numbers: Integers) -> tuple[NDArray[np.int32], Integers]:
        """The columns that the words fill, one word after another, and how many each of them has."""
        first, sizes = self._first[numbers], self._sizes[numbers]
        first[1:] -= np.cumsum(sizes[:-1])
        place = np.repeat(first, sizes)
        place += np.arange(place.size)
        return self._columns[place], sizes

    def of_pairs(self, first: Integers, second: Integers) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """The columns of those pairs that the vocabulary has, and which pairs these are."""
        if not self._pair_keys.size:
            return self._pair_columns, np.zeros(0, dtype=np.intp)
        keys = first * self._in_pairs + second
        keys[(first >= self._in_pairs) | (second >= self._in_pairs)] = -1
        place = self._pair_keys.searchsorted(keys)
        place[place == self._pair_keys.size] = 0
        found = np.flatnonzero(self._pair_keys[place] == keys)
        return self._pair_columns[place[found]], found

    def _pairs(self) -> list[tuple[int, int]]:
        """The vocabulary's pairs as keys, with their columns; numbers the words of which they consist."""
        pairs: list[tuple[int, int, int]] = []
        for feature, column in self._vocabulary.items():
            place = feature.find(" ")
            while place >= 0:  # a word may hold a space itself, where an accent stood by itself
                words = feature[:place], feature[place + 1 :]
                pairs.append((self._number(words[0]), self._number(words[1]), column))
                place = feature.find(" ", place + 1)
        return [(first * len(self._number_of_word) + second, column) for first, second, column in pairs]

    def _number_of_token_seen_first(self, token: str) -> int:
        word = self._normalise(token)
        with self._lock:
            number = self._number(word)
            if self._sizes[number] < 0:
                self._fill(number, word)
        return number

    def _number(self, word: str) -> int:
        number = self._number_of_word.get(word)
        if number is None:
            number = len(self._number_of_word)
            self._first = _with_room(self._first, number + 1)
            self._sizes = _with_room(self._sizes, number + 1)
            self._known = _with_room(self._known, number + 1)
            self._sizes[number] = -1
            self._number_of_word[word] = number
        return number

    def _fill(self, number: int, word: str) -> None:
        """Write the word's columns; nobody reads them before its number is known to belong to a token."""
        found = [c for f in self._features(word) if (c := self._vocabulary.get(f)) is not None]
        end = self._filled + len(found)
        self._columns = _with_room(self._columns, end)
        self._columns[self._filled : end] = found
        self._first[number] = self._filled
        self._known[number] = word in self._vocabulary
        self._sizes[number] = len(found)
        self._filled = end


class _Numbers(dict[str, int]):
    """A number for every token, asked for where it is not there yet."""

    def __init__(self, ask: Callable[[str], int]) -> None:
        self._ask = ask

    def __missing__(self, token: str) -> int:
        number = self[token] = self._ask(token)
        return number


def _with_room(array: NDArray[T], size: int) -> NDArray[T]:
    """The array itself, or a longer copy where it is shorter than `size`; who holds the old one can go on with it."""
    if size <= array.size:
        return array
    longer = np.zeros(max(size, 2 * array.size), dtype=array.dtype)
    longer[: array.size] = array
    return longer
