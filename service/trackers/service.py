"""What can be done with trackers. Each call happens within the caller's unit of work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from service.actor import Actor
from service.audit.log import record
from service.backlog.records import STATUSES
from service.backlog.repository import BacklogRepository
from service.database.base import now
from service.errors import ConflictError, Fault, InvalidError, NotFoundError
from service.events.targets import ForbiddenTargetError, Targets
from service.pages.i18n import Translator
from service.trackers.adapters import KINDS
from service.trackers.opening import open_tracker
from service.trackers.repository import TrackersRepository, project_of
from service.trackers.tables import TrackerIssueRow, TrackerRow
from service.trackers.tokens import Tokens
from service.trackers.writing import issue_of

__all__ = ["TrackerService"]

_PROJECTS: Final = {
    "github": (re.compile(r"[\w.-]+/[\w.-]+"), "OWNER/REPOSITORY"),
    "jira": (re.compile(r"[A-Z][A-Z0-9_]+"), "a project key such as CX"),
    "azure": (re.compile(r"[\w.-]+/[\w .-]+"), "ORGANISATION/PROJECT"),
}


class TrackerService:
    """Adds and removes trackers, and queues issues."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._repository = TrackersRepository(session)
        self._actor = actor

    def add(
        self,
        targets: Targets,
        tokens: Tokens,
        *,
        name: str,
        kind: str,
        url: str,
        project: str,
        token: str,
        account: str | None = None,
        issue_type: str | None = None,
        states: Mapping[str, str] | None = None,
    ) -> TrackerRow:
        """Keep a tracker; the token is never shown again.

        Raises:
            InvalidError: A value cannot be used, or nothing may be sent to that address.
            ConflictError: There is one of this name, or no key to keep its token under.
        """
        faults: list[Fault] = []
        url = url.rstrip("/")
        if kind not in KINDS:
            raise InvalidError([Fault("/kind", f"must be one of {', '.join(KINDS)}, got {kind!r}")])
        pattern, shape = _PROJECTS[kind]
        if not pattern.fullmatch(project):
            faults.append(Fault("/project", f"must be {shape}, got {project!r}"))
        if not token.isascii() or not token.isprintable() or not token:
            faults.append(Fault("/token", "must be printable ASCII"))
        if kind == "jira" and not account:
            faults.append(Fault("/account", "Jira needs the account's e-mail address"))
        for status in (states or {}).keys() - set(STATUSES):
            faults.append(Fault(f"/states/{status}", f"is no status; there are {', '.join(STATUSES)}"))
        try:
            targets.check(url)
        except ForbiddenTargetError as exc:
            faults.append(Fault("/url", str(exc)))
        if faults:
            raise InvalidError(faults)
        if self._repository.is_taken(name):
            raise ConflictError(f"There is a tracker {name!r} already.")
        row = self._repository.add(
            TrackerRow(
                name=name,
                kind=kind,
                url=url,
                project=project,
                account=account,
                token=tokens.seal(token),
                issue_type=issue_type,
                states=dict(states or {}),
                created_by=self._actor.name,
            )
        )
        record(self._session, self._actor, "tracker.created", "tracker", row.id, kind=kind, project=project)
        return row

    def remove(self, id_: int) -> None:
        """Forget a tracker; its issues stay where they are.

        Raises:
            NotFoundError: There is no such tracker.
        """
        row = self._found(id_)
        self._repository.remove(row)
        record(self._session, self._actor, "tracker.removed", "tracker", id_)

    def send(self, improvement_id: int, tracker_id: int) -> TrackerIssueRow:
        """Queue an improvement for a tracker; one that was sent before, or given up, is looked at again.

        Raises:
            NotFoundError: There is no such improvement or tracker.
            ConflictError: The improvement went up in another.
        """
        backlog = BacklogRepository(self._session)
        row = backlog.get(improvement_id)
        if row is None:
            raise NotFoundError(f"There is no improvement {improvement_id}.")
        if row.merged_into is not None:
            raise ConflictError(f"Improvement {improvement_id} went up in {row.merged_into}; send that one.")
        tracker = self._found(tracker_id)
        issue = self._repository.issue(improvement_id, tracker_id)
        if issue is None:
            backlog.add_history(improvement_id, self._actor.name, "sent", {"tracker": tracker.name})
            return self._repository.add_issue(
                TrackerIssueRow(
                    improvement_id=improvement_id, tracker_id=tracker_id, created_by=self._actor.name
                )
            )
        issue.status, issue.attempts, issue.next_attempt_at = "pending", 0, now()
        return issue

    def draft(self, improvement_id: int, tracker_id: int, public_url: str | None, tr: Translator) -> str:
        """What would be sent to make the issue; nothing is.

        Raises:
            NotFoundError: There is no such improvement or tracker.
        """
        backlog = BacklogRepository(self._session)
        row = backlog.get(improvement_id)
        if row is None:
            raise NotFoundError(f"There is no improvement {improvement_id}.")
        project = project_of(self._found(tracker_id))
        call = open_tracker(project, None).creation(issue_of(backlog, row, public_url, tr))
        return call.shown(project.url)

    def _found(self, id_: int) -> TrackerRow:
        row = self._repository.tracker(id_)
        if row is None:
            raise NotFoundError(f"There is no tracker {id_}.")
        return row
