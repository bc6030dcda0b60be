"""Adds to the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from service.actor import Actor
from service.audit.tables import AuditRow

__all__ = ["record"]


def record(
    session: Session, actor: Actor, action: str, subject: str, subject_id: object, **details: Any
) -> None:
    """Note that `actor` did `action` to a subject, within the caller's unit of work.

    Args:
        session: The unit of work.
        actor: Who.
        action: What, as `noun.participle`: `feedback.erased`.
        subject: Kind of thing it was done to.
        subject_id: Which one.
        details: Facts worth keeping; never a customer's text.
    """
    session.add(
        AuditRow(
            actor=actor.name, action=action, subject=subject, subject_id=str(subject_id), details=details
        )
    )
