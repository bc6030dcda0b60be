"""`kill -9` at random moments, and what is left of the work: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service.actor import LOCAL
from service.database.engine import Database
from service.events.outbox import Outbox
from service.events.repository import EventsRepository
from service.events.tables import DeliveryRow, EventRow
from service.feedback.tables import AnalysisRow, FeedbackRow
from service.jobs.repository import JobsRepository
from service.jobs.tables import JobRow

ROOT = Path(__file__).parents[2]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Workers:
    """Starts worker processes, one at a time, and kills them with `kill -9`."""

    def __init__(self) -> None:
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.workers"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._alive: int | None = None

    def start(self, kind: str, url: str) -> None:
        """A worker that has begun to work."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{kind} {url}\n".encode())
        self._nursery.stdin.flush()
        said = self._nursery.stdout.readline()
        assert said.strip().isdigit(), f"the worker did not start: {said!r}"
        self._alive = int(said)

    def kill(self) -> None:
        """`kill -9`, if one is alive; afterwards it is gone."""
        if self._alive is None:
            return
        os.kill(self._alive, signal.SIGKILL)
        while is_there(self._alive):
            time.sleep(0.005)
        self._alive = None

    def close(self) -> None:
        """End all of it."""
        self.kill()
        self._nursery.kill()
        self._nursery.communicate()

    def work_and_be_killed(self, kind: str, url: str, after: float) -> None:
        """Work for so many seconds."""
        self.start(kind, url)
        time.sleep(after)
        self.kill()

    def work_until(self, kind: str, url: str, done: Callable[[], bool], seconds: float) -> None:
        """Work until it is done."""
        self.start(kind, url)
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, "the work was not finished"
            time.sleep(0.1)
        self.kill()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.close()


def every_row_is_there_once(
    workers: Workers, database: Database, url: str, rows: int, kills: int, longest: float
) -> None:
    chance = _chance()
    # Every other row has no id: there nothing but the count of rows can keep it from being doubled.
    lines = (f"{f'n{n}' if n % 2 else ''},Bericht {n} over de premie\n" for n in range(rows))
    with database.write() as session:
        job = JobRow(
            kind="import", created_by="drill", filename="a.csv", format="csv", options={"source": "drill"}
        )
        job_id = JobsRepository(session).add(job, BytesIO(("id,text\n" + "".join(lines)).encode())).id

    def status() -> tuple[str, int]:
        with database.read() as session:
            found = session.get(JobRow, job_id)
            assert found is not None
            return found.status, found.rows_done

    seen: list[int] = []
    for _ in range(kills):
        workers.work_and_be_killed("jobs", url, chance.uniform(0, longest))
        seen.append(status()[1])
        time.sleep(1.1)  # the dead worker's lease
    assert seen == sorted(seen)
    print(f"rows done at each kill: {seen}")
    if kills > 10:
        assert len(set(seen)) >= 5, "the kills must hit the job while it goes on"
    workers.work_until("jobs", url, lambda: status()[0] == "done", 600)
    with database.read() as session:
        numbers = Counter(text.split()[1] for text in session.scalars(select(FeedbackRow.text)))
        job_row = session.get(JobRow, job_id)
        assert job_row is not None
        assert session.scalar(select(func.count()).select_from(AnalysisRow)) == rows
        assert (job_row.rows_done, job_row.rows_created, job_row.rows_failed) == (rows, rows, 0)
    assert numbers == Counter(str(n) for n in range(rows))


def _chance() -> random.Random:
    """Another one at each run; the seed is shown when the test fails."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


class Receiver:
    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                receiver.ids[self.headers["webhook-id"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


def every_event_is_delivered(
    workers: Workers, database: Database, url: str, events: int, kills: int, longest: float
) -> None:
    chance = _chance()
    receiver = Receiver()
    with database.write() as session:
        target = f"http://127.0.0.1:{receiver.server.server_port}/"
        EventsRepository(session).subscribe(target, ["feedback.analysed"], SECRET, LOCAL.name)
        Outbox(session).add("feedback.analysed", [{"feedback_id": n} for n in range(events)])

    def pending() -> int:
        with database.read() as session:
            statement = select(func.count()).where(DeliveryRow.status != "delivered")
            return session.scalar(statement) or 0

    for _ in range(kills):
        workers.work_and_be_killed("deliveries", url, chance.uniform(0, longest))
        time.sleep(1.1)
    workers.work_until("deliveries", url, lambda: pending() == 0, 600)
    receiver.server.shutdown()
    receiver.server.server_close()
    with database.read() as session:
        written = set(session.scalars(select(EventRow.id)))
    assert len(written) == events
    assert set(receiver.ids) == written


def test_a_job_that_is_killed_has_every_row_once(
    workers: Workers, database: Database, store_url: str
) -> None:
    every_row_is_there_once(workers, database, store_url, rows=1_200, kills=2, longest=1.0)


def test_deliveries_that_are_killed_arrive_all(workers: Workers, database: Database, store_url: str) -> None:
    every_event_is_delivered(workers, database, store_url, events=150, kills=2, longest=0.6)


@pytest.mark.drill
def test_a_job_of_20000_rows_that_is_killed_20_times_has_every_row_once(
    workers: Workers, database: Database, store_url: str
) -> None:
    every_row_is_there_once(workers, database, store_url, rows=20_000, kills=20, longest=3.0)


@pytest.mark.drill
def test_2000_deliveries_that_are_killed_20_times_arrive_all(
    workers: Workers, database: Database, store_url: str
) -> None:
    every_event_is_delivered(workers, database, store_url, events=2_000, kills=20, longest=1.5)
