"""All SQL that reads the audit log."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from service.audit.tables import AuditRow

__all__ = ["AuditRepository"]


class AuditRepository:
    """The log within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(
        self, *, actor: str = "", action: str = "", after: int | None = None, limit: int = 50
    ) -> tuple[list[AuditRow], int | None]:
        """Entries, the newest first, and where the next page begins.

        Args:
            actor: Only what they did; empty for everybody.
            action: Only actions that begin like this.
            after: The id that the page before ended with.
            limit: How many.
        """
        statement = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
        if actor:
            statement = statement.where(AuditRow.actor == actor)
        if action:
            statement = statement.where(AuditRow.action.startswith(action, autoescape=True))
        if after is not None:
            statement = statement.where(AuditRow.id < after)
        rows = list(self._session.scalars(statement))
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None

    def is_noted(self, action: str, subject: str, subject_id: str) -> bool:
        """Whether something was ever done to a subject."""
        done = (AuditRow.action == action, AuditRow.subject == subject, AuditRow.subject_id == subject_id)
        return bool(self._session.scalar(select(exists().where(*done))))
