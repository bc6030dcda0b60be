"""The service as a program of its own, and clients that send it feedback without pause."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

__all__ = ["Clients", "Served", "serving"]


@dataclass(frozen=True)
class Served:
    """A running `feedback-nlp serve`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until_ready(self, seconds: float) -> float:
        """How many seconds that took."""
        began = time.monotonic()
        while not self.is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < began + seconds, self.log.read_text()
            time.sleep(0.05)
        return time.monotonic() - began


@contextmanager
def serving(store: str, models: Path, folder: Path, *options: str, **environment: str) -> Iterator[Served]:
    """The service on a store, with the live model of `models`; it is ready."""
    port = _free_port()
    log = folder / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "feedback_nlp.cli", "serve", "--port", str(port), "--models", str(models), *options],
            env={**os.environ, "FEEDBACK_NLP_DATABASE_URL": store, "OMP_NUM_THREADS": "1", **environment},
            stdout=written,
            stderr=written,
        )  # fmt: skip
        served = Served(f"http://127.0.0.1:{port}", process, log)
        try:
            served.wait_until_ready(300)
            yield served
        finally:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Clients:
    """Threads that each send one request after another on a connection they keep, every one with an id of its own.

    Attributes:
        served: Where to.
        key: The API key they have.
        count: How many threads.
        pause: Seconds between two requests of a thread.
        items: Items in a request.
        prefix: Of all ids.
        accepted: Ids of requests that were answered 201.
        refused: Id to answer, of all other answers.
        unanswered: Id to what went wrong with the connection, where no answer came.
    """

    served: Served
    key: str
    count: int
    pause: float = 0.01
    items: int = 1
    prefix: str = ""
    accepted: list[str] = field(default_factory=list)
    refused: dict[str, httpx.Response] = field(default_factory=dict)
    unanswered: dict[str, httpx.TransportError] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(self.count)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Send nothing more, and wait for the last answers."""
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a request was never answered"

    def wait_for(self, more: int, seconds: float = 60) -> None:
        """Until so many more requests are accepted than now."""
        wanted, deadline = len(self.accepted) + more, time.monotonic() + seconds
        while len(self.accepted) < wanted:
            assert time.monotonic() < deadline, self.served.log.read_text()[-4000:]
            time.sleep(0.02)

    def send(self, client: httpx.Client, id_: str) -> httpx.Response:
        """Send one request; the items' own ids begin with its id, the first one's is just that."""
        items = [
            {"source": "drill", "external_id": own, "text": f"Bericht {own}: ik stond lang in de wacht."}
            for own in self.ids_of(id_)
        ]
        return client.post("/v1/feedback", json={"items": items})

    def ids_of(self, id_: str) -> list[str]:
        """The ids of a request's items."""
        return [id_, *(f"{id_}-{number}" for number in range(1, self.items))]

    def client(self) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.served.url, headers=headers, timeout=90)

    def _run(self, number: int) -> None:
        with self.client() as client:
            turn = 0
            while not self._stop.wait(self.pause):
                id_, turn = f"{self.prefix}{number}-{turn}", turn + 1
                try:
                    answer = self.send(client, id_)
                except httpx.TransportError as exc:
                    self.unanswered[id_] = exc
                    continue
                if answer.status_code == 201:
                    self.accepted.append(id_)
                else:
                    self.refused[id_] = answer
