"""Azure DevOps work items, by its REST API 7.1; changes are sent as JSON Patch (RFC 6902)."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from service.trackers.adapters import Call, Issue, Project, Remote, Send, TrackerError
from service.trackers.basic import basic

__all__ = ["STATES", "AzureDevOps"]

STATES: Final = {
    "proposed": "To Do",
    "chosen": "To Do",
    "in_progress": "Doing",
    "done": "Done",
    "told": "Done",
}
"""States of the process Basic; Agile has New, Active and Closed, Scrum has New, Committed and Done."""

_VERSION: Final = "api-version=7.1"
_PATCH: Final = "application/json-patch+json"


class AzureDevOps:
    """One project of an organisation."""

    def __init__(self, project: Project, send: Send) -> None:
        organisation, _, name = project.project.partition("/")
        self._base: Final = f"/{quote(organisation, safe='')}/{quote(name, safe='')}"
        self._url: Final = project.url
        self._type: Final = project.issue_type or "Issue"
        self._send = send
        self._headers: Final = {"accept": "application/json", "authorization": basic("", project.token)}

    def creation(self, issue: Issue) -> Call:
        """`POST /{organization}/{project}/_apis/wit/workitems/${type}`."""
        path = f"{self._base}/_apis/wit/workitems/${quote(self._type, safe='')}?{_VERSION}"
        return Call("POST", path, [*_words(issue), _set("System.Tags", issue.marker)], _PATCH)

    def find(self, marker: str) -> Remote | None:
        """By its tag."""
        where = f"[System.TeamProject] = @project AND [System.Tags] CONTAINS '{marker}'"
        wiql = f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY [System.Id]"  # noqa: S608 - no SQL  # nosec
        found = self._ask(Call("POST", f"{self._base}/_apis/wit/wiql?{_VERSION}", {"query": wiql}))
        for one in found["workItems"][:20]:
            item = self._ask(Call("GET", self._path(str(one["id"]))))
            tags = [tag.strip() for tag in str(item["fields"].get("System.Tags", "")).split(";")]
            if marker in tags:  # CONTAINS also finds feedback-nlp-12 when feedback-nlp-1 is asked for
                return self._remote(item)
        return None

    def create(self, issue: Issue) -> Remote:
        """Make it."""
        return self._remote(self._ask(self.creation(issue)))

    def update(self, id_: str, issue: Issue) -> None:
        """Title and description; tags and people are left alone."""
        self._ask(Call("PATCH", self._path(id_), _words(issue), _PATCH))

    def read(self, id_: str) -> Remote:
        """As it is now."""
        return self._remote(self._ask(Call("GET", self._path(id_))))

    def move(self, id_: str, state: str) -> Remote:
        """Set the state; a process that has no such state says so."""
        return self._remote(self._ask(Call("PATCH", self._path(id_), [_set("System.State", state)], _PATCH)))

    def _path(self, id_: str) -> str:
        return f"{self._base}/_apis/wit/workitems/{int(id_)}?{_VERSION}"

    def _ask(self, call: Call) -> Any:
        answer = self._send(call, self._headers, fine=(200,))
        if not isinstance(answer, Mapping):
            # A token that is not valid is answered with 203 and a page to sign in, which `fine` refuses already.
            raise TrackerError("the answer is not an object")
        return answer

    def _remote(self, found: Mapping[str, Any]) -> Remote:
        id_ = str(found["id"])
        links = found.get("_links", {}).get("html", {})
        url = str(links.get("href") or f"{self._url}{self._base}/_workitems/edit/{id_}")
        return Remote(id_, url, str(found["fields"]["System.State"]))


def _words(issue: Issue) -> list[dict[str, Any]]:
    parts = [f"<p>{html.escape(paragraph)}</p>" for paragraph in issue.paragraphs if paragraph]
    if issue.quotes:
        parts.append(f"<h3>{html.escape(issue.words['quotes'])}</h3>")
        parts += [f"<blockquote>{html.escape(one)}</blockquote>" for one in issue.quotes]
    if issue.link is not None:
        parts.append(f'<p><a href="{html.escape(issue.link)}">{html.escape(issue.words["link"])}</a></p>')
    return [_set("System.Title", issue.title), _set("System.Description", "".join(parts))]


def _set(name: str, value: str) -> dict[str, Any]:
    return {"op": "add", "path": f"/fields/{name}", "value": value}
