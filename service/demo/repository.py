"""All SQL of the demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.orm import Session

from service.counts.tally import Tally
from service.demo.year import SOURCE
from service.feedback.tables import FeedbackRow

__all__ = ["DemoRepository"]


class DemoRepository:
    """Demonstration feedback within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_there(self) -> bool:
        """Whether there is any."""
        return bool(self._session.scalar(select(exists().where(FeedbackRow.source == SOURCE))))

    def came_in_when_written(self, moments: Mapping[int, datetime]) -> None:
        """Make items look as if they had come in when they were written."""
        self._session.execute(
            update(FeedbackRow), [{"id": id_, "received_at": moment} for id_, moment in moments.items()]
        )

    def remove(self) -> int:
        """Take out all of it, with analyses, corrections and notes; how many items there were."""
        ids = list(self._session.scalars(select(FeedbackRow.id).where(FeedbackRow.source == SOURCE)))
        count = len(ids)
        Tally(self._session).remove(ids)
        self._session.execute(delete(FeedbackRow).where(FeedbackRow.source == SOURCE))
        if count and self._session.get_bind().dialect.name == "sqlite":
            self._session.execute(text("INSERT INTO feedback_search(feedback_search) VALUES ('optimize')"))
            self._session.info["checkpoint"] = True
        return count
