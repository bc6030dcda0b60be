"""API keys for systems: `fnlp_PREFIX_SECRET`, shown once and kept as a hash."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from sqlalchemy.orm import Session

from service.access.principal import Principal
from service.access.repository import AccessRepository
from service.access.roles import SCOPES, Scope
from service.access.tables import ApiKeyRow
from service.access.tokens import digest, new_token, same
from service.access.usage import Usage
from service.actor import Actor
from service.audit.log import record
from service.database.base import now
from service.database.engine import Database
from service.errors import ConflictError, Fault, InvalidError, NotFoundError

__all__ = ["KeyService", "Keys", "KnownKey", "NewKey"]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_KEY: Final = re.compile(r"fnlp_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_NO_DIGEST: Final = digest("")
_FRESH_SECONDS: Final = 2.0
_MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `secret` is all of it, and cannot be shown again."""

    prefix: str
    secret: str
    expires_at: datetime | None


class KeyService:
    """Makes, replaces and ends keys, within the caller's unit of work."""

    def __init__(self, session: Session, actor: Actor, *, clock: Callable[[], datetime] = now) -> None:
        self._session = session
        self._repository = AccessRepository(session)
        self._actor = actor
        self._clock = clock

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        *,
        valid_for: timedelta | None = None,
        rate_limit: int | None = None,
    ) -> NewKey:
        """A new key.

        Args:
            name: The system it is for; what logs and the store call it, as `key:NAME`.
            scopes: What it may be used for, at least one.
            valid_for: After this it lets nobody in; None for no end.
            rate_limit: Requests a minute; None takes the setting.

        Raises:
            InvalidError: Name, scopes, time or limit cannot be used.
            ConflictError: There is a usable key of this name; it can be rotated.
        """
        faults = []
        if not _NAME.fullmatch(name):
            faults.append(Fault("/name", f"must be small letters, digits and ._-, got {name!r}"))
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            got = ", ".join(map(repr, unknown)) or "none"
            faults.append(Fault("/scopes", f"must be some of {', '.join(SCOPES)}, got {got}"))
        if valid_for is not None and valid_for <= timedelta(0):
            faults.append(Fault("/valid_for", f"must be more than no time, got {valid_for}"))
        if rate_limit is not None and rate_limit < 1:
            faults.append(Fault("/rate_limit", f"must be at least 1 request a minute, got {rate_limit}"))
        if faults:
            raise InvalidError(faults)
        moment = self._clock()
        if self._repository.usable_keys_named(name, moment):
            raise ConflictError(f"There is a key for {name!r} already; rotate it, or choose another name.")
        expires_at = None if valid_for is None else moment + valid_for
        return self._add(name, list(dict.fromkeys(scopes)), expires_at, rate_limit, "key.created")

    def rotate(self, prefix: str, *, grace: timedelta) -> NewKey:
        """Another secret for the same system; the old one works for `grace` longer.

        Raises:
            NotFoundError: There is no such key.
            ConflictError: It lets nobody in any more.
        """
        row = self._usable(prefix)
        moment = self._clock()
        lifetime = None if row.expires_at is None else row.expires_at - row.created_at
        end = moment + grace
        row.expires_at = end if row.expires_at is None else min(row.expires_at, end)
        expires_at = None if lifetime is None else moment + lifetime
        return self._add(row.name, row.scopes, expires_at, row.rate_limit, "key.rotated")

    def revoke(self, prefix: str) -> None:
        """Let a key in no longer, within seconds.

        Raises:
            NotFoundError: There is no such key.
        """
        row = self._found(prefix)
        if row.revoked_at is None:
            row.revoked_at = self._clock()
            record(self._session, self._actor, "key.revoked", "key", row.id, prefix=prefix)

    def _add(
        self,
        name: str,
        scopes: list[str],
        expires_at: datetime | None,
        rate_limit: int | None,
        action: str,
    ) -> NewKey:
        prefix = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(8))
        secret = f"fnlp_{prefix}_{new_token()}"
        row = ApiKeyRow(
            name=name,
            prefix=prefix,
            secret_hash=digest(secret),
            scopes=list(scopes),
            created_at=self._clock(),
            expires_at=expires_at,
            rate_limit=rate_limit,
        )
        self._repository.add_key(row)
        record(
            self._session, self._actor, action, "key", row.id, prefix=prefix, name=name, scopes=list(scopes)
        )
        return NewKey(prefix, secret, expires_at)

    def _usable(self, prefix: str) -> ApiKeyRow:
        row = self._found(prefix)
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= self._clock()):
            raise ConflictError(f"The key {prefix} lets nobody in any more; make a new one.")
        return row

    def _found(self, prefix: str) -> ApiKeyRow:
        row = self._repository.key(prefix, lock=True)
        if row is None:
            raise NotFoundError(f"There is no key {prefix!r}.")
        return row


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as it was read from the store.

    Attributes:
        prefix: Which one.
        principal: Who has it.
        secret_hash: What its secret is compared with.
        ends_at: From then on it lets nobody in; a revoked one never does, whatever the clock says.
        rate_limit: Requests a minute; None takes the setting.
    """

    prefix: str
    principal: Principal
    secret_hash: str
    ends_at: datetime | None
    rate_limit: int | None


class Keys:
    """Recognises keys. What was read is believed for two seconds; so long does a revoked key still work at most."""

    def __init__(
        self,
        database: Database,
        usage: Usage,
        *,
        clock: Callable[[], datetime] = now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._usage = usage
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._known: dict[str, tuple[KnownKey, float]] = {}

    def remembered(self, secret: str) -> KnownKey | None:
        """The key if it was read a moment ago; asks no database."""
        match = _KEY.fullmatch(secret)
        found = self._known.get(match[1]) if match else None
        if found is None or found[1] + _FRESH_SECONDS < self._ticks():
            return None
        return self._checked(found[0], secret)

    def recognise(self, secret: str) -> KnownKey | None:
        """The key with this secret, if it lets anybody in; asks the database."""
        match = _KEY.fullmatch(secret)
        known = self._read(match[1]) if match else None
        return self._checked(known, secret)

    def _checked(self, known: KnownKey | None, secret: str) -> KnownKey | None:
        fits = same(known.secret_hash if known else _NO_DIGEST, digest(secret))
        if not fits or known is None:
            return None
        moment = self._clock()
        if known.ends_at is not None and known.ends_at <= moment:
            return None
        self._usage.note_key(known.prefix, moment)
        return known

    def _read(self, prefix: str) -> KnownKey | None:
        tick = self._ticks()
        with self._database.read() as session:
            row = AccessRepository(session).key(prefix)
            if row is None:
                return None
            known = KnownKey(
                row.prefix,
                Principal(Actor(f"key:{row.name}", "key"), scopes=frozenset(cast("list[Scope]", row.scopes))),
                row.secret_hash,
                row.expires_at if row.revoked_at is None else datetime.min.replace(tzinfo=UTC),
                row.rate_limit,
            )
        with self._lock:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[prefix] = (known, tick)
        return known
