"""What can be done with feedback. Each call happens within the caller's unit of work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from feedback_nlp.taxonomy import Taxonomy
from service.actor import Actor
from service.audit.log import record
from service.counts.facts import COUNTED_FIELDS
from service.counts.tally import Tally
from service.database.base import now
from service.errors import ConflictError, Difference, Fault, InvalidError, NotFoundError
from service.events.outbox import Outbox
from service.feedback.labels import Labels
from service.feedback.records import Change, Correction, NewFeedback, Outcome
from service.feedback.repository import FeedbackRepository, Prepared
from service.feedback.tables import CorrectionRow, FeedbackRow, SignalRow, ThemeRow
from service.feedback.urgency import urgency_of
from service.models.live import Analyzer
from service.privacy.originals import Originals
from service.redaction import Redactor
from service.texts import cleaned

__all__ = ["FeedbackService", "labels_of"]

_CODED: Final = (("journey", "journeys"), ("channel", "channels"), ("segment", "segments"))


class FeedbackService:
    """Takes in, changes and corrects feedback."""

    def __init__(
        self,
        session: Session,
        analyzer: Analyzer,
        redactor: Redactor,
        actor: Actor,
        count: Callable[[Sequence[Analysis | TextError], str], None] = lambda answers, version: None,
        originals: Originals | None = None,
    ) -> None:
        """Prepare for one unit of work.

        Args:
            session: The unit of work.
            analyzer: The model in use.
            redactor: What replaces personal data.
            actor: Who asks.
            count: Told of each batch of analyses, with the model's version.
            originals: Keeps texts as they came in; None keeps none.
        """
        self._session = session
        self._repository = FeedbackRepository(session)
        self._outbox = Outbox(session)
        self._tally = Tally(session)
        self._analyzer = analyzer
        self._redactor = redactor
        self._actor = actor
        self._count = count
        self._originals = originals

    def add(
        self,
        items: Sequence[NewFeedback],
        *,
        idempotency_key: str | None = None,
        job_id: int | None = None,
        tolerant: bool = False,
    ) -> list[Outcome]:
        """Redact, analyse and store; the outcomes are in the order of the items.

        Args:
            items: What to take in.
            idempotency_key: A repeat with the same key is answered without storing anything.
            job_id: The job that brings them.
            tolerant: An item that is known with another content fails by itself instead of raising.

        Raises:
            InvalidError: A code is not in the taxonomy; nothing was stored.
            ConflictError: An item, or the idempotency key, is known with another content; nothing was stored.
        """
        check_codes(self._analyzer.taxonomy, [asdict(item) for item in items], "/items/{index}")
        prepared = self._prepare(items)
        moment = now()
        if idempotency_key is not None:
            digest = _digest(items)
            used = self._repository.claim_key(self._actor.name, idempotency_key, digest, moment)
            if used is not None:
                outcomes = [Outcome(**outcome) for outcome in used.outcomes.get("items", [])]
                return self._replayed(used.digest == digest, outcomes, prepared)
        outcomes = self._store(prepared, moment, job_id, tolerant)
        if self._originals is not None:
            self._originals.keep(self._session, _changed_texts(items, prepared, outcomes))
        if idempotency_key is not None:
            kept = {"items": [asdict(outcome) for outcome in outcomes]}
            self._repository.keep_outcomes(self._actor.name, idempotency_key, kept)
        return outcomes

    def change(self, id_: int, change: Change, *, if_version: int | None = None) -> FeedbackRow:
        """Set fields of an item.

        Raises:
            NotFoundError: There is no such item.
            ConflictError: It is not at `if_version` any more.
            InvalidError: A code is not in the taxonomy.
        """
        check_codes(self._analyzer.taxonomy, [change], "")
        assigned = change.get("assigned_to")
        if assigned is not None and not self._repository.user_exists(assigned):
            raise InvalidError([Fault("/assigned_to", f"must be the id of an active user, got {assigned}")])
        row = self._locked(id_)
        if if_version is not None and row.version != if_version:
            raise ConflictError(
                f"The item is at version {row.version}, not {if_version}: somebody changed it."
            )
        changed = {
            name: {"before": getattr(row, name), "after": value}
            for name, value in change.items()
            if getattr(row, name) != value
        }
        with self._tally.around([id_] if changed.keys() & COUNTED_FIELDS else []):
            for name, value in change.items():
                setattr(row, name, value)
        if change.get("needs_review") is False:
            row.review_reasons = []
        row.urgency = urgency_of(row)
        if changed:
            row.version += 1
            record(self._session, self._actor, "feedback.changed", "feedback", id_, **changed)
        self._session.flush()
        return row

    def correct(self, id_: int, correction: Correction) -> CorrectionRow:
        """Put a person's labels in place of the model's; an empty correction confirms what is there.

        Raises:
            NotFoundError: There is no such item.
            InvalidError: A theme or signal is not in the taxonomy.
        """
        taxonomy = self._analyzer.taxonomy
        faults = [
            Fault(f"/{section}/{code}", f"is no {section[:-1]} of the taxonomy; known are {', '.join(known)}")
            for section, asked, known in (
                ("themes", correction.themes, taxonomy.theme_codes),
                ("signals", correction.signals, taxonomy.signal_codes),
            )
            for code in asked
            if code not in known
        ]
        if faults:
            raise InvalidError(faults)
        row = self._locked(id_)
        analysis = self._repository.newest_analysis(id_)
        before = labels_of(row)
        after = before.corrected(correction)
        with self._tally.around([id_]):
            _apply(row, after, correction)
        row.sentiment = after.sentiment
        row.needs_review = False
        row.review_reasons = []
        row.urgency = urgency_of(row)
        row.corrected_at = now()
        row.version += 1
        kept = CorrectionRow(
            feedback_id=id_,
            at=row.corrected_at,
            by=self._actor.name,
            before=before.to_dict(),
            after=after.to_dict(),
            model_version=analysis.model_version if analysis else "",
            note=correction.note and self._redactor.redact(correction.note).text,
        )
        self._repository.add_correction(kept)
        data = {"feedback_id": id_, "correction_id": kept.id, "changed": before.to_dict() != after.to_dict()}
        self._outbox.add("feedback.corrected", [data])
        return kept

    def _locked(self, id_: int) -> FeedbackRow:
        row = self._repository.get(id_, lock=True)
        if row is None:
            raise NotFoundError(f"There is no feedback {id_}.")
        return row

    def _prepare(self, items: Sequence[NewFeedback]) -> list[Prepared | str]:
        ready = [self._cleaned(item) for item in items]
        usable = [item for item in ready if isinstance(item, NewFeedback)]
        inputs = [FeedbackItem(item.text, nps=item.nps, cas=item.cas, ces=item.ces) for item in usable]
        batch = self._analyzer.analyze_batch(inputs) if inputs else []
        self._count(batch, self._analyzer.info.version)
        answers = iter(batch)
        prepared: list[Prepared | str] = []
        for item in ready:
            if isinstance(item, str):
                prepared.append(item)
                continue
            answer = next(answers)
            prepared.append(str(answer) if isinstance(answer, TextError) else Prepared(item, answer))
        return prepared

    def _cleaned(self, item: NewFeedback) -> NewFeedback | str:
        try:
            text = cleaned(item.text, self._redactor)
        except TextError as exc:
            return str(exc)
        meta = {
            key: self._redactor.redact(value).text if isinstance(value, str) else value
            for key, value in item.meta.items()
        }
        return replace(item, text=text, meta=meta)

    def _store(
        self, prepared: Sequence[Prepared | str], moment: datetime, job_id: int | None, tolerant: bool
    ) -> list[Outcome]:
        first: dict[tuple[str, str], int] = {}
        fresh: list[int] = []
        for index, one in enumerate(prepared):
            if isinstance(one, Prepared) and (
                one.item.key is None or first.setdefault(one.item.key, index) == index
            ):
                fresh.append(index)
        ready = [one for index in fresh if isinstance(one := prepared[index], Prepared)]
        made = dict(zip(fresh, self._repository.insert(ready, moment, job_id), strict=True))
        self._tally.add([id_ for id_ in made.values() if id_ is not None])
        known = self._repository.by_keys(
            [one.item.key for one in prepared if isinstance(one, Prepared) and one.item.key is not None]
        )
        outcomes: list[Outcome] = []
        differences: list[Difference] = []
        for index, one in enumerate(prepared):
            if isinstance(one, str):
                outcomes.append(Outcome("failed", error=one))
                continue
            id_ = made.get(index)
            if id_ is not None:
                outcomes.append(Outcome("created", id_))
                continue
            row = known[one.item.key or ("", "")]
            found = _differences(index, one, row)
            if found and tolerant:
                names = ", ".join(difference.pointer.rpartition("/")[2] for difference in found)
                outcomes.append(Outcome("failed", error=f"this id is known with another {names}"))
                continue
            differences += found
            outcomes.append(Outcome("unchanged", row.id))
        if differences:
            raise ConflictError("An item with this source and external_id is known otherwise.", differences)
        self._announce([(id_, prepared[index]) for index, id_ in made.items() if id_ is not None])
        return outcomes

    def _announce(self, created: Sequence[tuple[int, Prepared | str]]) -> None:
        analysed: list[Mapping[str, Any]] = []
        signalled: list[Mapping[str, Any]] = []
        for id_, one in created:
            if isinstance(one, str):
                continue
            labels = Labels.of(one.analysis)
            data = {
                "feedback_id": id_,
                "source": one.item.source,
                "external_id": one.item.external_id,
                "model_version": one.analysis.model.version,
            }
            analysed.append(
                data | {"themes": sorted(labels.themes), "needs_review": one.analysis.needs_review}
            )
            if labels.signals:
                signalled.append(data | {"signals": sorted(labels.signals)})
        self._outbox.add("feedback.analysed", analysed)
        self._outbox.add("feedback.signal", signalled)

    def _replayed(
        self, same: bool, outcomes: Sequence[Outcome], prepared: Sequence[Prepared | str]
    ) -> list[Outcome]:
        rows = self._repository.by_ids([outcome.id for outcome in outcomes if outcome.id is not None])
        if same:
            return [
                replace(outcome, outcome="unchanged" if outcome.id in rows else "erased")
                if outcome.id is not None
                else outcome
                for outcome in outcomes
            ]
        differences: list[Difference] = []
        for index, (outcome, one) in enumerate(zip(outcomes, prepared, strict=False)):
            row = rows.get(outcome.id or 0)
            if row is not None and isinstance(one, Prepared):
                differences += _differences(index, one, row, with_key=True)
        if len(outcomes) != len(prepared):
            differences.append(Difference("/items", f"{len(outcomes)} items", f"{len(prepared)} items"))
        raise ConflictError("This Idempotency-Key was used with another body.", differences)


def _changed_texts(
    items: Sequence[NewFeedback], prepared: Sequence[Prepared | str], outcomes: Sequence[Outcome]
) -> dict[int, str]:
    """The texts of new items that redaction changed."""
    return {
        outcome.id: item.text
        for item, one, outcome in zip(items, prepared, outcomes, strict=True)
        if outcome.outcome == "created"
        and outcome.id is not None
        and isinstance(one, Prepared)
        and one.analysis.text != item.text
    }


def labels_of(row: FeedbackRow) -> Labels:
    """The labels that count for an item now."""
    return Labels(
        {theme.theme: theme.polarity for theme in row.themes},
        frozenset(signal.signal for signal in row.signals),
        row.sentiment,
    )


def check_codes(taxonomy: Taxonomy, items: Sequence[Mapping[str, Any]], place: str) -> None:
    """Refuse journeys, channels and segments that the taxonomy does not know.

    Raises:
        InvalidError: With a pointer to each; `{index}` in `place` becomes the item's index.
    """
    known = {field: [entry.code for entry in getattr(taxonomy, section)] for field, section in _CODED}
    faults = [
        Fault(
            f"{place.format(index=index)}/{field}",
            f"must be one of {', '.join(codes)}, got {item[field]!r}",
        )
        for index, item in enumerate(items)
        for field, codes in known.items()
        if item.get(field) is not None and item[field] not in codes
    ]
    if faults:
        raise InvalidError(faults)


def _apply(row: FeedbackRow, after: Labels, correction: Correction) -> None:
    themes = {theme.theme: theme for theme in row.themes}
    for code, theme in themes.items():
        if code not in after.themes:
            row.themes.remove(theme)
    for code, polarity in after.themes.items():
        if code not in themes:
            row.themes.append(ThemeRow(theme=code, polarity=polarity, score=None, origin="person"))
        elif code in correction.themes:
            themes[code].polarity = polarity
            themes[code].origin = "person"
    signals = {signal.signal: signal for signal in row.signals}
    for code, signal in signals.items():
        if code not in after.signals:
            row.signals.remove(signal)
    for code in after.signals - signals.keys():
        row.signals.append(SignalRow(signal=code, score=None, origin="person"))


def _differences(index: int, sent: Prepared, row: FeedbackRow, *, with_key: bool = False) -> list[Difference]:
    stored = {"text": row.text, **row.submitted}
    given = {"text": sent.analysis.text, **sent.item.submitted()}
    if with_key:
        stored |= {"source": row.source, "external_id": row.external_id}
        given |= {"source": sent.item.source, "external_id": sent.item.external_id}
    return [
        Difference(f"/items/{index}/{name}", stored.get(name), given.get(name))
        for name in sorted(stored.keys() | given.keys())
        if stored.get(name) != given.get(name)
    ]


def _digest(items: Sequence[NewFeedback]) -> str:
    content = [{"text": item.text, "key": item.key, **item.submitted()} for item in items]
    return "sha256:" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
