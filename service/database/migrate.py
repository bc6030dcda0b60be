"""Brings a database to the schema of this version."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.database.engine import Database

__all__ = ["configuration", "is_current", "upgrade"]


def configuration() -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    return config


def upgrade(database: Database) -> None:
    """Apply what is missing; does nothing on an up-to-date database. Safe when several processes do it at once."""
    if is_current(database):
        return
    config = configuration()
    with database.engine.execution_options(feedback_nlp_write=True).begin() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7310485)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Whether the database has exactly the schema of this version."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(configuration()).get_current_head()
