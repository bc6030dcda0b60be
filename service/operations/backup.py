"""Backup and restore of the store in SQLite; a copy is checked before it takes its place."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from service.errors import ServiceError

__all__ = ["BackupError", "backup", "restore", "sqlite_file"]

_PAGES: Final = 1024
_COMPANIONS: Final = ("-wal", "-shm")


class BackupError(ServiceError):
    """Nothing was copied; the text says why."""


def sqlite_file(url: str) -> Path:
    """The file behind a database URL.

    Raises:
        BackupError: The store is not a SQLite file.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise BackupError("The store is PostgreSQL: use pg_dump and pg_restore.")
    return Path(parsed.database)


def backup(source: Path, target: Path) -> None:
    """Copy a store, also while the service uses it; the copy has one moment's state.

    Raises:
        BackupError: The store is not there or damaged, or the target is there already or cannot be written.
    """
    if not source.is_file():
        raise BackupError(f"There is no store at {source}.")
    if target.exists():
        raise BackupError(f"{target} is there already; choose another name.")
    _copy(source, target)


def restore(source: Path, target: Path, *, force: bool = False) -> None:
    """Put a backup in place of the store. The service must not be running.

    Args:
        source: A file that `backup` wrote.
        target: The store.
        force: Replace a store that is there.

    Raises:
        BackupError: The backup is damaged or no store, one is there already, or the service is using it.
    """
    if not source.is_file():
        raise BackupError(f"There is no backup at {source}.")
    _check(source)
    if target.exists():
        if not force:
            raise BackupError(f"There is a store at {target}; add --force to replace it.")
        _refuse_if_used(target)
    _copy(source, target)
    for suffix in _COMPANIONS:
        Path(f"{target}{suffix}").unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(partial)) as new,
        ):
            old.backup(new, pages=_PAGES)
            new.execute("PRAGMA journal_mode = DELETE")
        _check(partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except (OSError, sqlite3.Error) as exc:
        raise BackupError(f"{target} could not be written: {exc}") from exc
    finally:
        partial.unlink(missing_ok=True)


def _check(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            known = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name IN ('feedback', 'alembic_version')"
            ).fetchone()[0]
    except sqlite3.Error as exc:
        raise BackupError(f"{path} is not a store: {exc}.") from exc
    if verdict != "ok":
        raise BackupError(f"{path} is damaged: {verdict}.")
    if known != 2:
        raise BackupError(f"{path} is not a store of this service.")


def _refuse_if_used(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as exc:
        raise BackupError(f"{path} is in use; stop the service first.") from exc
    except sqlite3.DatabaseError:
        return  # so damaged that it cannot be asked: that is what a restore is for
