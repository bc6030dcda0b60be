"""GitHub issues, by its REST API of 2022-11-28."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from service.trackers.adapters import Call, Issue, Project, Remote, Send

__all__ = ["STATES", "GitHub"]

STATES: Final = {
    "proposed": "open",
    "chosen": "open",
    "in_progress": "open",
    "done": "closed",
    "told": "closed",
}
"""GitHub knows two states."""


class GitHub:
    """One repository."""

    def __init__(self, project: Project, send: Send) -> None:
        owner, _, name = project.project.partition("/")
        self._base: Final = f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}/issues"
        self._send = send
        self._headers: Final = {
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
            "authorization": f"Bearer {project.token}",
        }

    def creation(self, issue: Issue) -> Call:
        """`POST /repos/{owner}/{repo}/issues`."""
        body = {"title": issue.title, "body": _markdown(issue), "labels": [issue.marker]}
        return Call("POST", self._base, body)

    def find(self, marker: str) -> Remote | None:
        """By its label; a list of issues holds pull requests too."""
        found = self._ask(Call("GET", f"{self._base}?state=all&labels={quote(marker, safe='')}&per_page=10"))
        return next((_remote(one) for one in found if "pull_request" not in one), None)

    def create(self, issue: Issue) -> Remote:
        """Make it; the label is made along with it."""
        return _remote(self._ask(self.creation(issue), 201))

    def update(self, id_: str, issue: Issue) -> None:
        """Title and body; labels and people are left alone."""
        body = {"title": issue.title, "body": _markdown(issue)}
        self._ask(Call("PATCH", f"{self._base}/{int(id_)}", body))

    def read(self, id_: str) -> Remote:
        """As it is now."""
        return _remote(self._ask(Call("GET", f"{self._base}/{int(id_)}")))

    def move(self, id_: str, state: str) -> Remote:
        """Open or closed, and why; `state_reason` counts together with `state` only."""
        reason = "completed" if state == "closed" else "reopened"
        return _remote(
            self._ask(Call("PATCH", f"{self._base}/{int(id_)}", {"state": state, "state_reason": reason}))
        )

    def _ask(self, call: Call, fine: int = 200) -> Any:
        return self._send(call, self._headers, fine=(fine,))


def _remote(found: dict[str, Any]) -> Remote:
    return Remote(str(found["number"]), str(found["html_url"]), str(found["state"]))


def _markdown(issue: Issue) -> str:
    parts = [_plain(paragraph) for paragraph in issue.paragraphs]
    if issue.quotes:
        parts.append(f"**{issue.words['quotes']}**")
        parts += [f"> {_plain(one)}" for one in issue.quotes]
    if issue.link is not None:
        parts.append(f"[{issue.words['link']}]({issue.link})")
    return "\n\n".join(parts)


def _plain(text: str) -> str:
    """Words that call nobody (@), refer to nothing (#) and are no markup."""
    text = " ".join(text.split())
    for sign in "\\`*_[]<>#|~":
        text = text.replace(sign, "\\" + sign)
    return text.replace("@", "@\u200b")
