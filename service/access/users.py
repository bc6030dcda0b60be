"""What can be done with users. Each call happens within the caller's unit of work."""

from __future__ import annotations

import re
import secrets
from typing import Final

from sqlalchemy.orm import Session

from service.access.passwords import Passwords, check_password
from service.access.repository import AccessRepository
from service.access.roles import ROLES, Role
from service.access.tables import UserRow
from service.actor import Actor
from service.audit.log import record
from service.errors import ConflictError, Fault, InvalidError, NotFoundError

__all__ = ["UserService", "check_user_name", "one_time_password"]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_RESERVED: Final = frozenset({"local", "system", "terminal"})


class UserService:
    """Adds, changes and disables users."""

    def __init__(self, session: Session, passwords: Passwords, actor: Actor) -> None:
        self._session = session
        self._repository = AccessRepository(session)
        self._passwords = passwords
        self._actor = actor

    def add(
        self,
        name: str,
        role: Role,
        *,
        password: str | None = None,
        display_name: str | None = None,
        one_time: bool = False,
    ) -> UserRow:
        """A new user.

        Args:
            name: What they sign in with; small letters, digits and `._@+-`.
            role: What they may do.
            password: None lets them in by single sign-on only.
            display_name: What pages call them.
            one_time: Whether they must choose another password as soon as they sign in.

        Raises:
            InvalidError: The name, role or password cannot be used.
            ConflictError: There is such a user.
        """
        check_user_name(name)
        _check_role(role)
        if password is not None:
            check_password(password, name)
        if self._repository.user(name) is not None:
            raise ConflictError(f"There is a user {name!r} already.")
        row = UserRow(
            name=name,
            display_name=display_name,
            role=role,
            password_hash=None if password is None else self._passwords.hash(password),
            must_change_password=one_time,
        )
        self._repository.add_user(row)
        record(self._session, self._actor, "user.added", "user", row.id, name=name, role=role)
        return row

    def set_password(
        self, name: str, password: str, *, one_time: bool = False, keep_session: str | None = None
    ) -> None:
        """Another password; all sessions end but `keep_session`, and a lock is lifted.

        Raises:
            NotFoundError: There is no such user.
            InvalidError: The password cannot be used.
        """
        check_password(password, name)
        hashed = self._passwords.hash(password)
        row = self._found(name)
        row.password_hash = hashed
        row.must_change_password = one_time
        row.failed_logins, row.locked_until = 0, None
        self._repository.drop_sessions_of(row.id, but=keep_session)
        record(self._session, self._actor, "user.password_set", "user", row.id, one_time=one_time)

    def set_role(self, name: str, role: Role) -> None:
        """Another role, from the next request on.

        Raises:
            NotFoundError: There is no such user.
            InvalidError: There is no such role.
            ConflictError: Nobody would be admin any more.
        """
        _check_role(role)
        row = self._found(name)
        if role != "admin":
            self._keep_an_admin(row)
        before, row.role = row.role, role
        record(self._session, self._actor, "user.role_set", "user", row.id, before=before, after=role)

    def disable(self, name: str) -> None:
        """Let a user in no longer, from the next request on.

        Raises:
            NotFoundError: There is no such user.
            ConflictError: Nobody would be admin any more.
        """
        row = self._found(name)
        self._keep_an_admin(row)
        row.active = False
        self._repository.drop_sessions_of(row.id)
        record(self._session, self._actor, "user.disabled", "user", row.id)

    def enable(self, name: str) -> None:
        """Let a user in again.

        Raises:
            NotFoundError: There is no such user.
        """
        row = self._found(name)
        row.active, row.failed_logins, row.locked_until = True, 0, None
        record(self._session, self._actor, "user.enabled", "user", row.id)

    def _keep_an_admin(self, row: UserRow) -> None:
        if row.role == "admin" and row.active and self._repository.active_admins() == 1:
            raise ConflictError(f"{row.name!r} is the only admin; make another one first.")

    def _found(self, name: str) -> UserRow:
        row = self._repository.user(name, lock=True)
        if row is None:
            raise NotFoundError(f"There is no user {name!r}.")
        return row


def one_time_password() -> str:
    """A password to hand over: 100 random bits, in groups that can be read out."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def check_user_name(name: str) -> None:
    """Refuse a name that cannot be a user's.

    Raises:
        InvalidError: It cannot.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        rule = "must begin with a small letter or digit, go on with those or ._@+-, and be no reserved word"
        raise InvalidError([Fault("/name", f"{rule}, got {name!r}")])


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise InvalidError([Fault("/role", f"must be one of {', '.join(ROLES)}, got {role!r}")])
