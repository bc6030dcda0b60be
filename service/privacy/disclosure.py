"""All that is held about somebody, by the ids that the sender gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from service.actor import Actor
from service.audit.log import record
from service.database.base import Base
from service.feedback.tables import FeedbackRow
from service.privacy.originals import Originals
from service.privacy.repository import PrivacyRepository

__all__ = ["disclose"]


def disclose(
    session: Session,
    actor: Actor,
    external_ids: Sequence[str],
    *,
    source: str | None = None,
    originals: Originals | None = None,
) -> dict[str, Any]:
    """Everything in the store about the items with these external ids; that it was asked for is noted.

    Args:
        session: The unit of work.
        actor: Who asks.
        external_ids: How the sender calls the items.
        source: The sender; None for all of them.
        originals: What can read kept originals; None leaves them out.

    Returns:
        `items`: each with all its columns, analyses, themes, signals, corrections, notes, events and history;
        `job_errors`: rows of files that were not taken.
    """
    repository = PrivacyRepository(session)
    found = repository.find(list(dict.fromkeys(external_ids)), source)
    items = []
    for row in repository.items(list(found)):
        items.append(_item(repository, row, originals))
        record(session, actor, "feedback.disclosed", "feedback", row.id)
    return {"items": items, "job_errors": repository.job_errors(external_ids)}


def _item(repository: PrivacyRepository, row: FeedbackRow, originals: Originals | None) -> dict[str, Any]:
    kept = repository.original(row.id)
    return {
        **_columns(row),
        "original": originals.open(kept) if originals and kept else None,
        "analyses": [_columns(analysis) for analysis in row.analyses],
        "themes": [_columns(theme) for theme in row.themes],
        "signals": [_columns(signal) for signal in row.signals],
        "corrections": [_columns(correction) for correction in row.corrections],
        "improvements": repository.improvements(row.id),
        "notes": [_columns(note) for note in repository.notes(row.id)],
        "events": [_columns(event) for event in repository.events(row.id)],
        "history": [_columns(entry) for entry in repository.audit(row.id)],
    }


def _columns(row: Base) -> dict[str, Any]:
    return {
        attribute.key: getattr(row, attribute.key)
        for attribute in inspect(row).mapper.column_attrs
        if attribute.key != "feedback_id"
    }
