"""Labels that people give in `annotate`: one line an answer; of one item and person the last one counts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedback_nlp.errors import CorpusError

__all__ = ["Annotation", "append_annotation", "read_annotations"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """One person's answer about one item.

    Attributes:
        id: The item.
        annotator: The person.
        at: When, ISO 8601.
        themes: Theme code to polarity.
        row: The whole line: a labelled item with gaps, which `train --corrections` reads.
    """

    id: str
    annotator: str
    at: str
    themes: Mapping[str, int]
    row: Mapping[str, Any]


def read_annotations(path: Path) -> list[Annotation]:
    """All answers that count, in the order they were first given; none when there is no file yet.

    A last line that was cut off (the machine stopped while it was written) is passed over.

    Raises:
        CorpusError: Another line is not an annotation; it is named.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise CorpusError(f"{path}: cannot be read: {exc.strerror or exc}") from exc
    found: dict[tuple[str, str], Annotation] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            one = Annotation(str(row["id"]), str(row["annotator"]), str(row["at"]), dict(row["themes"]), row)
        except (ValueError, KeyError, TypeError) as exc:
            if number == len(lines):
                break
            raise CorpusError(f"{path.name}:{number}: not an annotation: {exc!r}") from exc
        found[one.id, one.annotator] = one
    return list(found.values())


def append_annotation(path: Path, row: Mapping[str, Any]) -> None:
    """Add an answer, on the disk when this returns; mends a last line that was cut off."""
    line = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
