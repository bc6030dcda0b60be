"""What a function says of short strings that come again and again, such as words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["Memo"]

T = TypeVar("T")


class Memo(dict[str, T]):
    """A dictionary that asks a function for what it does not hold yet. Safe to use from several threads.

    Looking up many strings, `map(memo.__getitem__, strings)`, is faster than with a function under
    `functools.lru_cache`. The memory is bounded: long strings, which hardly come again, are asked for each time anew,
    and when it is full it starts afresh.

    Args:
        function: Who knows; the same answer for the same string.
        longest: Length of the longest string that is remembered.
        limit: How many are.
    """

    def __init__(self, function: Callable[[str], T], longest: int, limit: int = 100_000) -> None:
        super().__init__()
        self._function = function
        self._longest = longest
        self._limit = limit

    def __missing__(self, key: str) -> T:
        """Ask, and remember what is short enough."""
        value = self._function(key)
        if len(key) <= self._longest:
            if len(self) >= self._limit:
                self.clear()
            self[key] = value
        return value
