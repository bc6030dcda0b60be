"""What access control holds while the application runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from service.access.keys import Keys
from service.access.passwords import Passwords
from service.access.sessions import Policy, Sessions
from service.access.throttle import RateLimiter
from service.access.usage import Usage
from service.database.engine import Database
from service.settings import Settings

if TYPE_CHECKING:
    from service.access.oidc import SingleSignOn

__all__ = ["Access", "passwords_of"]


@dataclass(frozen=True, slots=True)
class Access:
    """Recognises keys and users."""

    keys: Keys
    sessions: Sessions
    passwords: Passwords
    limiter: RateLimiter
    usage: Usage
    sso: SingleSignOn | None = None

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
            sso=_sso(settings),
        )


def passwords_of(settings: Settings) -> Passwords:
    """The hashing that the settings ask for."""
    return Passwords(rounds=settings.password_rounds, memory_kib=settings.password_memory_kib)


def _sso(settings: Settings) -> SingleSignOn | None:
    if settings.oidc_issuer is None:
        return None
    from service.access.oidc import SingleSignOn  # joserfc is only needed here

    return SingleSignOn(settings)
