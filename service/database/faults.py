"""Which errors of the store pass by themselves: it is gone, too busy, or has no room."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from sqlalchemy import exc

__all__ = ["STORE_FAULTS", "is_damaged", "is_full", "is_passing", "is_passing_sqlite", "kind_of"]

STORE_FAULTS: Final = (exc.DBAPIError, exc.TimeoutError)
"""What SQLAlchemy raises when the store does not do what it was asked; `is_passing` tells the sorts apart."""

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT}
_SQLITE_PASSING: Final = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
_SQLITE_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PG_DAMAGED: Final = ("XX001", "XX002")
"""A damaged page, a damaged index."""

_PG_FULL: Final = "53100"
_PG_PASSING: Final = ("08", "53", "57P", "40", "25006")
"""Connection, resources, shutdown, serialisation; a standby that was not promoted yet."""


def is_full(error: BaseException) -> bool:
    """Whether there is no room left, for SQLite, PostgreSQL or a file."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _PG_FULL


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed later, unlike after a fault of the program."""
    if isinstance(error, exc.TimeoutError):  # no connection was free
        return True
    if not isinstance(error, exc.DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return is_passing_sqlite(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # no server has answered
        return isinstance(error, exc.OperationalError | exc.InterfaceError)
    return str(state).startswith(_PG_PASSING)


def is_passing_sqlite(error: sqlite3.Error) -> bool:
    """The same of an error of SQLite itself."""
    return _sqlite_code(error) in _SQLITE_PASSING


def is_damaged(error: BaseException) -> bool:
    """Whether the store says that its files are not as it wrote them."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) in _SQLITE_DAMAGED
    return getattr(cause, "sqlstate", None) in _PG_DAMAGED


def kind_of(error: BaseException) -> str:
    """The error's name; never its words, which hold the statement and what was to be stored."""
    return type(getattr(error, "orig", None) or error).__name__


def _sqlite_code(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
