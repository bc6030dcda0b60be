"""Erasure of one item and everything that was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from service.actor import Actor
from service.errors import NotFoundError
from service.feedback.repository import FeedbackRepository
from service.privacy.erasure import erase_by_id

__all__ = ["erase"]


def erase(
    session: Session,
    actor: Actor,
    id_: int,
    *,
    training_sets: Sequence[Path] = (),
    models: Path | None = None,
) -> None:
    """Remove an item from every place that `service.privacy` knows; the log keeps only that it happened.

    Raises:
        NotFoundError: There is no such item.
    """
    row = FeedbackRepository(session).get(id_, lock=True)
    if row is None:
        raise NotFoundError(f"There is no feedback {id_}.")
    erase_by_id(session, actor, id_, external_id=row.external_id, training_sets=training_sets, models=models)
