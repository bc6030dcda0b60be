"""Latency and throughput of `POST /v1/classify` at 1 to 256 clients, beside an empty FastAPI endpoint.

`python -m tests.benchmarks.bench_http --seconds 2 --model FOLDER` tries it small. FOLDER is `MODELS/NAME/VERSION`.
"""

from __future__ import annotations

import argparse
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

from feedback_nlp.registry import Registry, default_models_folder
from tests.benchmarks.programs import COMMAND, SINGLE, trained
from tests.benchmarks.tables import markdown, publish
from training.corpus import CORPUS

CLIENTS = (1, 16, 64, 256)
SECONDS = 10.0
NAME = "python -m tests.benchmarks.bench_http --into docs/benchmarks.md"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Load:
    """Answers a second, and the median and 99th percentile of their milliseconds."""

    rate: float
    median: float
    slow: float
    refused: int


@dataclass(frozen=True)
class Server:
    """A running server: its port, seconds until it was ready, and MiB (resident) of each process that has a model."""

    port: int
    ready: float
    pid: int

    def memory(self) -> list[float]:
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
    refused = 0

    async def client(number: int) -> None:
        nonlocal refused
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
                times.append(time.perf_counter() - begin)
            else:
                refused += 1
        writer.close()

    until = time.perf_counter() + seconds
    await asyncio.gather(*(client(number) for number in range(clients)))
    times.sort()
    slow = times[min(len(times) - 1, int(0.99 * len(times)))]
    return Load(len(times) / seconds, 1000 * statistics.median(times), 1000 * slow, refused)


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


def measure(model: Path, seconds: float, clients: Sequence[int]) -> tuple[str, str]:
    """The table of loads, and that of processes."""
    models = model.parents[1]
    ours = [*COMMAND, "serve"]
    empty = [sys.executable, "-m", "uvicorn", "tests.benchmarks.empty_app:app", "--log-level", "error"]
    loads: dict[str, list[Load]] = {}
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "FEEDBACK_NLP_MODELS": str(models),
            "FEEDBACK_NLP_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
            "FEEDBACK_NLP_MAX_REQUESTS": "1024",
            "FEEDBACK_NLP_BACKGROUND": "false",
        }
        with serving(ours, "/health/ready", environment):
            pass  # migrates the store and warms the disk's cache
        for name, command, path in (("empty", empty, "/health/ready"), ("ours", ours, "/health/ready")):
            with serving(command, path, environment) as server:
                asyncio.run(ask(server.port, 16, min(1.0, seconds)))
                loads[name] = [asyncio.run(ask(server.port, count, seconds)) for count in clients]
                if name == "ours":
                    processes.append((1, server.ready, server.memory()))
        with serving([*ours, "--workers", "2"], "/health/ready", environment) as server:
            asyncio.run(ask(server.port, 64, seconds))
            processes.append((2, server.ready, server.memory()))
    rows = [
        (count, f"{one.rate:,.0f}", f"{one.median:.1f}", f"{one.slow:.1f}", f"{other.rate:,.0f}", f"{other.median:.1f}",
         f"{one.median / other.median:.1f}", f"{other.rate / one.rate:.1f}")
        for count, one, other in zip(clients, loads["ours"], loads["empty"], strict=True)
    ]  # fmt: skip
    header = (
        "clients", "answers/s", "median ms", "99 % ms", "empty endpoint: answers/s", "median ms",
        "latency, ratio to empty", "empty's rate to ours",
    )  # fmt: skip
    memory = [
        (workers, f"{ready:.2f}", ", ".join(f"{size:,.0f}" for size in sorted(sizes)))
        for workers, ready, sizes in processes
    ]
    return markdown(header, rows), markdown(
        ("worker processes", "seconds from start to ready", "resident MiB of each"), memory
    )


def publish_all(model: Path | None, seconds: float, into: Path | None = None) -> None:
    with tempfile.TemporaryDirectory(dir=default_models_folder()) as scratch:
        if model is None:
            model = trained("fast", Path(scratch))
        models = model.parents[1]
        if not (models / "registry.json").exists():
            Registry.load(models).activate(
                model.relative_to(models).as_posix(), by="bench", why="bench", action="first"
            )
        loads, processes = measure(model, seconds, CLIENTS)
    note = (
        f"One text a request, {seconds:g} s each; clients and server share the machine, one worker process; the empty "
        "endpoint takes\nthe same body as a plain dict of FastAPI and answers a constant."
    )
    publish("http", f"{loads}\n\n{processes}\n\n{note}", command=NAME, into=into)


@pytest.mark.bench
def test_latency_is_told_beside_that_of_an_empty_endpoint() -> None:
    publish_all(None, SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--model", type=Path, help="a model that stands, instead of training one")
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    publish_all(options.model, options.seconds, options.into)


if __name__ == "__main__":
    main()
