"""All SQL about users, sessions and keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from service.access.tables import ApiKeyRow, SessionRow, UserRow

__all__ = ["AccessRepository"]


class AccessRepository:
    """Users, sessions and keys within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_user(self, row: UserRow) -> UserRow:
        """Keep a new user."""
        self._session.add(row)
        self._session.flush()
        return row

    def user(self, name: str, *, lock: bool = False) -> UserRow | None:
        """The user with a name."""
        statement = select(UserRow).where(UserRow.name == name)
        return self._session.scalars(statement.with_for_update() if lock else statement).first()

    def user_by_id(self, id_: int, *, lock: bool = False) -> UserRow | None:
        """One user."""
        return self._session.get(UserRow, id_, with_for_update=True if lock else None)

    def users(self) -> list[UserRow]:
        """All users by name."""
        return list(self._session.scalars(select(UserRow).order_by(UserRow.name)))

    def active_admins(self) -> int:
        """How many admins can sign in."""
        statement = (
            select(func.count()).select_from(UserRow).where(UserRow.role == "admin", UserRow.active.is_(True))
        )
        return self._session.scalar(statement) or 0

    def add_session(self, row: SessionRow) -> None:
        """Keep a new session."""
        self._session.add(row)
        self._session.flush()

    def session_with_user(self, id_: str) -> tuple[SessionRow, UserRow] | None:
        """A session and whose it is."""
        statement = (
            select(SessionRow, UserRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(SessionRow.id == id_)
        )
        found = self._session.execute(statement).first()
        return None if found is None else (found[0], found[1])

    def drop_session(self, id_: str) -> None:
        """End a session."""
        self._session.execute(delete(SessionRow).where(SessionRow.id == id_))

    def drop_sessions_of(self, user_id: int, *, but: str | None = None) -> None:
        """End a user's sessions, all or all but one."""
        statement = delete(SessionRow).where(SessionRow.user_id == user_id)
        if but is not None:
            statement = statement.where(SessionRow.id != but)
        self._session.execute(statement)

    def drop_expired_sessions(self, moment: datetime, idle_since: datetime) -> int:
        """Forget sessions that let nobody in any more; how many there were."""
        statement = (
            delete(SessionRow)
            .where(or_(SessionRow.expires_at <= moment, SessionRow.last_seen_at <= idle_since))
            .returning(SessionRow.id)
        )
        return len(self._session.scalars(statement).all())

    def add_key(self, row: ApiKeyRow) -> ApiKeyRow:
        """Keep a new key."""
        self._session.add(row)
        self._session.flush()
        return row

    def key(self, prefix: str, *, lock: bool = False) -> ApiKeyRow | None:
        """The key with a prefix."""
        statement = select(ApiKeyRow).where(ApiKeyRow.prefix == prefix)
        return self._session.scalars(statement.with_for_update() if lock else statement).first()

    def all_keys(self) -> list[ApiKeyRow]:
        """All keys, the oldest first."""
        return list(self._session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.id)))

    def usable_keys_named(self, name: str, moment: datetime) -> list[ApiKeyRow]:
        """Keys with a name that still let in."""
        statement = select(ApiKeyRow).where(
            ApiKeyRow.name == name,
            ApiKeyRow.revoked_at.is_(None),
            or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > moment),
        )
        return list(self._session.scalars(statement))

    def note_use(self, keys: Mapping[str, datetime], sessions: Mapping[str, datetime]) -> None:
        """Keep when keys, by prefix, and sessions were used last."""
        for prefix, moment in keys.items():
            self._session.execute(
                update(ApiKeyRow).where(ApiKeyRow.prefix == prefix).values(last_used_at=moment)
            )
        for id_, moment in sessions.items():
            self._session.execute(update(SessionRow).where(SessionRow.id == id_).values(last_seen_at=moment))
