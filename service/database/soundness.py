"""Whether a store can be trusted before anything is written to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from service.database.faults import is_passing_sqlite
from service.errors import DamagedStoreError

__all__ = ["QUICK_BYTES", "check_sqlite", "damaged"]

QUICK_BYTES: Final = 32 << 20
"""A file of at most this size is looked through at each start; of a larger one the header and the schema are."""

_LEAST_BYTES: Final = 512
"""The smallest page there is."""

_OURS: Final = "alembic_version"


def check_sqlite(path: Path, *, whole: bool | None = None) -> None:
    """Look at a file that is to be used as the store; it is opened for reading only. No file is fine.

    Args:
        path: The file.
        whole: Look through all of it; None does when it is no larger than `QUICK_BYTES`.

    Raises:
        DamagedStoreError: It was cut off, is damaged, is no SQLite, or belongs to another program.
    """
    try:
        size = path.stat().st_size
    except OSError:  # not there yet, or not to be read: whoever opens it says so
        return
    if not _has_log(path):  # with one, SQLite makes good what is missing
        if size < _LEAST_BYTES:  # SQLite would take it for a new one
            raise damaged(path, "it is empty" if size == 0 else f"it has only {size} bytes")
        if size % _page_bytes(path):
            raise damaged(path, f"it was cut off at {size:,} bytes, in the middle of a page")
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=15)
        ) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if size <= QUICK_BYTES if whole is None else whole:
                (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if verdict != "ok":
                    raise damaged(path, str(verdict))
    except sqlite3.Error as exc:
        if is_passing_sqlite(exc):
            return
        raise damaged(path, str(exc)) from exc
    except UnicodeDecodeError as exc:
        raise damaged(path, "its schema is no text") from exc
    if names and _OURS not in names:
        raise DamagedStoreError(
            f"{path} is a database of another program.", "Name another file in FEEDBACK_NLP_DATABASE_URL."
        )


def damaged(store: object, reason: str) -> DamagedStoreError:
    """The error that tells the way out."""
    return DamagedStoreError(
        f"The store {store} is damaged: {' '.join(reason.split())}.",
        "Stop the service, keep a copy of the file, and put a backup in its place: "
        "feedback-nlp restore BACKUP --force",
    )


def _page_bytes(path: Path) -> int:
    """What the header says of the size of a page; 1 where it says nothing that can be."""
    try:
        with path.open("rb") as file:
            said = int.from_bytes(file.read(18)[16:], "big")
    except OSError:
        return 1
    return {1: 65_536}.get(said, said) if said.bit_count() == 1 else 1


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.is_file() and log.stat().st_size > 0
