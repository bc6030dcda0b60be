"""Erasure: an item and everything that was made of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.actor import Actor
from service.audit.log import record
from service.errors import NotFoundError
from service.feedback.repository import FeedbackRepository

__all__ = ["erase"]


def erase(session: Session, actor: Actor, id_: int) -> None:
    """Remove an item with its text, analyses, corrections and index entries; the log keeps only that it happened.

    Raises:
        NotFoundError: There is no such item.
    """
    if not FeedbackRepository(session).erase(id_):
        raise NotFoundError(f"There is no feedback {id_}.")
    record(session, actor, "feedback.erased", "feedback", id_)
