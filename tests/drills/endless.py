"""Classifies input of any size that is made while it is read: `python -m tests.drills.endless KIND BYTES`.

KIND is `csv`, `jsonl`, or `line`: a CSV whose second line does not end. The process takes at most a gibibyte of memory,
by the system's own limit. It says what it read and its peak as JSON.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from feedback_nlp.batch import classify_rows
from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from feedback_nlp.sinks import CsvSink, JsonLinesSink
from feedback_nlp.tables import Format, open_table
from tests.fakes import FakeAnalyzer
from tests.memory import peak

MOST = 1 << 30
ROWS = 64


class Endless(io.RawIOBase):
    """A head and then the same block again and again, as a file of a given size that can be gone back and forth in."""

    def __init__(self, head: bytes, block: bytes, size: int) -> None:
        self._head = head
        self._block = block
        # It ends with a block: half a row would be another matter.
        self._size = len(head) + max(1, (size - len(head)) // len(block)) * len(block)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at < len(self._head):
            piece = self._head[self._at : self._at + len(buffer)]
        else:
            start = (self._at - len(self._head)) % len(self._block)
            piece = self._block[start : start + min(len(buffer), max(0, self._size - self._at))]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class Quick:
    """Says of every text the same, but for the text itself."""

    def __init__(self) -> None:
        self._answer = FakeAnalyzer().analyze("Lang in de wacht.")

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        return [replace(self._answer, id=item.id, text=item.text) for item in items]


def source(kind: str, size: int) -> io.BufferedReader:
    texts = [
        f"Één ding: „{'lang in de wacht gestaan, ' * (50 + 5 * n)}” en toen opgehangen." for n in range(ROWS)
    ]
    head = b"" if kind == "jsonl" else b"id;tekst;nps\n1;goed;9\n"
    if kind == "csv":
        block = "".join(f'{n};"Hij zei ""{text}""\n{text}";7\n' for n, text in enumerate(texts))
    elif kind == "jsonl":
        block = "".join(json.dumps({"id": n, "tekst": text, "nps": 7}) + "\n" for n, text in enumerate(texts))
    else:
        block = "wachten " * 100_000
    return io.BufferedReader(Endless(head, block.encode(), size), 1 << 20)


def main(kind: str, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST))
    format: Format = "jsonl" if kind == "jsonl" else "csv"
    rows = failed = 0
    with (
        Path(os.devnull).open("wb") as out,
        source(kind, size) as stream,
        open_table(stream, format=format) as table,
    ):
        sink = (
            JsonLinesSink(out)
            if kind == "jsonl"
            else CsvSink(out, table.columns, FakeAnalyzer().taxonomy.theme_codes)
        )
        for outcome in classify_rows(Quick(), table.rows):
            sink.write(outcome)
            rows += 1
            failed += outcome.error is not None
        sink.close()
        read = stream.tell()
    print(json.dumps({"bytes": read, "rows": rows, "failed": failed, "peak": peak()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
