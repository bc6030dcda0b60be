"""Exported training sets: labelled JSON Lines files outside the store."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from service.errors import Fault, InvalidError

__all__ = ["files_of", "remove_rows"]


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files meant: a folder stands for its `*.jsonl`.

    Raises:
        InvalidError: A path is not there; it would be silently left out otherwise.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InvalidError([Fault("/training_sets", f"there is no {path}")])
        files += sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    return files


def remove_rows(path: Path, ids: Collection[str]) -> int:
    """Remove the rows with these ids; the file is replaced as a whole or not at all. How many rows went."""
    removed = 0
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as kept:
        temporary = Path(kept.name)
        try:
            with path.open("rb") as lines:
                for line in lines:
                    if _id(line) in ids:
                        removed += 1
                    else:
                        kept.write(line)
            kept.flush()
            os.fsync(kept.fileno())
            if removed:
                shutil.copymode(path, temporary)
                temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return removed


def _id(line: bytes) -> str | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    id_ = row.get("id") if isinstance(row, dict) else None
    return str(id_) if isinstance(id_, str | int) else None
