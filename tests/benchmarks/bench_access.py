"""What finding out who asks adds to a classify request.

`python -m tests.benchmarks.bench_access` prints the table.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Message

from service.access.keys import KeyService
from service.actor import Actor
from service.app import create_app
from service.database.engine import Database
from service.database.migrate import upgrade
from service.models.live import ModelHost
from service.settings import Settings
from tests.benchmarks.command_line import arguments
from tests.benchmarks.tables import markdown, publish
from tests.service.support import fake_load

LIMIT_MS = 1.0
NAME = "python -m tests.benchmarks.bench_access --into docs/benchmarks.md"
_BODY = json.dumps({"items": [{"text": "Ik stond in de wacht."}]}).encode()
_REQUESTS = 400


def _scope(secret: str | None) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"host", b"127.0.0.1:8000")]
    if secret is not None:
        headers.append((b"authorization", f"Bearer {secret}".encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/classify",
        "raw_path": b"/v1/classify",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }


async def _ask(app: FastAPI, state: Mapping[str, Any], secret: str | None) -> float:
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": _BODY, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = _scope(secret) | {"state": dict(state)}
    began = time.perf_counter()
    await app(scope, receive, send)
    taken = (time.perf_counter() - began) * 1000
    assert statuses == [200]
    return taken


async def _medians(without: Settings, with_key: Settings, secret: str) -> tuple[float, float]:
    """Milliseconds without and with a key, asked in turns, so that a busy machine is as busy for both."""
    hosts = [ModelHost(lambda: Path("models/words/1"), fake_load) for _ in range(2)]
    plain, keyed = (
        create_app(settings, models_host=host)
        for settings, host in zip((without, with_key), hosts, strict=True)
    )
    taken: tuple[list[float], list[float]] = ([], [])
    async with plain.router.lifespan_context(plain) as one, keyed.router.lifespan_context(keyed) as other:
        for host in hosts:
            assert await asyncio.to_thread(host.wait, 10)
        for _ in range(_REQUESTS):
            taken[0].append(await _ask(plain, one or {}, None))
            taken[1].append(await _ask(keyed, other or {}, secret))
    return statistics.median(taken[0][50:]), statistics.median(taken[1][50:])


def measure(folder: Path) -> tuple[float, float]:
    """Median milliseconds of a request without and with a key."""
    url = f"sqlite:///{folder / 'feedback.db'}"
    database = Database(url)
    upgrade(database)
    with database.write() as session:
        made = KeyService(session, Actor("terminal")).create("bench", ["classify"], rate_limit=1_000_000)
    database.close()
    shutil.copy(folder / "feedback.db", folder / "open.db")
    common: dict[str, Any] = {"background": False}
    with_key = Settings(database_url=url, require_keys=True, **common)
    without = Settings(database_url=f"sqlite:///{folder / 'open.db'}", require_keys=False, **common)
    return asyncio.run(_medians(without, with_key, made.secret))


def publish_all(into: Path | None = None) -> float:
    """Milliseconds that a key adds."""
    with tempfile.TemporaryDirectory() as folder:
        plain, keyed = measure(Path(folder))
    added = keyed - plain
    header = (
        "median ms without a key",
        "with one",
        "added",
        f"ratio to the limit ({LIMIT_MS:g} ms)",
        "ratio to no key",
    )
    row = (f"{plain:.2f}", f"{keyed:.2f}", f"{added:.2f}", f"{added / LIMIT_MS:.2f}", f"{keyed / plain:.2f}")
    note = (
        f"`POST /v1/classify`, {_REQUESTS} requests of each in turns, in the application itself without a network; the "
        "model is a\nsmall stand-in, so that the rest is seen. The store is SQLite."
    )
    publish("access", f"{markdown(header, [row])}\n\n{note}", command=NAME, into=into)
    return added


@pytest.mark.bench
def test_authentication_adds_less_than_a_millisecond_at_the_median() -> None:
    assert publish_all() < LIMIT_MS


def main() -> None:
    publish_all(arguments(__doc__, models=False).into)


if __name__ == "__main__":
    main()
