"""Opens a project in a tracker: the adapter for its kind, with a client that only goes to checked addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from service.events.outgoing import Outgoing
from service.events.targets import ForbiddenTargetError
from service.trackers import azure, github, jira
from service.trackers.adapters import Call, Project, Tracker, TrackerError

__all__ = ["STATES", "open_tracker"]

STATES: Final[Mapping[str, Mapping[str, str]]] = {
    "github": github.STATES,
    "jira": jira.STATES,
    "azure": azure.STATES,
}
"""What each tracker calls our statuses, unless told otherwise."""

_LASTING: Final = (400, 404, 410, 422)
_MOST_BYTES: Final = 2 * 1024 * 1024
_TOLD: Final = 300


def open_tracker(project: Project, outgoing: Outgoing | None) -> Tracker:
    """The adapter of a project; without a client it can only say what it would send."""

    def send(call: Call, headers: Mapping[str, str], *, fine: Sequence[int]) -> Any:
        if outgoing is None:
            raise TrackerError("nothing is sent in a dry run", lasting=True)
        return _send(outgoing, project.url, call, headers, fine)

    if project.kind == "github":
        return github.GitHub(project, send)
    if project.kind == "jira":
        return jira.Jira(project, send)
    return azure.AzureDevOps(project, send)


def _send(outgoing: Outgoing, url: str, call: Call, headers: Mapping[str, str], fine: Sequence[int]) -> Any:
    sent = {**headers, "user-agent": "feedback-nlp"}
    content: str | None = None
    if call.body is not None:
        sent["content-type"] = call.content_type
        content = json.dumps(call.body, ensure_ascii=False)
    try:
        answer = outgoing.request(
            call.method, url + call.path, headers=sent, content=content, most_bytes=_MOST_BYTES
        )
    except ForbiddenTargetError as exc:
        raise TrackerError(f"refused: {exc}") from exc
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as exc:
        raise TrackerError(f"no answer: {type(exc).__name__}") from exc
    if answer.status not in fine:
        wait = answer.headers.get("retry-after", "")
        lasting = answer.status in _LASTING
        raise TrackerError(
            f"answered {answer.status}{_message(answer.body)}",
            status=answer.status,
            lasting=lasting,
            wait=float(wait) if wait.isascii() and wait.isdigit() else None,
        )
    if not answer.body:
        return None
    try:
        return json.loads(answer.body)
    except ValueError as exc:
        raise TrackerError(f"answered {answer.status} with something that is not JSON") from exc


def _message(body: bytes) -> str:
    """What the tracker says is wrong, in short."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(found, Mapping):
        return ""
    said = found.get("message") or found.get("errorMessages") or found.get("errors") or ""
    return f": {str(said)[:_TOLD]}" if said else ""
