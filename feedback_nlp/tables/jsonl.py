"""JSON Lines, object by object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from feedback_nlp.tables.lines import Lines
from feedback_nlp.tables.row import readable

__all__ = ["JsonRecord", "read_objects"]


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """A line's object, or why there is none."""

    line: int
    values: dict[str, Any] | None = None
    error: str | None = None


def read_objects(lines: Lines) -> Iterator[JsonRecord]:
    """The object of every line that is not blank."""
    for line in lines:
        if line.fault is not None:
            yield JsonRecord(line.number, error=line.fault)
        elif line.text.strip():
            yield _parse(line.number, line.text.rstrip())


def _parse(number: int, text: str) -> JsonRecord:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as exc:
        return JsonRecord(number, error=f"line {number} is not JSON: {exc.msg} at character {exc.colno}")
    except (RecursionError, ValueError) as exc:  # nested too deeply; a number of too many digits
        return JsonRecord(number, error=f"line {number} is not usable JSON: {exc}")
    if not isinstance(value, dict):
        return JsonRecord(number, error=f"line {number} must be a JSON object, got {type(value).__name__}")
    return JsonRecord(number, values={readable(name): cell for name, cell in value.items()})
