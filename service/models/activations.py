"""The models that this service put to work, in the store and as events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from feedback_nlp.records import ModelInfo
from feedback_nlp.registry import Activation
from service.database.base import now
from service.events.outbox import Outbox
from service.models.tables import ActivationRow

__all__ = ["ActivationsRepository", "note_activation"]


def note_activation(session: Session, activation: Activation, info: ModelInfo) -> bool:
    """Keep that a model went live and announce it, once however many processes see it; whether it was news."""
    build = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    statement = (
        build(ActivationRow)
        .values(
            model=activation.model,
            digest=info.digest,
            activated_at=datetime.fromisoformat(activation.at),
            by=activation.by,
            why=activation.why,
            action=activation.action,
            seen_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(ActivationRow.id)
    )
    if session.scalar(statement) is None:
        return False
    data = {
        "model": activation.model,
        "digest": info.digest,
        "action": activation.action,
        "at": activation.at,
    }
    Outbox(session).add("model.promoted", [data])
    return True


class ActivationsRepository:
    """Which model was live from when, within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def newest(self, limit: int) -> list[ActivationRow]:
        """The last activations, the newest first."""
        statement = select(ActivationRow).order_by(ActivationRow.activated_at.desc()).limit(limit)
        return list(self._session.scalars(statement))

    def after(self, moment: datetime, limit: int) -> list[ActivationRow]:
        """The first activations after a moment, the oldest first."""
        statement = (
            select(ActivationRow)
            .where(ActivationRow.activated_at > moment)
            .order_by(ActivationRow.activated_at)
            .limit(limit)
        )
        return list(self._session.scalars(statement))
