"""The lines of a text, with their numbers, and never more of a line in memory than is sensible."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

__all__ = ["MAX_LINE", "Line", "Lines"]

MAX_LINE = 1 << 20
"""Longest line that is kept, in characters; a longer one is handed on as faulty."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line.

    Attributes:
        number: Which line of the file, from 1.
        text: The line with its end; empty when it is faulty.
        fault: Why it cannot be read, or None.
    """

    number: int
    text: str
    fault: str | None = None


class Lines(Iterator[Line]):
    """Lines of a stream; lines can be put back to be read again."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._number = 0
        self._returned: deque[Line] = deque()

    def __next__(self) -> Line:
        """The next line.

        Raises:
            StopIteration: At the end.
        """
        if self._returned:
            return self._returned.popleft()
        try:
            text = self._stream.readline(MAX_LINE)
            long = len(text) == MAX_LINE and not _ended(text)
            while long and (rest := self._stream.readline(MAX_LINE)) and not _ended(rest):
                pass
        except UnicodeDecodeError:  # only UTF-16 that breaks off: all else is handed on as lone surrogates
            self._stream.seek(0, 2)
            self._number += 1
            return Line(self._number, "", "wrong encoding: the file breaks off in the middle of a character")
        if not text:
            raise StopIteration
        self._number += 1
        if long:
            return Line(self._number, "", f"line {self._number} is longer than {MAX_LINE:,} characters")
        return Line(self._number, text)

    def put_back(self, lines: Sequence[Line]) -> None:
        """Hand these out again, in this order, before any other."""
        self._returned.extendleft(reversed(lines))


def _ended(text: str) -> bool:
    return text.endswith(("\n", "\r"))
