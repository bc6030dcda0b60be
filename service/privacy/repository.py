"""All SQL of erasure, disclosure and retention: it knows every place where something about an item is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.audit.tables import AuditRow
from service.backlog.tables import ImprovementItemRow
from service.counts.tally import Tally
from service.events.tables import EventRow
from service.feedback.tables import AnalysisRow, CorrectionRow, FeedbackRow, SignalRow, ThemeRow
from service.item.tables import NoteRow
from service.jobs.tables import JobErrorRow, JobPartRow
from service.models.tables import ActivationRow
from service.privacy.tables import ErasureRow, OriginalRow
from service.trackers.queue import touch_items

__all__ = ["EXPORTED", "PrivacyRepository"]

EXPORTED: Final = "corrections.exported"
"""Action in the audit log: which items left the store as training data."""

_Value = TypeVar("_Value")
_BATCH: Final = 500
_ON_ITEMS: Final[tuple[tuple[str, InstrumentedAttribute[int]], ...]] = (
    ("analyses", AnalysisRow.feedback_id),
    ("themes", ThemeRow.feedback_id),
    ("signals", SignalRow.feedback_id),
    ("corrections", CorrectionRow.feedback_id),
    ("notes", NoteRow.feedback_id),
    ("originals", OriginalRow.feedback_id),
    ("improvements", ImprovementItemRow.feedback_id),
)


class PrivacyRepository:
    """Everything about items, within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    def find(self, external_ids: Sequence[str], source: str | None) -> dict[int, str]:
        """Ids of items with these external ids, each with its own; None for any source."""
        found: dict[int, str] = {}
        for batch in _batches(external_ids):
            statement = select(FeedbackRow.id, FeedbackRow.external_id).where(
                FeedbackRow.external_id.in_(batch)
            )
            if source is not None:
                statement = statement.where(FeedbackRow.source == source)
            found |= {id_: external or "" for id_, external in self._session.execute(statement)}
        return found

    def received_before(self, moment: datetime, limit: int) -> list[int]:
        """Items that came in before a moment, the oldest first."""
        statement = (
            select(FeedbackRow.id)
            .where(FeedbackRow.received_at < moment)
            .order_by(FeedbackRow.id)
            .limit(limit)
        )
        return list(self._session.scalars(statement))

    def erase_items(self, ids: Sequence[int]) -> dict[str, int]:
        """Remove items with all that hangs on them, their words in the search index and their events; rows by place."""
        gone: dict[str, int] = {}
        tally = Tally(self._session)
        for batch in _batches(ids):
            tally.remove(batch)
            touch_items(self._session, batch)
            for place, column in _ON_ITEMS:
                statement = select(func.count()).where(column.in_(batch))
                gone[place] = gone.get(place, 0) + (self._session.scalar(statement) or 0)
            about = EventRow.data["feedback_id"].as_integer().in_(batch)
            events = self._session.scalars(delete(EventRow).where(about).returning(EventRow.id)).all()
            gone["events"] = gone.get("events", 0) + len(events)
            removed = delete(FeedbackRow).where(FeedbackRow.id.in_(batch)).returning(FeedbackRow.id)
            items = self._session.scalars(removed.execution_options(synchronize_session=False)).all()
            gone["feedback"] = gone.get("feedback", 0) + len(items)
        if gone.get("feedback") and self._sqlite:
            self._session.execute(text("INSERT INTO feedback_search(feedback_search) VALUES ('optimize')"))
        self._session.info["checkpoint"] = True
        self._session.expire_all()
        return gone

    def forget_in_job_errors(self, external_ids: Sequence[str]) -> int:
        """Leave out the sender's id in the notes on rows that were not taken; how many notes."""
        count = 0
        for batch in _batches(external_ids):
            statement = (
                update(JobErrorRow)
                .where(JobErrorRow.external_id.in_(batch))
                .values(external_id=None)
                .returning(JobErrorRow.row)
                .execution_options(synchronize_session=False)
            )
            count += len(self._session.scalars(statement).all())
        return count

    def jobs_with_files(self) -> list[int]:
        """Jobs whose uploaded file is still there."""
        return list(self._session.scalars(select(JobPartRow.job_id).distinct().order_by(JobPartRow.job_id)))

    def first_export(self, ids: Sequence[int]) -> datetime | None:
        """When one of these items left the store as training data for the first time; None when none did."""
        wanted = set(ids)
        statement = select(AuditRow).where(AuditRow.action == EXPORTED).order_by(AuditRow.id)
        for row in self._session.scalars(statement):
            if wanted & set(row.details.get("ids", ())):
                return row.at
        return None

    def models_since(self, moment: datetime) -> list[str]:
        """Model versions that went live after a moment, in that order."""
        statement = (
            select(ActivationRow.model)
            .where(ActivationRow.activated_at > moment)
            .order_by(ActivationRow.activated_at)
        )
        return list(dict.fromkeys(self._session.scalars(statement)))

    def add_erasure(self, row: ErasureRow) -> ErasureRow:
        """Keep what was erased."""
        self._session.add(row)
        self._session.flush()
        return row

    def erasures(self) -> Iterator[ErasureRow]:
        """All erasures, the newest first."""
        return iter(self._session.scalars(select(ErasureRow).order_by(ErasureRow.id.desc())).all())

    def items(self, ids: Sequence[int]) -> list[FeedbackRow]:
        """These items."""
        rows: list[FeedbackRow] = []
        for batch in _batches(sorted(ids)):
            statement = select(FeedbackRow).where(FeedbackRow.id.in_(batch)).order_by(FeedbackRow.id)
            rows += self._session.scalars(statement)
        return rows

    def notes(self, id_: int) -> list[NoteRow]:
        """What people wrote about an item."""
        return list(
            self._session.scalars(select(NoteRow).where(NoteRow.feedback_id == id_).order_by(NoteRow.id))
        )

    def improvements(self, id_: int) -> list[dict[str, Any]]:
        """The improvements that an item asks for, and whether its customer was told."""
        statement = select(ImprovementItemRow).where(ImprovementItemRow.feedback_id == id_)
        return [
            {
                "improvement": row.improvement_id,
                "added_at": row.added_at,
                "added_by": row.added_by,
                "told_at": row.told_at,
            }
            for row in self._session.scalars(statement.order_by(ImprovementItemRow.improvement_id))
        ]

    def events(self, id_: int) -> list[EventRow]:
        """What was told to other systems about an item."""
        about = EventRow.data["feedback_id"].as_integer() == id_
        return list(self._session.scalars(select(EventRow).where(about).order_by(EventRow.at)))

    def audit(self, id_: int) -> list[AuditRow]:
        """What people and systems did to an item."""
        statement = select(AuditRow).where(AuditRow.subject == "feedback", AuditRow.subject_id == str(id_))
        return list(self._session.scalars(statement.order_by(AuditRow.id)))

    def original(self, id_: int) -> OriginalRow | None:
        """An item's original."""
        return self._session.get(OriginalRow, id_)

    def job_errors(self, external_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Rows of files that were not taken and carried these ids."""
        statement = select(JobErrorRow).where(JobErrorRow.external_id.in_(list(external_ids)))
        return [
            {"job": row.job_id, "row": row.row, "external_id": row.external_id, "error": row.error}
            for row in self._session.scalars(statement.order_by(JobErrorRow.job_id, JobErrorRow.row))
        ]


def _batches(values: Sequence[_Value]) -> Iterator[list[_Value]]:
    for start in range(0, len(values), _BATCH):
        yield list(values[start : start + _BATCH])
