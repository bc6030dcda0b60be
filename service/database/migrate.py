"""Brings a database to the schema of this version."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from service.database.engine import Database
from service.database.faults import is_damaged
from service.database.soundness import damaged
from service.errors import DamagedStoreError

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["configuration", "is_current", "upgrade"]

_MIGRATIONS: Final = Path(__file__).parent.parent / "migrations"


def configuration() -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    from alembic.config import Config  # only needed when there is something to migrate

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def upgrade(database: Database) -> None:
    """Apply what is missing; does nothing on an up-to-date database. Safe when several processes do it at once.

    Raises:
        DamagedStoreError: The store is damaged, or of a later version than this one; it is left as it is.
    """
    try:
        if not is_current(database):
            _upgrade(database)
    except DBAPIError as exc:
        if not is_damaged(exc):
            raise
        raise damaged(database.url.render_as_string(hide_password=True), str(exc.orig)) from exc


def is_current(database: Database) -> bool:
    """Whether the database has exactly the schema of this version."""
    with database.engine.connect() as connection:
        return _revision(connection) == _known()[-1]


def _upgrade(database: Database) -> None:
    from alembic import command

    config = configuration()
    with database.engine.execution_options(feedback_nlp_write=True).begin() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7310485)")
        revision = _revision(connection)
        if revision is not None and revision not in _known():
            raise DamagedStoreError(
                f"The store was used by a later version than this one: it has the schema {revision!r}.",
                "Install that version again, or put a backup of before in its place: "
                "feedback-nlp restore BACKUP --force",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """The schema that a database has; None when it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


@cache
def _known() -> tuple[str, ...]:
    """All schemas in their order, by the names of the files, each of which begins with its own.

    Alembic would say the same, but takes a third of a second to be loaded.
    """
    return tuple(
        sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    )
