"""Jira Cloud issues, by its REST API v3; words are sent in the Atlassian Document Format."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from service.trackers.adapters import Call, Issue, Project, Remote, Send, TrackerError
from service.trackers.basic import basic

__all__ = ["STATES", "Jira"]

STATES: Final = {
    "proposed": "To Do",
    "chosen": "To Do",
    "in_progress": "In Progress",
    "done": "Done",
    "told": "Done",
}
"""Names of statuses in a project as Jira sets it up."""

_ISSUE: Final = "/rest/api/3/issue"


class Jira:
    """One project."""

    def __init__(self, project: Project, send: Send) -> None:
        self._project: Final = project
        self._send = send
        self._headers: Final = {
            "accept": "application/json",
            "authorization": basic(project.account or "", project.token),
        }

    def creation(self, issue: Issue) -> Call:
        """`POST /rest/api/3/issue`."""
        fields = {
            "project": {"key": self._project.project},
            "issuetype": {"name": self._project.issue_type or "Task"},
            "summary": issue.title,
            "description": _document(issue),
            "labels": [issue.marker],
        }
        return Call("POST", _ISSUE, {"fields": fields})

    def find(self, marker: str) -> Remote | None:
        """By its label, with the search that replaced `/rest/api/3/search`."""
        jql = f'project = "{self._project.project}" AND labels = "{marker}"'
        call = Call("POST", "/rest/api/3/search/jql", {"jql": jql, "maxResults": 1, "fields": ["status"]})
        issues = self._ask(call, 200)["issues"]
        return self._remote(issues[0]) if issues else None

    def create(self, issue: Issue) -> Remote:
        """Make it, and see in which status the project's workflow begins."""
        return self.read(str(self._ask(self.creation(issue), 201)["key"]))

    def update(self, id_: str, issue: Issue) -> None:
        """Summary and description; labels and people are left alone."""
        fields = {"summary": issue.title, "description": _document(issue)}
        self._ask(Call("PUT", f"{_ISSUE}/{quote(id_, safe='')}", {"fields": fields}), 204)

    def read(self, id_: str) -> Remote:
        """As it is now."""
        return self._remote(self._ask(Call("GET", f"{_ISSUE}/{quote(id_, safe='')}?fields=status"), 200))

    def move(self, id_: str, state: str) -> Remote:
        """By the transition that leads there, if the workflow has one from where it is."""
        path = f"{_ISSUE}/{quote(id_, safe='')}/transitions"
        transitions = self._ask(Call("GET", path), 200)["transitions"]
        leading = [one for one in transitions if one["to"]["name"].casefold() == state.casefold()]
        if not leading:
            names = ", ".join(sorted({one["to"]["name"] for one in transitions})) or "nowhere"
            raise TrackerError(f"the workflow of {id_} does not lead to {state!r}; it leads to {names}")
        self._ask(Call("POST", path, {"transition": {"id": leading[0]["id"]}}), 204)
        return self.read(id_)

    def _ask(self, call: Call, fine: int) -> Any:
        return self._send(call, self._headers, fine=(fine,))

    def _remote(self, found: dict[str, Any]) -> Remote:
        key = str(found["key"])
        return Remote(key, f"{self._project.url}/browse/{key}", str(found["fields"]["status"]["name"]))


def _document(issue: Issue) -> dict[str, Any]:
    content = [_paragraph(paragraph) for paragraph in issue.paragraphs if paragraph]
    if issue.quotes:
        content.append(_heading(issue.words["quotes"]))
        content.append({"type": "blockquote", "content": [_paragraph(one) for one in issue.quotes]})
    if issue.link is not None:
        link = {"type": "link", "attrs": {"href": issue.link}}
        text = {"type": "text", "text": issue.words["link"], "marks": [link]}
        content.append({"type": "paragraph", "content": [text]})
    return {"type": "doc", "version": 1, "content": content or [{"type": "paragraph", "content": []}]}


def _heading(text: str) -> dict[str, Any]:
    return {"type": "heading", "attrs": {"level": 3}, "content": [{"type": "text", "text": text}]}


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}
