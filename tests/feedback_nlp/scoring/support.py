"""What the tests of scoring share; worker processes import it too."""

from __future__ import annotations

import csv
import io
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from feedback_nlp.artifacts import Manifest
from feedback_nlp.batch import classify_rows
from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from feedback_nlp.scoring import Scored, Task, score_task
from feedback_nlp.sinks import CsvSink, JsonLinesSink
from feedback_nlp.tables import open_table
from feedback_nlp.taxonomy import Taxonomy
from tests.fakes import FakeAnalyzer

DEADLY = "deze tekst is dodelijk"


def manifest(version: str = "1") -> Manifest:
    taxonomy = Taxonomy.default()
    return Manifest(
        "feedback-nl", version, "fast", taxonomy, {}, {}, {}, {}, {}, None, None, "2026-01-01", "sha256:0"
    )


def write_csv(path: Path, texts: Sequence[str], *, name: str = "tekst") -> Path:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(["id", name, "nps", "team"])
    for number, text in enumerate(texts):
        writer.writerow([f"k{number}", text, number % 12, "=team; noord"])
    path.write_bytes(stream.getvalue().encode())
    return path


def classified(source: Path, kind: str) -> bytes:
    """The file as `classify` writes it."""
    stream = io.BytesIO()
    with open_table(source) as table:
        sink: Any = (
            JsonLinesSink(stream)
            if kind == "jsonl"
            else CsvSink(stream, table.columns, Taxonomy.default().theme_codes)
        )
        for outcome in classify_rows(FakeAnalyzer(), table.rows):
            sink.write(outcome)
        sink.close()
    return stream.getvalue()


class HereEngine:
    """An engine without processes; `before` is called before each task and may stop the run."""

    def __init__(self, before: Callable[[int], object] = lambda number: None) -> None:
        self._before = before
        self.tasks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def map(self, tasks: Iterator[Task]) -> Iterator[Scored]:
        for task in tasks:
            self._before(self.tasks)
            self.tasks += 1
            yield score_task(FakeAnalyzer(), task)


class _Mortal(FakeAnalyzer):
    def __init__(self, lives: Path) -> None:
        super().__init__()
        self._lives = lives

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        if any(item.text == DEADLY for item in items):
            for life in sorted(self._lives.iterdir()):
                life.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
        return super().analyze_batch(items)


@dataclass(frozen=True)
class MortalLoader:
    """Loads an analyzer that kills its process at `DEADLY`, as often as there are files in the folder `lives`."""

    lives: Path

    def load(self, scratch: Path) -> FakeAnalyzer:
        (self.lives.parent / "loads" / str(os.getpid())).touch()
        return _Mortal(self.lives)


def mortal(folder: Path, lives: int) -> MortalLoader:
    (folder / "loads").mkdir()
    (folder / "lives").mkdir()
    for number in range(lives):
        (folder / "lives" / str(number)).touch()
    return MortalLoader(folder / "lives")
