"""Erases a person's items wherever they are, and says what was erased where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from service.actor import Actor
from service.audit.log import record
from service.database.base import now
from service.events.outbox import Outbox
from service.models.learned import known_learners
from service.privacy.repository import PrivacyRepository
from service.privacy.tables import ErasureRow
from service.privacy.training_sets import files_of, remove_rows

__all__ = ["ErasureReport", "erase_by_external_id", "erase_by_id"]


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What an erasure did.

    Attributes:
        id: Its number.
        at: When.
        items: How many items are gone.
        places: Rows by place: feedback, analyses, themes, signals, corrections, notes, originals,
            improvements, events, job_errors.
        not_found: External ids that no item had.
        training_sets: Rows that went, by file of `FEEDBACK_NLP_TRAINING_SETS`.
        models: Model versions that learned from the items, by the lists they keep; a version without a list counts when
            it went live after one of the items had been exported, for it may have.
        pending_jobs: Jobs whose uploaded file is not worked through yet; it may hold the person's rows.
    """

    id: int
    at: datetime
    items: int
    places: dict[str, int]
    not_found: list[str]
    training_sets: dict[str, int]
    models: list[str]
    pending_jobs: list[int]

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without what names the person."""
        return {name: value for name, value in asdict(self).items() if name not in ("id", "at", "not_found")}


def erase_by_external_id(
    session: Session,
    actor: Actor,
    external_ids: Sequence[str],
    *,
    source: str | None = None,
    training_sets: Sequence[Path] = (),
    models: Path | None = None,
) -> ErasureReport:
    """Erase all items with these external ids. A repeat finds nothing and is fine.

    Subscribers of `feedback.erased` are told. Training sets are rewritten before the unit of work ends: when one cannot
    be, nothing of the store is erased either, and the error says which file it was.

    Args:
        session: The unit of work.
        actor: Who asks.
        external_ids: How the sender calls the items.
        source: The sender; None for all of them.
        training_sets: Exported files, or folders of them.
        models: The folder of models, which are asked whether they learned from the items.

    Raises:
        InvalidError: A training set is not there.
        OSError: A training set cannot be rewritten.
    """
    wanted = list(dict.fromkeys(external_ids))
    found = PrivacyRepository(session).find(wanted, source)
    return _erase(session, actor, found, wanted, training_sets, models)


def erase_by_id(
    session: Session,
    actor: Actor,
    id_: int,
    *,
    external_id: str | None,
    training_sets: Sequence[Path] = (),
    models: Path | None = None,
) -> ErasureReport:
    """Erase one item; otherwise as `erase_by_external_id`."""
    wanted = [] if external_id is None else [external_id]
    return _erase(session, actor, {id_: external_id or ""}, wanted, training_sets, models)


def _erase(
    session: Session,
    actor: Actor,
    found: dict[int, str],
    external_ids: Sequence[str],
    training_sets: Sequence[Path],
    models: Path | None,
) -> ErasureReport:
    repository = PrivacyRepository(session)
    ids = sorted(found)
    names = {f"feedback-{id_}" for id_ in ids} | set(external_ids)
    learners = _learners(repository, ids, names, models)
    files = files_of(training_sets)
    places = repository.erase_items(ids)
    places["job_errors"] = repository.forget_in_job_errors(external_ids)
    row = ErasureRow(at=now(), by=actor.name, feedback_ids=ids, report={})
    repository.add_erasure(row)
    report = ErasureReport(
        id=row.id,
        at=row.at,
        items=len(ids),
        places=places,
        not_found=[external for external in external_ids if external not in found.values()],
        training_sets={str(path): remove_rows(path, names) for path in files},
        models=learners,
        pending_jobs=repository.jobs_with_files(),
    )
    row.report = report.to_dict()
    for id_ in ids:
        record(session, actor, "feedback.erased", "feedback", id_, erasure=row.id)
    Outbox(session).add("feedback.erased", [{"feedback_id": id_, "erasure": row.id} for id_ in ids])
    return report


def _learners(
    repository: PrivacyRepository, ids: Sequence[int], names: set[str], models: Path | None
) -> list[str]:
    learned, denied = ([], []) if models is None else known_learners(models, names)
    exported = repository.first_export(ids)
    since = [] if exported is None else repository.models_since(exported)
    return [*learned, *(name for name in since if name not in (*learned, *denied))]
