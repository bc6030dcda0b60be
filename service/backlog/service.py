"""What can be done with improvements. Each call happens within the caller's unit of work and is kept in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from feedback_nlp.taxonomy import Taxonomy
from service.actor import Actor
from service.backlog.measuring import WEEKS, measure
from service.backlog.records import STATUSES, Change, NewImprovement
from service.backlog.repository import BacklogRepository
from service.backlog.tables import ImprovementRow
from service.counts.facts import day_of
from service.database.base import now
from service.errors import ConflictError, Fault, InvalidError, NotFoundError
from service.events.outbox import Outbox
from service.redaction import Redactor
from service.trackers.queue import touch

__all__ = ["BacklogService", "Told"]

_WORDS: Final = ("title", "description", "public_title", "public_text")
_SETTABLE: Final = frozenset(
    {*_WORDS, "status", "theme", "journey", "owner_id", "effort", "due_on", "done_on", "published"}
)
_LONGEST_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """Customers who are told of an improvement: how many now, how many were before, how many have no external id."""

    now: int
    before: int
    unreachable: int


class BacklogService:
    """Makes, changes, merges and splits improvements."""

    def __init__(self, session: Session, taxonomy: Taxonomy, redactor: Redactor, actor: Actor) -> None:
        """Prepare for one unit of work.

        Args:
            session: The unit of work.
            taxonomy: Which themes and journeys there are.
            redactor: What replaces personal data in whatever people write.
            actor: Who asks.
        """
        self._session = session
        self._repository = BacklogRepository(session)
        self._taxonomy = taxonomy
        self._redactor = redactor
        self._actor = actor

    def create(self, new: NewImprovement, *, today: date | None = None) -> ImprovementRow:
        """Keep an improvement with its items, and measure what it is worth.

        Raises:
            InvalidError: A code, the owner or an item is not known, or the title is empty.
        """
        fields = {name: getattr(new, name) for name in ("theme", "journey", "owner_id", "effort")}
        self._check(fields)
        row = self._repository.add(
            ImprovementRow(
                title=self._title(new.title),
                description=self._words(new.description),
                due_on=new.due_on,
                created_by=self._actor.name,
                **fields,
            )
        )
        self._note(row.id, "created", title=row.title, theme=row.theme, journey=row.journey)
        self._measure(row, today or day_of(now()))
        if new.feedback_ids:
            self.link(row.id, new.feedback_ids)
        return row

    def found(self, id_: int, *, lock: bool = False) -> ImprovementRow:
        """One improvement.

        Raises:
            NotFoundError: There is no such improvement.
        """
        row = self._repository.get(id_, lock=lock)
        if row is None:
            raise NotFoundError(f"There is no improvement {id_}.")
        return row

    def change(self, id_: int, change: Change, *, if_version: int | None = None) -> ImprovementRow:
        """Set fields; `published` puts the public words before the public or takes them away.

        Raises:
            NotFoundError: There is no such improvement.
            ConflictError: It is not at `if_version` any more, or was merged into another.
            InvalidError: A value cannot be used.
        """
        row = self._open(id_)
        if if_version is not None and row.version != if_version:
            raise ConflictError(
                f"The improvement is at version {row.version}, not {if_version}: somebody changed it."
            )
        self._check(change)
        values: dict[str, Any] = dict(change)
        published = values.pop("published", None)
        for name in _WORDS:
            if isinstance(values.get(name), str):
                values[name] = self._title(values[name]) if name == "title" else self._words(values[name])
        if values.get("status") == "done" and row.done_on is None and values.get("done_on") is None:
            values["done_on"] = day_of(now())
        before = row.status
        changed = {
            name: {"before": _json(getattr(row, name)), "after": _json(value)}
            for name, value in values.items()
            if getattr(row, name) != value
        }
        for name, value in values.items():
            setattr(row, name, value)
        if published is not None and published != (row.published_at is not None):
            if published and not (row.public_title and row.public_text):
                raise InvalidError([Fault("/published", "needs a public title and a public text first")])
            row.published_at = now() if published else None
            changed["published"] = {"before": not published, "after": published}
        if changed:
            self._changed(row, "changed", changed)
            if "theme" in changed or "journey" in changed:
                self._measure(row, day_of(now()))
        if row.status != before:
            data = {"improvement_id": row.id, "before": before, "after": row.status}
            Outbox(self._session).add("improvement.changed", [data])
        return row

    def measure(self, id_: int, *, weeks: int = WEEKS, today: date | None = None) -> ImprovementRow:
        """Measure anew what an improvement is worth."""
        row = self._open(id_)
        self._measure(row, today or day_of(now()), weeks)
        row.version += 1
        return row

    def link(self, id_: int, feedback_ids: Iterable[int]) -> int:
        """Add items that ask for an improvement; how many were new to it.

        Raises:
            NotFoundError: There is no such improvement, or no such item.
        """
        row = self._open(id_)
        wanted = sorted(set(feedback_ids))
        missing = set(wanted) - self._repository.existing(wanted)
        if missing:
            raise NotFoundError(f"There is no feedback {min(missing)}.")
        added = self._repository.link(id_, wanted, now(), self._actor.name)
        if added:
            self._changed(row, "linked", {"items": added})
        return len(added)

    def unlink(self, id_: int, feedback_ids: Iterable[int]) -> int:
        """Take items off an improvement; how many were there."""
        row = self._open(id_)
        gone = self._repository.unlink(id_, sorted(set(feedback_ids)))
        if gone:
            self._changed(row, "unlinked", {"items": gone})
        return len(gone)

    def merge(self, id_: int, others: Iterable[int]) -> ImprovementRow:
        """Let other improvements go up in one: their items become its items, and they lead to it from then on.

        Raises:
            NotFoundError: One of them is not there.
            InvalidError: It was asked to go up in itself.
            ConflictError: One of them went up in another before.
        """
        row = self._open(id_)
        for other_id in sorted(set(others)):
            if other_id == id_:
                raise InvalidError([Fault("/from", f"{id_} cannot go up in itself")])
            other = self._open(other_id)
            items = self._repository.move(other_id, id_, self._repository.item_ids(other_id))
            other.merged_into, other.published_at = id_, None
            self._changed(other, "merged into", {"into": id_})
            self._changed(row, "merged", {"from": other_id, "title": other.title, "items": len(items)})
        return row

    def split(self, id_: int, feedback_ids: Sequence[int], title: str) -> ImprovementRow:
        """Make another improvement of some of the items, which leave the first.

        Raises:
            NotFoundError: There is no such improvement.
            InvalidError: None of the items is linked to it.
        """
        row = self._open(id_)
        if not set(feedback_ids) & set(self._repository.item_ids(id_)):
            raise InvalidError(
                [Fault("/feedback_ids", f"none of these items is linked to improvement {id_}")]
            )
        part = self.create(NewImprovement(title, theme=row.theme, journey=row.journey, owner_id=row.owner_id))
        part.split_from = id_
        moved = self._repository.move(id_, part.id, feedback_ids)
        self._changed(part, "split from", {"from": id_, "items": moved})
        self._changed(row, "split", {"into": part.id, "title": part.title, "items": moved})
        return part

    def tell(self, id_: int) -> Told:
        """Have the customers told who asked for it: one event each, by external id, for those not told before.

        Raises:
            ConflictError: It is not done yet.
        """
        row = self._open(id_)
        if row.status not in ("done", "told"):
            raise ConflictError("Customers can be told when the improvement is done.")
        customers = self._repository.customers(id_)
        fresh = [(item, source, external) for item, source, external, told in customers if told is None]
        moment = now()
        events = [
            {"improvement_id": id_, "feedback_id": item, "source": source, "external_id": external}
            for item, source, external in fresh
        ]
        Outbox(self._session).add("improvement.told", events)
        self._repository.mark_told(id_, [item for item, _, _ in fresh], moment)
        linked = self._repository.item_counts([id_]).get(id_, 0)
        told = Told(len(fresh), len(customers) - len(fresh), linked - len(customers))
        self._changed(row, "told", {"customers": told.now})
        if row.status == "done":
            self.change(id_, {"status": "told"})
        return told

    def _open(self, id_: int) -> ImprovementRow:
        row = self.found(id_, lock=True)
        if row.merged_into is not None:
            raise ConflictError(f"Improvement {id_} went up in {row.merged_into}; change that one.")
        return row

    def _measure(self, row: ImprovementRow, today: date, weeks: int = WEEKS) -> None:
        if row.theme is None or row.journey is None:
            row.gain = row.gain_low = row.gain_high = row.reach = row.measured_on = None
            row.evidence_from = row.evidence_to = None
            return
        worth = measure(self._repository, self._taxonomy, row.theme, row.journey, today, weeks=weeks)
        row.gain, row.gain_low, row.gain_high = worth.gain, worth.low, worth.high
        row.reach, row.measured_on = worth.reach, today
        if row.evidence_from is None:
            row.evidence_from, row.evidence_to = worth.start, worth.end
        details = {"gain": worth.gain, "low": worth.low, "high": worth.high, "reach": worth.reach}
        self._note(row.id, "measured", answers=worth.answers, **details)

    def _changed(self, row: ImprovementRow, action: str, details: Mapping[str, Any]) -> None:
        row.version += 1
        self._note(row.id, action, **details)
        self._session.flush()
        touch(self._session, row.id)

    def _note(self, id_: int, action: str, **details: Any) -> None:
        self._repository.add_history(id_, self._actor.name, action, details)

    def _words(self, text: str) -> str:
        return self._redactor.redact(text.replace("\0", "\ufffd").strip()).text if text.strip() else ""

    def _title(self, text: str) -> str:
        title = " ".join(self._words(text).split())
        if not title or len(title) > _LONGEST_TITLE:
            raise InvalidError(
                [Fault("/title", f"must have 1 to {_LONGEST_TITLE} characters, got {len(title)}")]
            )
        return title

    def _check(self, change: Change) -> None:
        faults: list[Fault] = []
        journeys = [entry.code for entry in self._taxonomy.journeys]
        for name, known in (
            ("theme", self._taxonomy.theme_codes),
            ("journey", journeys),
            ("status", STATUSES),
        ):
            value = change.get(name)
            if value is not None and value not in known:
                faults.append(Fault(f"/{name}", f"must be one of {', '.join(known)}, got {value!r}"))
        owner = change.get("owner_id")
        if owner is not None and not self._repository.user_exists(owner):
            faults.append(Fault("/owner_id", f"must be the id of an active user, got {owner}"))
        effort = change.get("effort")
        if effort is not None and not effort > 0:
            faults.append(Fault("/effort", f"must be above 0, got {effort}"))
        faults += [Fault(f"/{name}", "cannot be set") for name in change.keys() - _SETTABLE]
        if faults:
            raise InvalidError(faults)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
