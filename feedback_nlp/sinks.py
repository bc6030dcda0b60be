"""Where classified rows go: JSON Lines for programs, a table for people with a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import IO, Any, Protocol

from feedback_nlp.batch import Outcome
from feedback_nlp.tables.formulas import guarded

__all__ = ["CsvSink", "JsonLinesSink", "Sink", "flat", "given_names", "result_names"]

_FIXED = (
    "error",
    "themes",
    "sentiment",
    "sentiment_label",
    "expected_nps",
    "expected_cas",
    "promoter",
    "passive",
    "detractor",
    "signals",
    "needs_review",
    "review_reasons",
    "language",
    "model",
)


class Sink(Protocol):
    """Where outcomes go."""

    def write(self, outcome: Outcome) -> None:
        """Add one."""

    def close(self) -> None:
        """Write what still waits; the stream stays open."""


class JsonLinesSink:
    """One JSON object a line, UTF-8."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, outcome: Outcome) -> None:
        """Add a line."""
        line = json.dumps(outcome.to_dict(), ensure_ascii=False)
        self._stream.write(line.encode("utf-8", "replace") + b"\n")

    def close(self) -> None:
        """Nothing waits."""


class CsvSink:
    """A table that Dutch Excel opens at a double click: `;` between fields (a tab when asked), UTF-8 with its mark.

    The given columns come first (under their own name, with `input ` before it where it would clash), then the
    results; a row that failed has its reason under `error`. A cell that a spreadsheet would take for a formula gets
    a `'` before it.

    Args:
        stream: Where the bytes go.
        columns: Names of the given columns.
        themes: Codes of the themes, each of which has a score and a polarity.
        delimiter: What stands between fields.
    """

    def __init__(
        self, stream: IO[bytes], columns: Sequence[str], themes: Sequence[str], *, delimiter: str = ";"
    ) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._given = columns
        self._results = result_names(themes)
        self._opened = False

    def open(self) -> None:
        """Write the header; done by itself before the first row."""
        if not self._opened:
            self._opened = True
            self._stream.write(b"\xef\xbb\xbf")
            self._line(["id", "text", *given_names(self._given, self._results), *self._results])

    def write(self, outcome: Outcome) -> None:
        """Add a row."""
        self.open()
        self.row(outcome)

    def row(self, outcome: Outcome) -> None:
        """Add a row to a stream whose header is or will be elsewhere."""
        values = flat(outcome)
        given = [outcome.row.fields.get(name) for name in self._given]
        text = outcome.analysis.text if outcome.analysis else outcome.row.text
        self._line([outcome.row.id, text, *given, *map(values.get, self._results)])

    def close(self) -> None:
        """Write the header where there was no row."""
        self.open()

    def _line(self, cells: Sequence[Any]) -> None:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=self._delimiter, lineterminator="\r\n").writerow(map(_cell, cells))
        self._stream.write(buffer.getvalue().encode("utf-8", "replace"))


def result_names(themes: Sequence[str]) -> list[str]:
    """Names of the result columns of a table, in order."""
    return [*_FIXED, *(f"{code}_{what}" for code in themes for what in ("score", "polarity"))]


def given_names(given: Sequence[str], results: Sequence[str]) -> list[str]:
    """Names under which the given columns stand beside the results."""
    taken = {"id", "text", *results}
    return [f"input {name}" if name in taken else name for name in given]


def flat(outcome: Outcome) -> Mapping[str, Any]:
    """The result columns of a row by name; those that are missing have no value."""
    if outcome.analysis is None:
        return {"error": outcome.error}
    whole = outcome.analysis.to_dict()
    flat = {
        "themes": " ".join(
            f"{theme['code']}{'+' if theme['polarity'] >= 0 else '-'}"
            for theme in whole["themes"]
            if theme["assigned"]
        ),
        "sentiment": whole["sentiment"]["score"],
        "sentiment_label": whole["sentiment"]["label"],
        "expected_nps": whole["advocacy"]["nps"]["value"],
        "expected_cas": whole["advocacy"]["cas"]["value"],
        **{name: whole["advocacy"][name] for name in ("promoter", "passive", "detractor")},
        "signals": " ".join(signal["code"] for signal in whole["signals"] if signal["assigned"]),
        "needs_review": whole["needs_review"],
        "review_reasons": ", ".join(whole["review_reasons"]),
        "language": whole["language"],
        "model": f"{whole['model']['name']}/{whole['model']['version']}",
    }
    for theme in whole["themes"]:
        flat[f"{theme['code']}_score"] = theme["score"]
        flat[f"{theme['code']}_polarity"] = theme["polarity"]
    return flat


def _cell(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else guarded(value)
