"""One engine a process; sessions that begin as readers or as writers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

__all__ = ["Database"]

_BUSY_MS: Final = 15_000
_POOL_SECONDS: Final = 10
_CONNECT_SECONDS: Final = 5
_WRITE: Final = "feedback_nlp_write"


class Database:
    """The store behind a URL. Safe to use from many threads.

    SQLite gets write-ahead logging, foreign keys, a busy timeout and zeroed deletions; a writer takes the write lock
    at its first statement, so that it never has to give up half-way because another was quicker.
    """

    def __init__(self, url: str) -> None:
        """Take note; the first session connects.

        Args:
            url: `sqlite:///file.db`, or `postgresql://user@host/name` (psycopg is filled in).
        """
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url: Final = parsed
        self.engine: Final[Engine] = create_engine(
            parsed,
            pool_size=10,
            max_overflow=15,
            pool_pre_ping=True,
            pool_timeout=_POOL_SECONDS,
            connect_args={}
            if parsed.get_backend_name() == "sqlite"
            else {"connect_timeout": _CONNECT_SECONDS},
        )
        if self.is_sqlite:
            _prepare_sqlite(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite rather than PostgreSQL."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work: committed at the end, undone when an error leaves it.

        With `session.info["checkpoint"]` set, SQLite's log is emptied afterwards, so that erased text is on no disk.
        """
        with Session(self.engine.execution_options(**{_WRITE: True})) as session, session.begin():
            yield session
        if self.is_sqlite and session.info.get("checkpoint"):
            with self.engine.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the store and changes nothing."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    def check(self) -> None:
        """Read something small.

        Raises:
            DBAPIError: The store is not there; `service.database.faults` tells what that means.
        """
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
