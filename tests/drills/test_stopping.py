"""SIGTERM while requests are in hand: every one that was taken is answered, and the process ends in order."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from service.access.keys import KeyService
from service.actor import LOCAL
from service.database.engine import Database
from service.feedback.tables import FeedbackRow
from service.jobs.repository import JobsRepository
from service.jobs.tables import JobRow
from tests.drills.served import Clients, serving

CLIENTS = 8
ITEMS = 25
"""In each request, so that some are in hand at any moment."""


def key_for(database: Database) -> str:
    with database.write() as session:
        return KeyService(session, LOCAL).create("drill", ["write"], rate_limit=1_000_000).secret


def stopped_under_load(
    url: str, key: str, models: Path, folder: Path, prefix: str, after: float, *options: str
) -> tuple[set[str], set[str]]:
    """Ids of the items that were answered 201 and of those without an answer, after a SIGTERM in the middle."""
    with serving(url, models, folder, *options) as served:
        clients = Clients(served, key, CLIENTS, pause=0.001, items=ITEMS, prefix=prefix)
        with clients:
            clients.wait_for(10)
            time.sleep(after)
            before, moment = len(clients.accepted), time.monotonic()
            served.process.send_signal(signal.SIGTERM)
            code = served.process.wait(60)
            seconds = time.monotonic() - moment
        written = served.log.read_text()
    print(
        f"{before} requests before, {len(clients.accepted) - before} after the signal, ended in {seconds:.1f} s"
    )
    assert code in (0, -signal.SIGTERM)
    assert len(clients.accepted) > before, "some requests must have been in hand"
    assert not clients.refused, "what is taken is answered as at any other time"
    assert "Traceback" not in written
    assert "wacht" not in written
    return tuple(
        {one for id_ in ids for one in clients.ids_of(id_)} for ids in (clients.accepted, clients.unanswered)
    )


def ids(database: Database, source: str = "drill") -> list[str | None]:
    with database.read() as session:
        return list(session.scalars(select(FeedbackRow.external_id).where(FeedbackRow.source == source)))


def test_no_request_that_was_taken_fails_when_the_service_is_told_to_stop(
    sqlite_url: str, live_model: Path, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    answered, unanswered = stopped_under_load(
        sqlite_url, key_for(database), live_model.parents[1], tmp_path, "a", after=0.2
    )
    assert Counter(ids(database)) == Counter(answered)
    assert not answered & unanswered
    database.close()


@pytest.mark.drill
def test_twelve_times_told_to_stop_with_one_and_two_processes_and_a_job_in_hand(
    database: Database, store_url: str, live_model: Path, tmp_path: Path
) -> None:
    chance = random.Random(seed := random.randrange(2**32))
    print(f"seed {seed}")
    key, models = key_for(database), live_model.parents[1]
    everything: set[str] = set()
    rows = 20_000
    lines = (f"n{n},Bericht {n} over de premie\n" for n in range(rows))
    with database.write() as session:
        job = JobRow(
            kind="import", created_by="drill", filename="a.csv", format="csv", options={"source": "file"}
        )
        id_ = JobsRepository(session).add(job, BytesIO(("id,text\n" + "".join(lines)).encode())).id
    done = [0]
    for turn in range(12):
        answered, _ = stopped_under_load(
            store_url, key, models, tmp_path, f"{turn}-", chance.uniform(0, 3), "--workers", str(turn % 2 + 1)
        )
        everything |= answered
        assert Counter(ids(database)) == Counter(everything)
        with database.read() as session:
            row = session.get_one(JobRow, id_)
            assert row.status in ("queued", "done"), "a service that stops gives its job back"
            done.append(row.rows_done)
        assert Counter(ids(database, "file")) == Counter(f"n{n}" for n in range(done[-1]))
    print(f"rows of the job that were done at each stop: {done}")
    assert done == sorted(done)
    assert done[-1] > done[0]
