"""Where classified rows go: JSON Lines for programs, a table for people with a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import IO, Any, Protocol

from feedback_nlp.batch import Outcome

__all__ = ["CsvSink", "JsonLinesSink", "Sink"]

_HELD_BACK = 256


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
    """

    def __init__(self, stream: IO[bytes], *, delimiter: str = ";") -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._given: list[str] | None = None
        self._themes: list[str] | None = None
        self._waiting: list[Outcome] = []

    def write(self, outcome: Outcome) -> None:
        """Add a row; rows before the first analysis wait for it, since it knows the columns."""
        if self._themes is None and outcome.analysis is None and len(self._waiting) < _HELD_BACK:
            self._waiting.append(outcome)
            return
        if self._given is None:
            self._open(outcome)
        self._row(outcome)

    def close(self) -> None:
        """Write what still waits; needed when no row succeeded."""
        if self._given is None and self._waiting:
            self._open(self._waiting[0])

    def _open(self, outcome: Outcome) -> None:
        self._themes = [theme.code for theme in outcome.analysis.themes] if outcome.analysis else []
        best = max([*self._waiting, outcome], key=lambda one: len(one.row.fields))
        self._given = list(best.row.fields)
        results = [name for name in self._result_names() if name not in ("id", "text")]
        header = [f"input {name}" if name in {*results, "id", "text"} else name for name in self._given]
        self._stream.write(b"\xef\xbb\xbf")
        self._line(["id", "text", *header, *results])
        for waiting in self._waiting:
            self._row(waiting)
        self._waiting.clear()

    def _result_names(self) -> list[str]:
        fixed = [
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
        ]
        return [*fixed, *(f"{code}_{what}" for code in self._themes or () for what in ("score", "polarity"))]

    def _row(self, outcome: Outcome) -> None:
        values = _flat(outcome)
        given = [outcome.row.fields.get(name) for name in self._given or ()]
        text = outcome.analysis.text if outcome.analysis else outcome.row.text
        self._line([outcome.row.id, text, *given, *(values.get(name) for name in self._result_names())])

    def _line(self, cells: Sequence[Any]) -> None:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=self._delimiter, lineterminator="\r\n").writerow(map(_cell, cells))
        self._stream.write(buffer.getvalue().encode("utf-8", "replace"))


def _flat(outcome: Outcome) -> Mapping[str, Any]:
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
    if isinstance(value, bool):
        return int(value)
    if (
        isinstance(value, str)
        and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        and not _is_number(value)
    ):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
