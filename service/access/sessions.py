"""Signing in and out: sessions that live in the store and in a cookie that scripts cannot read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from service.access.passwords import Passwords
from service.access.principal import Principal
from service.access.repository import AccessRepository
from service.access.roles import Role
from service.access.tables import SessionRow, UserRow
from service.access.throttle import Throttle
from service.access.tokens import csrf_token, digest, new_token
from service.access.usage import Usage
from service.actor import Actor
from service.audit.log import record
from service.database.base import now
from service.database.engine import Database

__all__ = ["Policy", "Sessions"]

_TOLERANCE: Final = timedelta(minutes=10)
"""So much the clocks of two hosts may differ."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How long sessions live and how many guesses there are.

    Attributes:
        lifetime: A session ends after this, however busy.
        idle: It ends when nothing was asked for so long.
        tries: Wrong passwords for one user before it is locked.
        locked: How long a user stays locked.
        tries_by_address: Wrong passwords from one address within `locked` before it must wait.
    """

    lifetime: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=2)
    tries: int = 5
    locked: timedelta = timedelta(minutes=15)
    tries_by_address: int = 50


class Sessions:
    """Lets users in by password and recognises them afterwards. Safe to use from many threads."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        usage: Usage,
        policy: Policy = Policy(),
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._usage = usage
        self._policy = policy
        self._clock = clock
        self._addresses = Throttle(policy.tries_by_address, policy.locked.total_seconds())

    def sign_in(self, name: str, password: str, address: str, *, old_token: str | None = None) -> str | None:
        """A new session's token, or None: unknown, wrong, disabled, locked or too many tries all look the same.

        A try is counted before the password is checked, so that many at once do not get more of them.

        Args:
            name: Who they say they are.
            password: Their password.
            address: Where they ask from.
            old_token: The session the browser had; it ends, so that nobody else can have planted it.
        """
        if not self._addresses.allows(address):
            return None
        kept = self._take_a_try(name)
        fits = self._passwords.verify(kept.password_hash if kept else None, password)
        if not fits or kept is None:
            self._addresses.count(address)
            return None
        return self._begin(kept.id, password, old_token)

    def _take_a_try(self, name: str) -> UserRow | None:
        moment = self._clock()
        with self._database.write() as session:
            row = AccessRepository(session).user(name, lock=True)
            if row is None or not row.active or row.password_hash is None:
                return None
            if row.locked_until is not None:
                # A lock that is longer than any was set before the clock was put back: it begins anew.
                row.locked_until = min(row.locked_until, moment + self._policy.locked)
                if row.locked_until > moment:
                    return None
                row.failed_logins, row.locked_until = 0, None
            row.failed_logins += 1
            if row.failed_logins >= self._policy.tries:
                row.locked_until = moment + self._policy.locked
                record(session, Actor("system"), "user.locked", "user", row.id, tries=row.failed_logins)
            session.flush()
            session.expunge(row)
            return row

    def _begin(self, user_id: int, password: str | None, old_token: str | None) -> str | None:
        token, moment = new_token(), self._clock()
        with self._database.write() as session:
            repository = AccessRepository(session)
            row = repository.user_by_id(user_id, lock=True)
            if row is None or not row.active:
                return None
            row.failed_logins, row.locked_until, row.last_login_at = 0, None, moment
            if password is not None and row.password_hash and self._passwords.is_outdated(row.password_hash):
                row.password_hash = self._passwords.hash(password)
            if old_token:
                repository.drop_session(digest(old_token))
            repository.drop_expired_sessions(moment, moment - self._policy.idle)
            repository.add_session(
                SessionRow(
                    id=digest(token),
                    user_id=user_id,
                    created_at=moment,
                    last_seen_at=moment,
                    expires_at=moment + self._policy.lifetime,
                )
            )
            record(session, Actor(row.name, "user"), "user.signed_in", "user", user_id)
        return token

    def begin_for(self, user_id: int, *, old_token: str | None = None) -> str | None:
        """A session for somebody whom single sign-on knows; None when the user is not let in."""
        return self._begin(user_id, None, old_token)

    def recognise(self, token: str) -> Principal | None:
        """Who a session's token belongs to; None when it lets nobody in (any more)."""
        id_, moment = digest(token), self._clock()
        with self._database.read() as session:
            found = AccessRepository(session).session_with_user(id_)
            if found is None:
                return None
            row, user = found
            idle_since = row.last_seen_at + self._policy.idle
            # One that begins later than now was begun before the clock was put back: nobody knows how old it is.
            begun_later = row.created_at > moment + _TOLERANCE
            if not user.active or begun_later or row.expires_at <= moment or idle_since <= moment:
                return None
            self._usage.note_session(id_, moment)
            return Principal(
                Actor(user.name, "user"),
                role=cast(Role, user.role),
                user_id=user.id,
                display_name=user.display_name or user.name,
                csrf_token=csrf_token(token),
                must_change_password=user.must_change_password,
            )

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._database.write() as session:
            AccessRepository(session).drop_session(digest(token))
