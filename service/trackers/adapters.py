"""What all issue trackers have in common, as far as we need it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, get_args

from service.errors import ServiceError

__all__ = ["KINDS", "Call", "Issue", "Kind", "Project", "Remote", "Tracker", "TrackerError", "marker_of"]

Kind = Literal["github", "jira", "azure"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class TrackerError(ServiceError):
    """A tracker did not do what it was asked.

    Attributes:
        status: Its HTTP status; None when there was no answer.
        lasting: Whether asking again is of no use.
        wait: Seconds to wait at least, as the tracker says; None when it does not.
    """

    def __init__(
        self, message: str, *, status: int | None = None, lasting: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.lasting = lasting
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Project:
    """Where issues go.

    Attributes:
        kind: Which tracker.
        url: Of its API: `https://api.github.com`, `https://NAME.atlassian.net`, `https://dev.azure.com`.
        project: `OWNER/REPOSITORY`, a project key, or `ORGANISATION/PROJECT`.
        account: The account's e-mail address, for Jira.
        token: What opens it.
        issue_type: What kind of issue is made, for Jira and Azure DevOps.
    """

    kind: str
    url: str
    project: str
    account: str | None = None
    token: str = field(default="", repr=False)
    issue_type: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """An improvement as a tracker is to have it.

    Attributes:
        title: One line.
        paragraphs: The description and the figures.
        quotes: Words of customers, redacted.
        link: Where the improvement is, or None where the service does not know its own address.
        marker: A label that no other issue has, so that it is found again.
        words: What the headings say: `quotes`, `link`.
    """

    title: str
    paragraphs: tuple[str, ...]
    quotes: tuple[str, ...]
    link: str | None
    marker: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Remote:
    """An issue as the tracker has it: its id, where people see it, and its state."""

    id: str
    url: str
    state: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a tracker.

    Attributes:
        method: Of HTTP.
        path: Below the tracker's URL.
        body: JSON, or None.
        content_type: Of the body.
    """

    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"

    def shown(self, url: str) -> str:
        """For people, without what opens the tracker."""
        lines = [f"{self.method} {url}{self.path}"]
        if self.body is not None:
            lines += [
                f"Content-Type: {self.content_type}",
                "",
                json.dumps(self.body, ensure_ascii=False, indent=2),
            ]
        return "\n".join(lines)


class Send(Protocol):
    """Sends a call, and answers the JSON that came back."""

    def __call__(self, call: Call, headers: Mapping[str, str], *, fine: Sequence[int]) -> Any:
        """Send; raises `TrackerError` for any status that is not fine."""


class Tracker(Protocol):
    """One project in one tracker."""

    def creation(self, issue: Issue) -> Call:
        """What would be sent to make an issue."""

    def find(self, marker: str) -> Remote | None:
        """The issue with this marker; None when there is none."""

    def create(self, issue: Issue) -> Remote:
        """Make it."""

    def update(self, id_: str, issue: Issue) -> None:
        """Put other words in it."""

    def read(self, id_: str) -> Remote:
        """As it is now."""

    def move(self, id_: str, state: str) -> Remote:
        """Bring it into a state."""


def marker_of(improvement_id: int) -> str:
    """The label of an improvement's issue."""
    return f"feedback-nlp-{improvement_id}"
