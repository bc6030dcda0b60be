"""All SQL of the item page: notes, similar items, and what the log says of an item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal_column, select, table
from sqlalchemy import column as sql_column
from sqlalchemy.orm import Session, selectinload

from service.audit.tables import AuditRow
from service.feedback.tables import AnalysisRow, FeedbackRow
from service.item.tables import NoteRow

__all__ = ["ItemRepository"]

_WORD: Final = re.compile(r"\w{4,}")
_WORDS: Final = 8


class ItemRepository:
    """What surrounds an item, within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    def notes(self, id_: int) -> list[NoteRow]:
        """The notes on an item, the oldest first."""
        return list(
            self._session.scalars(select(NoteRow).where(NoteRow.feedback_id == id_).order_by(NoteRow.id))
        )

    def add_note(self, row: NoteRow) -> None:
        """Keep a note."""
        self._session.add(row)

    def log(self, id_: int) -> list[AuditRow]:
        """Who changed what of an item, the oldest first."""
        statement = select(AuditRow).where(AuditRow.subject == "feedback", AuditRow.subject_id == str(id_))
        return list(self._session.scalars(statement.order_by(AuditRow.id)))

    def analyses(self, id_: int) -> list[AnalysisRow]:
        """What models said of an item, the oldest first."""
        statement = select(AnalysisRow).where(AnalysisRow.feedback_id == id_).order_by(AnalysisRow.id)
        return list(self._session.scalars(statement))

    def similar(self, id_: int, words: Sequence[str], *, limit: int) -> list[FeedbackRow]:
        """Earlier items that share the most of these words, the likest first.

        Args:
            id_: The item itself; only items that came in before it are looked at.
            words: What to look for, the most telling first.
            limit: How many.
        """
        wanted = list(dict.fromkeys(word.lower() for one in words for word in _WORD.findall(one)))
        wanted = sorted(wanted, key=len, reverse=True)[:_WORDS]
        if not wanted:
            return []
        if self._sqlite:
            index = table("feedback_search", sql_column("rowid"), sql_column("rank"))
            expression = " OR ".join(f'"{word}"' for word in wanted)
            found = (
                select(index.c.rowid)
                .where(literal_column("feedback_search").op("MATCH")(expression), index.c.rowid < id_)
                .order_by(index.c.rank)
                .limit(limit)
            )
        else:
            asked = func.websearch_to_tsquery(literal_column("'dutch'"), " or ".join(wanted))
            vector: ColumnElement[Any] = literal_column("feedback.feedback_search")
            found = (
                select(FeedbackRow.id)
                .where(vector.op("@@", is_comparison=True)(asked), FeedbackRow.id < id_)
                .order_by(func.ts_rank(vector, asked).desc(), FeedbackRow.id.desc())
                .limit(limit)
            )
        ids = list(self._session.scalars(found))
        rows = self._session.scalars(
            select(FeedbackRow).where(FeedbackRow.id.in_(ids)).options(selectinload(FeedbackRow.themes))
        )
        by_id = {row.id: row for row in rows}
        return [by_id[one] for one in ids if one in by_id]
