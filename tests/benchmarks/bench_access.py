"""What finding out who asks adds to a classify request."""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
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
from tests.service.support import fake_load

pytestmark = pytest.mark.bench

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


def test_authentication_adds_less_than_a_millisecond_at_the_median(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    database = Database(url)
    upgrade(database)
    with database.write() as session:
        made = KeyService(session, Actor("terminal")).create("bench", ["classify"], rate_limit=1_000_000)
    database.close()
    shutil.copy(tmp_path / "feedback.db", tmp_path / "open.db")
    common: dict[str, Any] = {"background": False}
    with_key = Settings(database_url=url, require_keys=True, **common)
    without = Settings(database_url=f"sqlite:///{tmp_path / 'open.db'}", require_keys=False, **common)
    plain, keyed = asyncio.run(_medians(without, with_key, made.secret))
    with capsys.disabled():
        print(f"\nclassify without a key {plain:.3f} ms, with one {keyed:.3f} ms: {keyed - plain:+.3f} ms")
    assert keyed - plain < 1.0
