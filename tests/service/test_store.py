from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from service.audit.tables import AuditRow
from service.database.engine import Database
from service.database.metadata import metadata
from service.database.migrate import _known, configuration, is_current, upgrade
from service.feedback.tables import AnalysisRow


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    def ours(name: str | None, kind: str, parents: object) -> bool:
        return not (name or "").startswith("feedback_search")

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


def test_the_files_of_the_migrations_are_named_by_their_schema_in_their_order() -> None:
    scripts = list(ScriptDirectory.from_config(configuration()).walk_revisions())
    assert _known() == tuple(script.revision for script in reversed(scripts))


def test_migrating_again_changes_nothing(database: Database) -> None:
    assert is_current(database)
    upgrade(database)
    assert is_current(database)


def test_a_unit_of_work_that_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.add(AuditRow(actor="a", action="x.y", subject="s", subject_id="1", details={}))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as session:
        assert session.scalars(select(AuditRow)).all() == []


def test_foreign_keys_hold(database: Database) -> None:
    orphan = AnalysisRow(feedback_id=99, model_name="m", model_version="1", model_digest="d", result={})
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(orphan)


def test_moments_come_back_in_utc_and_naive_ones_are_refused(database: Database) -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    row = {"actor": "a", "action": "x.y", "subject": "s", "subject_id": "1", "details": {"n": None}}
    with database.write() as session:
        session.add(AuditRow(at=at, **row))
    with database.read() as session:
        found = session.scalars(select(AuditRow)).one()
        assert found.at == at
        assert found.at.tzinfo is UTC
        assert found.details == {"n": None}
    with pytest.raises(StatementError, match="needs a time zone"), database.write() as session:
        session.add(AuditRow(at=at.replace(tzinfo=None), **row))


def test_sqlite_runs_with_write_ahead_log_foreign_keys_and_zeroed_deletions(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as session:
        values = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "secure_delete")
        }
    database.close()
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 15_000, "secure_delete": 1}
