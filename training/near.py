"""Texts that are nearly the same, found without comparing every text with every other.

MinHash over word triples with banding (A. Broder, "On the resemblance and containment of documents", 1997); what
falls into one band is compared in full by the Jaccard index of its triples.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

__all__ = ["LEAST_WORDS", "NEAR", "NearIndex", "near_pairs", "plain"]

NEAR = 0.8
"""Jaccard index of word triples from which on two texts are near-duplicates."""

LEAST_WORDS = 6
"""Shorter texts are duplicates only when they say exactly the same."""

_HASHES, _BANDS = 64, 16
_PRIME = np.uint64(4_294_967_311)  # the first one above 2**32
_WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    """The text without case, accents and signs: what "the same text" goes by."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORD.findall("".join(char for char in folded if not unicodedata.combining(char))))


class NearIndex:
    """Texts seen so far; says of a new one which earlier one it is nearly the same as."""

    def __init__(self, threshold: float = NEAR) -> None:
        self.threshold = threshold
        generator = np.random.default_rng(0)
        self._a = generator.integers(1, 1 << 31, _HASHES, dtype=np.uint64)
        self._b = generator.integers(0, 1 << 31, _HASHES, dtype=np.uint64)
        self._exact: dict[str, int] = {}
        self._bands: dict[tuple[int, bytes], list[int]] = {}
        self._shingles: list[frozenset[int]] = []

    def add(self, text: str) -> tuple[int, float] | None:
        """Add a text.

        Returns:
            The number (in order of adding) of the earliest text it equals or of the nearest one, with their
            likeness 0-1; None when it is new.
        """
        key = plain(text)
        number = len(self._shingles)
        shingles = _shingles(key)
        same = self._exact.setdefault(key, number)
        self._shingles.append(shingles)
        if same != number:
            return same, 1.0
        if not shingles:
            return None
        best: tuple[int, float] | None = None
        for band in self._keys(shingles):
            for other in self._bands.setdefault(band, []):
                alike = _jaccard(shingles, self._shingles[other])
                if alike >= self.threshold and (best is None or alike > best[1]):
                    best = (other, alike)
            self._bands[band].append(number)
        return best

    def _keys(self, shingles: frozenset[int]) -> Iterator[tuple[int, bytes]]:
        hashes = np.fromiter(shingles, dtype=np.uint64, count=len(shingles))
        signature = ((hashes[:, None] * self._a + self._b) % _PRIME).min(axis=0)
        for band, part in enumerate(np.split(signature, _BANDS)):
            yield band, part.tobytes()


def near_pairs(texts: Sequence[str], threshold: float = NEAR) -> list[tuple[int, int, float]]:
    """Pairs (earlier, later, likeness) of texts that are nearly the same; every later text once, with its nearest."""
    index = NearIndex(threshold)
    pairs = []
    for number, text in enumerate(texts):
        found = index.add(text)
        if found is not None:
            pairs.append((found[0], number, found[1]))
    return pairs


def _shingles(key: str) -> frozenset[int]:
    words = key.split()
    if len(words) < LEAST_WORDS:
        return frozenset()
    triples = zip(words, words[1:], words[2:], strict=False)
    return frozenset(zlib.crc32(" ".join(triple).encode()) for triple in triples)


def _jaccard(left: frozenset[int], right: frozenset[int]) -> float:
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)
