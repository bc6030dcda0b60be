from __future__ import annotations

import json
import re
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from pydantic import SecretStr

from feedback_nlp.privacy import Redactor
from service.app import create_app
from service.database.engine import Database
from service.jobs.worker import JobWorker
from service.models.live import ModelHost
from service.settings import Settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
OURS = ("/v1/", "/v2", "/health/", "/metrics", "/signals_mltool/")
UPLOADS = {
    "@enquete.csv": (
        "enquete.csv",
        b"id;text;filiaal\na1;De premie is hoog.;Zwolle\na2;De website werkt.;Assen\na3;;Zwolle\n",
    )
}
VARIABLES = {"$URL": "", "$AUTH": "Authorization: Bearer none", "$MODEL": "feedback-words", "$VERSION": "1"}


def examples() -> Iterator[tuple[str, str | None]]:
    """Each command of the document with the answer that follows it, if any."""
    blocks = re.findall(r"^```(sh|json)\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for index, (kind, content) in enumerate(blocks):
        if kind == "sh":
            following = blocks[index + 1] if index + 1 < len(blocks) else ("", "")
            yield content, following[1] if following[0] == "json" else None


def run(client: TestClient, command: str) -> Any:
    for name, value in VARIABLES.items():
        command = command.replace(name, value)
    arguments = iter(shlex.split(command)[2:])
    method, url, headers, body = None, "", {}, None
    form: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for argument in arguments:
        if argument == "-X":
            method = next(arguments)
        elif argument == "-H":
            name, _, value = next(arguments).partition(": ")
            headers[name] = value
        elif argument == "-d":
            body = next(arguments)
        elif argument == "-F":
            name, _, value = next(arguments).partition("=")
            if value.startswith("@"):
                files[name] = UPLOADS[value]
            else:
                form[name] = value
        else:
            url = argument
    headers.pop("Authorization", None)  # access has tests of its own; here everything is open
    method = method or ("POST" if body or files else "GET")
    return client.request(
        method, url, headers=headers, content=body and body.encode(), data=form or None, files=files or None
    )


def agrees(shown: Any, actual: Any) -> bool:
    """Whether an answer is as the document shows it; an ellipsis stands for anything, and for further entries."""
    if shown == "…":
        return True
    if isinstance(shown, dict):
        further = shown.get("…") == "…"
        return (
            isinstance(actual, dict)
            and (further or shown.keys() == actual.keys())
            and all(
                name in actual and agrees(value, actual[name]) for name, value in shown.items() if name != "…"
            )
        )
    if isinstance(shown, list):
        if not isinstance(actual, list):
            return False
        further = bool(shown) and shown[-1] == "…"
        expected = shown[:-1] if further and len(shown) > 1 else shown
        fits = len(actual) >= len(expected) if further else len(actual) == len(expected)
        return fits and all(agrees(one, other) for one, other in zip(expected, actual, strict=False))
    return bool(shown == actual)


@pytest.fixture
def client(sqlite_url: str, host: ModelHost) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sqlite_url,
        background=False,
        require_keys=False,
        secrets_keys=[SecretStr(Fernet.generate_key().decode())],
    )
    with TestClient(create_app(settings, models_host=host)) as client:
        assert host.wait(30)
        yield client


def test_every_example_answers_as_shown_and_every_call_has_one(
    client: TestClient, host: ModelHost, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    worker = JobWorker(database, host, Redactor.default())
    called: set[tuple[str, str]] = set()
    operations = {
        (method.upper(), path)
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        for method in methods
        if path.startswith(OURS)
    }
    for command, shown in examples():
        response = run(client, command)
        path = response.request.url.path
        called |= {
            (method, template)
            for method, template in operations
            if method == response.request.method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        }
        assert response.status_code < 500, command
        if shown is None:
            assert response.is_success, f"{command}\n{response.text}"
            continue
        expected = json.loads(shown)
        assert response.status_code == (expected["status"] if "title" in expected else response.status_code)
        lines = response.headers["content-type"].startswith("application/jsonl")
        actual = json.loads(response.text.splitlines()[0]) if lines else response.json()
        assert agrees(expected, actual), f"{command}\n{json.dumps(actual, ensure_ascii=False)}"
        while worker.step(threading.Event()):
            pass
    database.close()
    assert operations - called == set()


def test_the_comparison_notices_what_differs() -> None:
    assert agrees({"a": [1, "…"], "…": "…"}, {"a": [1, 2, 3], "b": 4})
    assert not agrees({"a": 1}, {"a": 1, "b": 2})
    assert not agrees({"a": 1, "…": "…"}, {"b": 1})
    assert not agrees([1], [1, 2])
    assert not agrees([1, 2, "…"], [1])
