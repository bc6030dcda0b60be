"""Each tracker as a real HTTP server that holds its clients to the contract its documentation describes.

GitHub: REST API 2022-11-28, "Issues". Jira Cloud: REST API v3, "Issues", "Issue search", and the Atlassian Document
Format. Azure DevOps: REST API 7.1, "Work Items" and "Wiql". What a client may not send is answered as they answer it,
so that a test that passes here has sent what they take.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Reply = tuple[int, Any]


class Fake:
    """A server with issues; `failures` are answered first, one a request."""

    token = "geheim-123"

    def __init__(self) -> None:
        self.issues: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str, Any]] = []
        self.failures: list[tuple[int, dict[str, str], Any]] = []
        self.last = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(length)
                body = json.loads(raw) if raw else None
                headers = {name.lower(): value for name, value in self.headers.items()}
                fake.calls.append((self.command, self.path, body))
                extra: dict[str, str] = {}
                if fake.failures:
                    status, extra, answer = fake.failures.pop(0)
                else:
                    status, answer = fake.answer(self.command, self.path, headers, body)
                content = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                if content:
                    self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_PUT = _handle  # noqa: N815 - names that the server looks for

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def changes(self) -> list[tuple[str, str, Any]]:
        """Requests that change something."""
        looks = ("/search/jql", "/wiql")
        return [
            call for call in self.calls if call[0] != "GET" and not any(look in call[1] for look in looks)
        ]

    def answer(self, method: str, path: str, headers: dict[str, str], body: Any) -> Reply:
        parts = urlsplit(path)
        if not self.is_let_in(headers):
            return self.refuse()
        for verb, pattern, handle in self.routes():
            match = re.fullmatch(pattern, unquote(parts.path))
            if verb == method and match:
                return handle(match, parse_qs(parts.query), headers, body)
        return 404, {"message": "Not Found"}

    def is_let_in(self, headers: dict[str, str]) -> bool:
        raise NotImplementedError

    def refuse(self) -> Reply:
        return 401, {"message": "Bad credentials"}

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        raise NotImplementedError

    def state(self, id_: str) -> str:
        raise NotImplementedError

    def put_state(self, id_: str, state: str) -> None:
        raise NotImplementedError

    def words(self, id_: str) -> str:
        """Title and text of an issue, as far as one can read."""
        raise NotImplementedError


class FakeGitHub(Fake):
    """`voorbeeld/verbeteringen`."""

    kind, project, account = "github", "voorbeeld/verbeteringen", None
    open_state, busy_state, done_state = "open", "open", "closed"

    def is_let_in(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {self.token}"

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        base = "/repos/voorbeeld/verbeteringen/issues"
        return [
            ("GET", base, self._list),
            ("POST", base, self._create),
            ("GET", base + r"/(\d+)", self._get),
            ("PATCH", base + r"/(\d+)", self._patch),
        ]

    def _list(self, match: Any, query: dict[str, list[str]], headers: dict[str, str], body: Any) -> Reply:
        wanted = query.get("labels", [""])[0].split(",")
        state = query.get("state", ["open"])[0]
        found = [
            one
            for one in self.issues.values()
            if all(label in [known["name"] for known in one["labels"]] for label in wanted)
            and state in ("all", one["state"])
        ]
        pull = {"number": 900, "html_url": "x", "state": "open", "pull_request": {}, "labels": []}
        return 200, [pull, *found]

    def _create(self, match: Any, query: Any, headers: dict[str, str], body: Any) -> Reply:
        if headers.get("x-github-api-version") != "2022-11-28" or not isinstance(body.get("title"), str):
            return 422, {"message": "Validation Failed"}
        self.last += 1
        number = self.last
        self.issues[str(number)] = {
            "number": number,
            "html_url": f"https://github.com/voorbeeld/verbeteringen/issues/{number}",
            "state": "open",
            "state_reason": None,
            "title": body["title"],
            "body": body.get("body"),
            "labels": [{"name": name} for name in body.get("labels", [])],
        }
        return 201, self.issues[str(number)]

    def _get(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        found = self.issues.get(match[1])
        return (200, found) if found else (404, {"message": "Not Found"})

    def _patch(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        found = self.issues.get(match[1])
        if found is None:
            return 404, {"message": "Not Found"}
        if body.get("state", "open") not in ("open", "closed"):
            return 422, {"message": "Validation Failed"}
        if "state_reason" in body and "state" not in body:
            return 422, {"message": "Validation Failed"}
        found |= {name: body[name] for name in ("title", "body", "state", "state_reason") if name in body}
        return 200, found

    def state(self, id_: str) -> str:
        return str(self.issues[id_]["state"])

    def put_state(self, id_: str, state: str) -> None:
        self.issues[id_]["state"] = state

    def words(self, id_: str) -> str:
        return f"{self.issues[id_]['title']} {self.issues[id_]['body']}"


class FakeJira(Fake):
    """Project CX, with a workflow that leads from To Do over In Progress to Done and back."""

    kind, project, account = "jira", "CX", "cx@voorbeeld.nl"
    open_state, busy_state, done_state = "To Do", "In Progress", "Done"
    STATES = ("To Do", "In Progress", "In Review", "Done")

    def is_let_in(self, headers: dict[str, str]) -> bool:
        expected = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        return headers.get("authorization") == f"Basic {expected}"

    def refuse(self) -> Reply:
        return 401, {"errorMessages": ["You are not authenticated."], "errors": {}}

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        base = "/rest/api/3/issue"
        return [
            ("POST", "/rest/api/3/search/jql", self._search),
            ("POST", base, self._create),
            ("GET", base + r"/(CX-\d+)", self._get),
            ("PUT", base + r"/(CX-\d+)", self._put),
            ("GET", base + r"/(CX-\d+)/transitions", self._transitions),
            ("POST", base + r"/(CX-\d+)/transitions", self._transition),
        ]

    def _search(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        asked = re.fullmatch(r'project = "CX" AND labels = "([^"]+)"', body["jql"])
        if asked is None or set(body) - {"jql", "maxResults", "fields", "nextPageToken"}:
            return 400, {"errorMessages": ["Error in the JQL Query"], "errors": {}}
        found = [one for one in self.issues.values() if asked[1] in one["fields"]["labels"]]
        return 200, {"issues": [self._shown(one) for one in found], "isLast": True}

    def _create(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        fields = body["fields"]
        faults = {}
        if fields.get("project") != {"key": "CX"}:
            faults["project"] = "valid project is required"
        if fields.get("issuetype") != {"name": "Task"}:
            faults["issuetype"] = "Specify a valid issue type"
        if not is_document(fields.get("description")):
            faults["description"] = "Operation value must be an Atlassian Document"
        if "\n" in fields.get("summary", "\n") or len(fields["summary"]) > 255:
            faults["summary"] = "Summary must be one line of at most 255 characters"
        if faults:
            return 400, {"errorMessages": [], "errors": faults}
        self.last += 1
        key = f"CX-{self.last}"
        self.issues[key] = {
            "id": str(10_000 + self.last),
            "key": key,
            "fields": {**fields, "status": {"name": "To Do"}},
        }
        return 201, {"id": str(10_000 + self.last), "key": key, "self": f"{self.url}/rest/api/3/issue/{key}"}

    def _get(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        found = self.issues.get(match[1])
        return (200, self._shown(found)) if found else (404, {"errorMessages": ["Issue does not exist"]})

    def _put(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        if match[1] not in self.issues or not is_document(body["fields"]["description"]):
            return 400, {"errorMessages": ["cannot be set"], "errors": {}}
        self.issues[match[1]]["fields"] |= body["fields"]
        return 204, None

    def _transitions(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        now = self.state(match[1])
        return 200, {
            "transitions": [
                {"id": str(10 * place + 11), "name": f"Naar {name}", "to": {"name": name}}
                for place, name in enumerate(self.STATES)
                if name != now
            ]
        }

    def _transition(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        place = (int(body["transition"]["id"]) - 11) // 10
        self.put_state(match[1], self.STATES[place])
        return 204, None

    @staticmethod
    def _shown(found: dict[str, Any]) -> dict[str, Any]:
        return {"id": found["id"], "key": found["key"], "fields": {"status": found["fields"]["status"]}}

    def state(self, id_: str) -> str:
        return str(self.issues[id_]["fields"]["status"]["name"])

    def put_state(self, id_: str, state: str) -> None:
        self.issues[id_]["fields"]["status"] = {"name": state}

    def words(self, id_: str) -> str:
        fields = self.issues[id_]["fields"]
        return f"{fields['summary']} {json.dumps(fields['description'], ensure_ascii=False)}"


class FakeAzure(Fake):
    """`voorbeeld/Verbeteren`, with the process Basic."""

    kind, project, account = "azure", "voorbeeld/Verbeteren", None
    open_state, busy_state, done_state = "To Do", "Doing", "Done"
    STATES = ("To Do", "Doing", "Done")

    def is_let_in(self, headers: dict[str, str]) -> bool:
        expected = base64.b64encode(f":{self.token}".encode()).decode()
        return headers.get("authorization") == f"Basic {expected}"

    def refuse(self) -> Reply:
        return 203, {"not": "signed in"}

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        base = "/voorbeeld/Verbeteren/_apis/wit"
        return [
            ("POST", base + r"/workitems/\$Issue", self._create),
            ("GET", base + r"/workitems/(\d+)", self._get),
            ("PATCH", base + r"/workitems/(\d+)", self._patch),
            ("POST", base + "/wiql", self._wiql),
        ]

    def _wiql(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        asked = re.search(r"\[System\.Tags\] CONTAINS '([^']+)'", body["query"])
        if query.get("api-version") != ["7.1"] or asked is None:
            return 400, {"message": "TF51005: The query references a field that does not exist."}
        found = [one for one in self.issues.values() if asked[1] in one["fields"]["System.Tags"]]
        return 200, {"workItems": [{"id": one["id"], "url": "x"} for one in found]}

    def _create(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        refused = self._unusable(query, headers, body)
        if refused:
            return refused
        self.last += 1
        fields: dict[str, Any] = {"System.State": "To Do", "System.WorkItemType": "Issue"}
        self.issues[str(self.last)] = {"id": self.last, "rev": 1, "fields": fields}
        return self._apply(str(self.last), body)

    def _get(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        found = self.issues.get(match[1])
        return (200, self._shown(found)) if found else (404, {"message": "TF401232: does not exist"})

    def _patch(self, match: Any, query: Any, headers: Any, body: Any) -> Reply:
        refused = self._unusable(query, headers, body)
        if refused:
            return refused
        if match[1] not in self.issues:
            return 404, {"message": "TF401232: does not exist"}
        return self._apply(match[1], body)

    def _unusable(self, query: Any, headers: Any, body: Any) -> Reply | None:
        if query.get("api-version") != ["7.1"]:
            return 400, {"message": "No api-version was supplied"}
        if headers.get("content-type") != "application/json-patch+json":
            return 415, {"message": "The request entity's media type is not supported"}
        if not isinstance(body, list) or not all({"op", "path", "value"} <= set(one) for one in body):
            return 400, {"message": "You must pass a valid patch document in the body of the request."}
        return None

    def _apply(self, id_: str, body: list[dict[str, Any]]) -> Reply:
        fields = dict(self.issues[id_]["fields"])
        for one in body:
            fields[one["path"].removeprefix("/fields/")] = one["value"]
        if fields["System.State"] not in self.STATES:
            return 400, {"message": "The field 'State' contains a value that is not in the list"}
        self.issues[id_]["fields"] = fields
        self.issues[id_]["rev"] += 1
        return 200, self._shown(self.issues[id_])

    def _shown(self, found: dict[str, Any]) -> dict[str, Any]:
        href = f"https://dev.azure.com/voorbeeld/Verbeteren/_workitems/edit/{found['id']}"
        return {**found, "_links": {"html": {"href": href}}}

    def state(self, id_: str) -> str:
        return str(self.issues[id_]["fields"]["System.State"])

    def put_state(self, id_: str, state: str) -> None:
        self.issues[id_]["fields"]["System.State"] = state

    def words(self, id_: str) -> str:
        fields = self.issues[id_]["fields"]
        return f"{fields['System.Title']} {fields['System.Description']}"


def is_document(found: Any) -> bool:
    """Whether this is an Atlassian document of the nodes that we send."""
    if not isinstance(found, dict) or found.get("type") != "doc" or found.get("version") != 1:
        return False
    return all(_is_block(block) for block in found["content"])


def _is_block(block: dict[str, Any]) -> bool:
    if block["type"] == "blockquote":
        return all(inner["type"] == "paragraph" and _is_block(inner) for inner in block["content"])
    if block["type"] == "heading" and block["attrs"]["level"] not in range(1, 7):
        return False
    return block["type"] in ("paragraph", "heading") and all(
        text["type"] == "text" and text["text"] for text in block["content"]
    )
