"""All SQL about feedback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVarTuple

from sqlalchemy import ColumnElement, Select, String, cast, delete, func, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from feedback_nlp.records import Analysis
from service.access.tables import UserRow
from service.feedback.records import FeedbackFilter, NewFeedback, Page, Polarity
from service.feedback.search import matches
from service.feedback.tables import (
    AnalysisRow,
    CorrectionRow,
    FeedbackRow,
    IdempotencyRow,
    SignalRow,
    ThemeRow,
)
from service.feedback.urgency import urgency

__all__ = ["MOMENT_KEYS", "NEUTRAL", "ORGANISATION_KEYS", "FeedbackRepository", "Prepared"]

Columns = TypeVarTuple("Columns")

ORGANISATION_KEYS: Final = ("organisation", "organisatie", "branch", "filiaal")
MOMENT_KEYS: Final = ("moment", "moment_of_truth")
"""Facts of an item that name its organisation or branch, and its moment of truth; the first that is there counts."""

NEUTRAL: Final = 1 / 3
"""Polarities closer to 0 than this count as neutral."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item that was redacted and analysed; its text is the analysis's."""

    item: NewFeedback
    analysis: Analysis


class FeedbackRepository:
    """Feedback within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    def insert(
        self, prepared: Sequence[Prepared], moment: datetime, job_id: int | None = None
    ) -> list[int | None]:
        """Store items with their analyses; None for each whose `(source, external_id)` was there already.

        Keys must be unique within `prepared`. Another unit of work that is storing the same key is waited for.
        """
        order = sorted(range(len(prepared)), key=lambda index: prepared[index].item.key or ("", ""))
        keyed = [index for index in order if prepared[index].item.key is not None]
        loose = [index for index in order if prepared[index].item.key is None]
        ids: list[int | None] = [None] * len(prepared)
        values = {index: _feedback_values(prepared[index], moment, job_id) for index in order}
        if keyed:
            build = sqlite_insert if self._sqlite else postgresql_insert
            statement = (
                build(FeedbackRow)
                .on_conflict_do_nothing(index_elements=["source", "external_id"])
                .returning(FeedbackRow.id, FeedbackRow.source, FeedbackRow.external_id)
            )
            made = self._session.execute(statement, [values[index] for index in keyed])
            by_key = {(source, external_id): id_ for id_, source, external_id in made}
            for index in keyed:
                key = prepared[index].item.key
                ids[index] = by_key.get(key) if key else None
        if loose:
            plain = insert(FeedbackRow).returning(FeedbackRow.id, sort_by_parameter_order=True)
            created = self._session.scalars(plain, [values[index] for index in loose])
            for index, id_ in zip(loose, created, strict=True):
                ids[index] = id_
        self._insert_analyses(
            [(id_, one.analysis) for id_, one in zip(ids, prepared, strict=True) if id_], moment
        )
        return ids

    def _insert_analyses(self, analysed: Sequence[tuple[int, Analysis]], moment: datetime) -> None:
        if not analysed:
            return
        self._session.execute(
            insert(AnalysisRow), [_analysis_values(id_, analysis, moment) for id_, analysis in analysed]
        )
        themes = [
            {
                "feedback_id": id_,
                "theme": theme.code,
                "polarity": theme.polarity,
                "score": theme.score,
                "origin": "model",
            }
            for id_, analysis in analysed
            for theme in analysis.assigned_themes
        ]
        if themes:
            self._session.execute(insert(ThemeRow), themes)
        signals = [
            {"feedback_id": id_, "signal": signal.code, "score": signal.score, "origin": "model"}
            for id_, analysis in analysed
            for signal in analysis.signals
            if signal.assigned
        ]
        if signals:
            self._session.execute(insert(SignalRow), signals)

    def by_keys(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], FeedbackRow]:
        """The items with these `(source, external_id)`."""
        if not keys:
            return {}
        pair = tuple_(FeedbackRow.source, FeedbackRow.external_id)
        rows = self._session.scalars(select(FeedbackRow).where(pair.in_(list(keys))))
        return {(row.source, row.external_id): row for row in rows if row.external_id is not None}

    def by_ids(self, ids: Sequence[int]) -> dict[int, FeedbackRow]:
        """The items with these ids that are there, with themes and signals."""
        if not ids:
            return {}
        statement = (
            select(FeedbackRow)
            .where(FeedbackRow.id.in_(list(ids)))
            .options(selectinload(FeedbackRow.themes), selectinload(FeedbackRow.signals))
        )
        return {row.id: row for row in self._session.scalars(statement)}

    def get(self, id_: int, *, lock: bool = False) -> FeedbackRow | None:
        """One item; `lock` keeps others from changing it until the unit of work ends."""
        return self._session.get(FeedbackRow, id_, with_for_update=True if lock else None)

    def newest_analysis(self, id_: int) -> AnalysisRow | None:
        """The last analysis of an item."""
        statement = (
            select(AnalysisRow).where(AnalysisRow.feedback_id == id_).order_by(AnalysisRow.id.desc()).limit(1)
        )
        return self._session.scalars(statement).first()

    def newest_advocacy(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """The advocacy that the newest analysis read, by item; the rest of the analysis is not fetched."""
        if not ids:
            return {}
        statement = (
            select(AnalysisRow.feedback_id, AnalysisRow.result["advocacy"])
            .where(AnalysisRow.feedback_id.in_(list(ids)))
            .order_by(AnalysisRow.id)
        )
        return {id_: advocacy for id_, advocacy in self._session.execute(statement)}  # noqa: C416 - rows are no pairs

    def newest_results(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """What the newest analysis says, by item."""
        if not ids:
            return {}
        statement = (
            select(AnalysisRow.feedback_id, AnalysisRow.result)
            .where(AnalysisRow.feedback_id.in_(list(ids)))
            .order_by(AnalysisRow.id)
        )
        return {row.feedback_id: row.result for row in self._session.execute(statement)}

    def page(
        self, asked: FeedbackFilter, *, limit: int, after: int | None, newest_first: bool = True
    ) -> Page:
        """One page by id. Items that arrive between two pages neither shift nor repeat anything."""
        statement = self.filtered(select(FeedbackRow.id), asked)
        if newest_first:
            statement = statement.order_by(FeedbackRow.id.desc())
            condition = FeedbackRow.id < after if after is not None else None
        else:
            statement = statement.order_by(FeedbackRow.id)
            condition = FeedbackRow.id > after if after is not None else None
        if condition is not None:
            statement = statement.where(condition)
        ids = tuple(self._session.scalars(statement.limit(limit + 1)))
        more = len(ids) > limit
        return Page(ids[:limit], ids[limit - 1] if more else None)

    def count(self, asked: FeedbackFilter) -> int:
        """How many items match."""
        return self._session.scalar(self.filtered(select(func.count(FeedbackRow.id)), asked)) or 0

    def filtered(self, statement: Select[*Columns], asked: FeedbackFilter) -> Select[*Columns]:
        """The statement, over items that match only."""
        row = FeedbackRow
        bare = asked.urgency_min is not None and self._sqlite
        conditions: list[ColumnElement[bool]] = []
        for column, values in (
            (row.journey, asked.journeys),
            (row.channel, asked.channels),
            (row.segment, asked.segments),
            (row.kind, asked.kinds),
            (row.domain, asked.domains),
            (row.source, asked.sources),
            (row.status, asked.statuses),
        ):
            if values:
                conditions.append((_unindexed(column) if bare else column).in_(values))
        if asked.themes or asked.polarity:
            theme = select(ThemeRow.feedback_id).where(ThemeRow.feedback_id == row.id)
            if asked.themes:
                theme = theme.where(ThemeRow.theme.in_(asked.themes))
            if asked.polarity:
                theme = theme.where(_polarity(asked.polarity))
            conditions.append(theme.exists())
        if asked.signals:
            signal = select(SignalRow.feedback_id).where(SignalRow.feedback_id == row.id)
            conditions.append(signal.where(SignalRow.signal.in_(asked.signals)).exists())
        for value, build in (
            (asked.sentiment_min, row.sentiment.__ge__),
            (asked.sentiment_max, row.sentiment.__le__),
            (asked.start, row.occurred_at.__ge__),
            (asked.end, row.occurred_at.__lt__),
            (asked.external_id, row.external_id.__eq__),
            (asked.job_id, row.job_id.__eq__),
            (asked.urgency_min, row.urgency.__ge__),
        ):
            if value is not None:
                conditions.append(build(value))
        assigned = _unindexed(row.assigned_to) if bare else row.assigned_to
        if asked.assigned_to is not None:
            conditions.append(assigned == asked.assigned_to)
        if asked.unassigned:
            conditions.append(assigned.is_(None))
        if asked.needs_review is not None:
            review = _unindexed(row.needs_review) if bare else row.needs_review
            conditions.append(review.is_(asked.needs_review))
        if asked.review_reason is not None:
            reasons = cast(row.review_reasons, String)
            conditions.append(row.needs_review & reasons.contains(asked.review_reason, autoescape=True))
        for names, value in ((ORGANISATION_KEYS, asked.organisation), (MOMENT_KEYS, asked.moment)):
            if value is not None:
                said = [func.nullif(row.meta[name].as_string(), "") for name in names]
                conditions.append(func.coalesce(*said) == value)
        if asked.search is not None:
            conditions.append(matches(asked.search, sqlite=self._sqlite))
        return statement.where(*conditions)

    def user_exists(self, id_: int) -> bool:
        """Whether there is an active user with this id."""
        user = self._session.get(UserRow, id_)
        return user is not None and user.active

    def add_correction(self, row: CorrectionRow) -> None:
        """Keep a correction."""
        self._session.add(row)
        self._session.flush()

    def corrections(self, id_: int) -> list[CorrectionRow]:
        """All corrections of an item, the oldest first."""
        statement = select(CorrectionRow).where(CorrectionRow.feedback_id == id_).order_by(CorrectionRow.id)
        return list(self._session.scalars(statement))

    def corrected(self, since: datetime | None, batch: int = 500) -> Iterator[FeedbackRow]:
        """Items that people corrected or confirmed, by id."""
        after = 0
        while True:
            statement = (
                select(FeedbackRow)
                .where(FeedbackRow.id > after, FeedbackRow.corrected_at.is_not(None))
                .order_by(FeedbackRow.id)
                .limit(batch)
                .options(selectinload(FeedbackRow.themes), selectinload(FeedbackRow.signals))
            )
            if since is not None:
                statement = statement.where(FeedbackRow.corrected_at >= since)
            rows = list(self._session.scalars(statement))
            yield from rows
            if len(rows) < batch:
                return
            after = rows[-1].id
            self._session.expunge_all()

    def claim_key(self, actor: str, key: str, digest: str, moment: datetime) -> IdempotencyRow | None:
        """Take an idempotency key; None when it is new, else the row of its first use."""
        build = sqlite_insert if self._sqlite else postgresql_insert
        statement = (
            build(IdempotencyRow)
            .values(actor=actor, key=key, digest=digest, created_at=moment, outcomes={})
            .on_conflict_do_nothing()
            .returning(IdempotencyRow.key)
        )
        if self._session.scalar(statement) is not None:
            return None
        return self._session.get(IdempotencyRow, (actor, key))

    def keep_outcomes(self, actor: str, key: str, outcomes: dict[str, Any]) -> None:
        """Remember what a key's request made."""
        row = self._session.get(IdempotencyRow, (actor, key))
        if row is not None:
            row.outcomes = outcomes

    def forget_keys(self, before: datetime) -> None:
        """Drop idempotency keys that were first used before a moment."""
        self._session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < before))


def _unindexed(column: InstrumentedAttribute[Any]) -> UnaryExpression[Any]:
    """The column such that SQLite does not look for an index of its own; the inbox has one that holds them all."""
    return UnaryExpression(column.expression, operator=custom_op("+"), type_=column.type)


def _polarity(polarity: Polarity) -> ColumnElement[bool]:
    if polarity == "negative":
        return ThemeRow.polarity <= -NEUTRAL
    if polarity == "positive":
        return ThemeRow.polarity >= NEUTRAL
    return ThemeRow.polarity.between(-NEUTRAL, NEUTRAL)


def _feedback_values(prepared: Prepared, moment: datetime, job_id: int | None) -> Mapping[str, Any]:
    item, analysis = prepared.item, prepared.analysis
    return {
        "source": item.source,
        "external_id": item.external_id,
        "text": analysis.text,
        "language": analysis.language,
        "kind": item.kind,
        "domain": item.domain,
        "journey": item.journey,
        "channel": item.channel,
        "segment": item.segment,
        "nps": item.nps,
        "cas": item.cas,
        "ces": item.ces,
        "occurred_at": item.occurred_at or moment,
        "received_at": moment,
        "submitted": item.submitted(),
        "meta": dict(item.meta),
        "sentiment": analysis.sentiment.score,
        "needs_review": analysis.needs_review,
        "urgency": urgency(
            "new",
            strongest=max((signal.score for signal in analysis.signals if signal.assigned), default=None),
            needs_review=analysis.needs_review,
        ),
        "review_reasons": analysis.to_dict()["review_reasons"],
        "job_id": job_id,
    }


def _analysis_values(id_: int, analysis: Analysis, moment: datetime) -> Mapping[str, Any]:
    result = analysis.to_dict()
    del result["text"], result["id"]
    return {
        "feedback_id": id_,
        "model_name": analysis.model.name,
        "model_version": analysis.model.version,
        "model_digest": analysis.model.digest,
        "created_at": moment,
        "result": result,
    }
