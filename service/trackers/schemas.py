"""What `/v1/trackers` and `/v1/backlog/{id}/issues` take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from service.backlog.records import Status
from service.fields import MAX_ID, Reference, Request, Storable, Whole
from service.trackers.adapters import Kind
from service.trackers.repository import states_of
from service.trackers.tables import TrackerIssueRow, TrackerRow

__all__ = ["AddTracker", "IssueOut", "SendIssue", "TrackerOut"]


class AddTracker(Request):
    """A project in an issue tracker."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "verbeteren",
                    "kind": "github",
                    "url": "https://api.github.com",
                    "project": "voorbeeld/verbeteringen",
                    "token": "github_pat_…",  # an example  # nosec
                }
            ]
        }
    )

    name: Reference
    kind: Kind
    url: Annotated[Storable, Field(min_length=1, max_length=500)] = Field(
        description="Of its API: https://api.github.com, https://NAME.atlassian.net, https://dev.azure.com."
    )
    project: Reference = Field(description="OWNER/REPOSITORY, a project key, or ORGANISATION/PROJECT.")
    token: SecretStr = Field(description="What opens it; never shown again.", max_length=2000)
    account: Reference | None = Field(None, description="The account's e-mail address, for Jira.")
    issue_type: Reference | None = Field(None, description="Task for Jira and Issue for Azure DevOps.")
    states: dict[Status, Reference] = Field(
        default_factory=dict, description="What the tracker calls our statuses, where it is not the usual."
    )


class TrackerOut(BaseModel):
    """A tracker, without its token."""

    id: int
    name: str
    kind: Kind
    url: str
    project: str
    account: str | None
    issue_type: str | None
    states: dict[str, str]
    active: bool
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, row: TrackerRow) -> Self:
        """From the store."""
        values = {name: getattr(row, name) for name in cls.model_fields}
        return cls.model_validate({**values, "states": states_of(row)})


class SendIssue(Request):
    """Where to make an issue of an improvement."""

    tracker: Annotated[Whole, Field(ge=1, le=MAX_ID)]
    dry_run: bool = Field(False, description="Only say what would be sent.")


class IssueOut(BaseModel):
    """An improvement's issue in a tracker."""

    tracker: str
    tracker_id: int
    status: Literal["pending", "synced", "dead", "dry run"]
    remote_id: str | None = None
    remote_url: str | None = None
    remote_state: str | None = None
    attempts: int = 0
    last_status: int | None = None
    last_error: str | None = None
    synced_at: datetime | None = None
    request: str | None = Field(None, description="What would be sent, in a dry run.")

    @classmethod
    def of(cls, row: TrackerIssueRow, tracker: TrackerRow) -> Self:
        """From the store."""
        own = ("tracker", "tracker_id", "request")
        values = {name: getattr(row, name) for name in cls.model_fields if name not in own}
        return cls.model_validate({**values, "tracker": tracker.name, "tracker_id": tracker.id})
