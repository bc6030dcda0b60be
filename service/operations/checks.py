"""What `feedback-nlp doctor` says of the service's set-up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from feedback_nlp.commands.doctor import Finding
from service.database.base import now
from service.database.engine import Database
from service.database.migrate import is_current
from service.database.soundness import check_sqlite
from service.errors import DamagedStoreError
from service.events.repository import EventsRepository
from service.jobs.repository import JobsRepository
from service.models.registry import live_model
from service.privacy.repository import PrivacyRepository
from service.sealing import is_sealed
from service.settings import Settings
from service.trackers.repository import TrackersRepository

__all__ = ["examine"]

_OLDEST_SQLITE: Final = (3, 35, 0)


def examine() -> Iterator[Finding]:
    """All findings about settings, store, schema and queues; nothing is changed."""
    try:
        settings = Settings()
    except ValidationError as exc:
        for error in exc.errors():
            name = f"FEEDBACK_NLP_{str(error['loc'][0]).upper()}"
            yield Finding("settings", "broken", f"{name}: {error['msg']}", f"correct or unset {name}")
        return
    database = Database(settings.database_url)
    try:
        yield from _store(database, settings)
    finally:
        database.close()


def _store(database: Database, settings: Settings) -> Iterator[Finding]:
    shown = database.url.render_as_string(hide_password=True)
    if database.is_sqlite:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            yield Finding(
                "store", "broken", f"SQLite {sqlite3.sqlite_version} is too old", "use 3.35 or newer"
            )
            return
        if database.url.database and not Path(database.url.database).exists():
            yield Finding(
                "store", "note", f"{shown} does not exist yet", "it is made by `feedback-nlp serve`"
            )
            return
        try:
            check_sqlite(Path(database.url.database or ""), whole=True)
        except DamagedStoreError as exc:
            yield Finding("store", "broken", exc.wrong, exc.remedy)
            return
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
        yield Finding("store", "ok", f"{shown} can be read")
        if not is_current(database):
            yield Finding(
                "schema",
                "note",
                "older than this version",
                "it is brought up to date by `feedback-nlp serve`",
            )
            return
        yield Finding("schema", "ok", "that of this version")
        yield from _queues(database)
        yield from _erased(database, live_model(settings))
        yield from _plain(database, has_key=bool(settings.secrets_keys))
    except SQLAlchemyError as exc:
        reason = str(exc.__cause__ or exc).splitlines()[0]
        remedy = "check FEEDBACK_NLP_DATABASE_URL, and that the database runs and lets us in"
        yield Finding("store", "broken", f"{shown} cannot be used: {reason}", remedy)


def _erased(database: Database, live: str | None) -> Iterator[Finding]:
    with database.read() as session:
        held = sum(live in row.report["models"] for row in PrivacyRepository(session).erasures())
    if held:
        remedy = "train without them and promote, as docs/erasure.md says"
        says = f"the live model learned, or may have, from items of {held} of them"
        yield Finding("erasures", "note", says, remedy)


def _queues(database: Database) -> Iterator[Finding]:
    with database.read() as session:
        dead = EventsRepository(session).depth()["dead"]
        stuck = JobsRepository(session).abandoned(now())
    if dead:
        remedy = "see GET /v1/deliveries?status=dead; send again with POST /v1/deliveries/ID/replay"
        yield Finding("events", "note", f"{dead} could not be delivered", remedy)
    if stuck:
        yield Finding(
            "jobs",
            "note",
            f"{stuck} were left half-way by a process that stopped",
            "a running service continues them; start one: feedback-nlp serve",
        )


def _plain(database: Database, *, has_key: bool) -> Iterator[Finding]:
    with database.read() as session:
        tokens = [row.token for row in TrackersRepository(session).trackers()]
        hooks = [(row.secret, row.old_secret or "") for row in EventsRepository(session).subscriptions()]
    start = "start the service anew, which encrypts them"
    remedy = start if has_key else f"set FEEDBACK_NLP_SECRETS_KEYS, as docs/improve.md says, and {start}"
    plain_tokens = sum(not is_sealed(token) for token in tokens)
    plain_hooks = sum(any(one and not is_sealed(one) for one in pair) for pair in hooks)
    if plain_tokens:
        says = f"{plain_tokens} of {len(tokens)} lie in plain in the store"
        yield Finding("tracker tokens", "note", says, remedy)
    if plain_hooks:
        says = f"those of {plain_hooks} of {len(hooks)} subscriptions lie in plain in the store"
        yield Finding("webhook secrets", "note", says, remedy)
