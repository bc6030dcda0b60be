"""Latency and throughput of `POST /v1/classify` at 1 to 256 clients, beside an empty FastAPI endpoint.

Both profiles, one and two worker processes, and what micro-batching is worth to the profile accurate.
`BENCH_SMALL=1 python -m tests.benchmarks.bench_http` tries it small.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from feedback_nlp.scoring.engines import cores
from tests.benchmarks.command_line import arguments
from tests.benchmarks.models import Models, Profile, kept_models, put_live
from tests.benchmarks.programs import COMMAND, SINGLE, memory_of, small
from tests.benchmarks.tables import markdown, publish
from training.corpus import CORPUS

CLIENTS = small((1, 16, 64, 256), (1, 4))
BUSY = small(64, 4)
"""Clients that ask while two worker processes are measured."""
SECONDS = small(8.0, 1.0)
PROFILES: tuple[Profile, ...] = ("fast", "accurate")
NAME = "python -m tests.benchmarks.bench_http --into docs/benchmarks.md"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Load:
    """Answers a second, the median and 99th percentile of their milliseconds, and how many requests were refused."""

    clients: int
    rate: float
    median: float
    slow: float
    refused: int


@dataclass(frozen=True)
class Server:
    """A running server: its port, seconds until it was ready, and its process."""

    port: int
    ready: float
    pid: int

    def memory(self) -> list[float]:
        """MiB (resident) of each process that has a model."""
        parent = psutil.Process(self.pid)
        family = parent.children(recursive=True) or [parent]
        sizes = [one.memory_info().rss / 2**20 for one in family]
        return [size for size in sizes if size > max(sizes) / 3]


def bodies() -> list[bytes]:
    texts = [json.loads(line)["text"] for line in CORPUS.read_text("utf-8").splitlines()][:500]
    return [json.dumps({"items": [{"id": "1", "text": text}]}).encode() for text in texts]


async def ask(port: int, clients: int, seconds: float) -> Load:
    """So many clients, each with a connection of its own, ask one after another."""
    sent = bodies()
    times: list[float] = []
    refused = in_time = 0

    async def client(number: int) -> None:
        nonlocal refused, in_time
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = number
        while time.perf_counter() < until:
            body = sent[count % len(sent)]
            count += 1
            begin = time.perf_counter()
            writer.write(
                b"POST /v1/classify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\n\r\n%s" % (len(body), body)
            )
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(size)
            if head.split()[1] == b"200":
                ended = time.perf_counter()
                times.append(ended - begin)
                in_time += ended <= until
            else:
                refused += 1
        writer.close()

    until = time.perf_counter() + seconds
    await asyncio.gather(*(client(number) for number in range(clients)))
    assert times, f"none of {refused} requests was answered"
    times.sort()
    slow = times[min(len(times) - 1, int(0.99 * len(times)))]
    return Load(clients, in_time / seconds, 1000 * statistics.median(times), 1000 * slow, refused)


@contextmanager
def serving(command: Sequence[str], path: str, environment: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, **SINGLE, **environment},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            assert process.poll() is None, f"{' '.join(command)} ended with {process.returncode}"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                assert time.perf_counter() - began < 120
                time.sleep(0.02)
        yield Server(port, time.perf_counter() - began, process.pid)
    finally:
        process.terminate()
        process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


EMPTY = [sys.executable, "-m", "uvicorn", "tests.benchmarks.empty_app:app", "--log-level", "error"]
UNBATCHED = [
    sys.executable, "-m", "uvicorn", "tests.benchmarks.unbatched_app:create", "--factory", "--no-access-log",
    "--log-level", "error",
]  # fmt: skip


@dataclass(frozen=True)
class Processes:
    """What so many worker processes take: MiB of each (resident) and of all together (shared pages counted once)."""

    profile: Profile
    workers: int
    ready: float
    each: tuple[float, ...]
    together: float
    rate: float


@dataclass(frozen=True)
class Measured:
    """The loads of the empty endpoint, of both profiles, and of the profile accurate without micro-batching."""

    empty: tuple[Load, ...]
    ours: dict[Profile, tuple[Load, ...]]
    unbatched: tuple[Load, ...]
    processes: tuple[Processes, ...]


def loads(server: Server, clients: Sequence[int]) -> tuple[Load, ...]:
    asyncio.run(
        ask(server.port, min(16, max(clients)), min(1.0, SECONDS))
    )  # whatever is made at the first use
    return tuple(asyncio.run(ask(server.port, count, SECONDS)) for count in clients)


def processes_of(profile: Profile, workers: int, server: Server, busy: Load) -> Processes:
    together, _ = memory_of(server.pid)
    return Processes(profile, workers, server.ready, tuple(sorted(server.memory())), together, busy.rate)


def measure(models: Models) -> Measured:
    with serving(EMPTY, "/health/ready", {}) as server:
        empty = loads(server, CLIENTS)
    ours: dict[Profile, tuple[Load, ...]] = {}
    processes = []
    unbatched: tuple[Load, ...] = ()
    serve = [*COMMAND, "serve"]
    for profile in PROFILES:
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                "FEEDBACK_NLP_MODELS": str(put_live(models.of(profile), Path(folder) / "models")),
                "FEEDBACK_NLP_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
                "FEEDBACK_NLP_MAX_REQUESTS": "1024",
                "FEEDBACK_NLP_BACKGROUND": "false",
            }
            with serving(serve, "/health/ready", environment):
                pass  # migrates the store and warms the disk's cache
            with serving(serve, "/health/ready", environment) as server:
                ours[profile] = loads(server, CLIENTS)
                busy = next(load for load in ours[profile] if load.clients == BUSY)
                processes.append(processes_of(profile, 1, server, busy))
            with serving([*serve, "--workers", "2"], "/health/ready", environment) as server:
                (busy,) = loads(server, [BUSY])
                processes.append(processes_of(profile, 2, server, busy))
            if profile == "accurate":
                with serving(UNBATCHED, "/health/ready", environment) as server:
                    unbatched = loads(server, CLIENTS)
    return Measured(empty, ours, unbatched, tuple(processes))


def table(found: Measured) -> str:
    header = ("endpoint", "clients", "answers/s", "median ms", "99 % ms", "refused", "latency, ratio to empty",
              "rate, ratio to empty")  # fmt: skip
    named = {"empty": found.empty, **{f"`{profile}`": own for profile, own in found.ours.items()}}
    rows = [
        (name, load.clients, f"{load.rate:,.0f}", f"{load.median:,.1f}", f"{load.slow:,.1f}", load.refused,
         f"{load.median / empty.median:.1f}", f"{load.rate / empty.rate:.3f}")
        for name, own in named.items()
        for load, empty in zip(own, found.empty, strict=True)
    ]  # fmt: skip
    memory = [
        (f"`{one.profile}`", one.workers, f"{one.ready:.2f}", ", ".join(f"{size:,.0f}" for size in one.each),
         f"{one.together:,.0f}", f"{one.rate:,.0f}", f"{one.rate / single(found, one.profile):.2f}")
        for one in found.processes
    ]  # fmt: skip
    batching = [
        (with_it.clients, f"{with_it.rate:,.0f}", f"{alone.rate:,.0f}", f"{with_it.rate / alone.rate:.2f}",
         f"{with_it.median:,.1f}", f"{alone.median:,.1f}", f"{with_it.median / alone.median:.2f}")
        for with_it, alone in zip(found.ours["accurate"], found.unbatched, strict=True)
    ]  # fmt: skip
    return "\n\n".join(
        (
            markdown(header, rows),
            markdown(
                ("profile", "worker processes", "seconds from start to ready", "resident MiB of each",
                 "MiB together, shared counted once", f"answers/s, {BUSY} clients", "ratio to one process"),
                memory,
            ),
            markdown(
                ("`accurate`, clients", "answers/s with micro-batching", "without", "ratio", "median ms with it",
                 "without", "ratio"),
                batching,
            ),
        )
    )  # fmt: skip


def single(found: Measured, profile: Profile) -> float:
    """The rate of one worker process."""
    return next(one.rate for one in found.processes if one.profile == profile and one.workers == 1)


def publish_all(models: Models, into: Path | None = None) -> Measured:
    found = measure(models)
    note = (
        f"`POST /v1/classify` with one text a request, {SECONDS:g} s each; clients and server share the machine's "
        f"{cores()} cores; one worker\nprocess where not said otherwise. The empty endpoint takes the same body as a "
        "plain dict of FastAPI and answers a\nconstant. Each server was asked for a second before it was measured."
    )
    publish("http", f"{table(found)}\n\n{note}", command=NAME, into=into)
    return found


@pytest.mark.bench
def test_no_request_of_256_clients_is_refused_or_lost(models: Models) -> None:
    found = publish_all(models)
    assert {profile: sum(load.refused for load in own) for profile, own in found.ours.items()} == {
        "fast": 0,
        "accurate": 0,
    }


def main() -> None:
    options = arguments(__doc__)
    with kept_models(options.models) as models:
        publish_all(models, options.into)


if __name__ == "__main__":
    main()
