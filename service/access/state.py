"""What access control holds while the application runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from service.access.keys import Keys
from service.access.passwords import Passwords
from service.access.sessions import Policy, Sessions
from service.access.throttle import RateLimiter
from service.access.usage import Usage
from service.database.engine import Database
from service.settings import Settings

__all__ = ["Access", "passwords_of"]


@dataclass(frozen=True, slots=True)
class Access:
    """Recognises keys and users."""

    keys: Keys
    sessions: Sessions
    passwords: Passwords
    limiter: RateLimiter
    usage: Usage

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Access:
        """For a store, as the settings have it."""
        usage = Usage(database)
        passwords = passwords_of(settings)
        policy = Policy(
            lifetime=timedelta(hours=settings.session_hours),
            idle=timedelta(minutes=settings.session_idle_minutes),
            tries=settings.login_tries,
            locked=timedelta(minutes=settings.login_lock_minutes),
            tries_by_address=settings.login_tries * 10,
        )
        return cls(
            keys=Keys(database, usage),
            sessions=Sessions(database, passwords, usage, policy),
            passwords=passwords,
            limiter=RateLimiter(),
            usage=usage,
        )


def passwords_of(settings: Settings) -> Passwords:
    """The hashing that the settings ask for."""
    return Passwords(rounds=settings.password_rounds, memory_kib=settings.password_memory_kib)
