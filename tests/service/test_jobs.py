from __future__ import annotations

import io
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from feedback_nlp.privacy import Redactor
from service.database.base import now
from service.database.engine import Database
from service.feedback.tables import FeedbackRow
from service.jobs.tables import JobPartRow, JobRow
from service.jobs.worker import JobWorker
from service.models.live import ModelHost
from tests.service.support import WordAnalyzer, fake_load

CSV = (
    "id;text;nps;journey;occurred_at;naam\n"
    "1;Lang in de wacht gestaan;3;klacht;1-3-2026;Jansen\n"
    "2;;5;;;\n"
    "3;Begripvol mens;elf;;;\n"
    "4;De premie is hoog;7,0;reizen;;\n"
    "5;De website is fijn;9;betalen;2026-03-02T10:00;Bakker\n"
)


@pytest.fixture
def worker(database: Database) -> JobWorker:
    return make_worker(database)


def make_worker(database: Database, **options: Any) -> JobWorker:
    host = ModelHost(lambda: Path("m/1"), fake_load)
    host.refresh()
    return JobWorker(database, host, Redactor.default(), **options)


def send(api: TestClient, content: str | bytes, name: str = "export.csv", **form: Any) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    response = api.post("/v1/jobs", files={"file": (name, data)}, data=form)
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.json()
    return job


def lines(api: TestClient, path: str) -> list[dict[str, Any]]:
    response = api.get(path)
    assert response.headers["content-type"].startswith("application/jsonl")
    return [json.loads(line) for line in response.text.splitlines()]


def numbers(count: int) -> str:
    return "id,text\n" + "".join(f"n{n},Bericht nummer {n} over de premie\n" for n in range(count))


def never() -> threading.Event:
    return threading.Event()


def test_a_file_becomes_feedback_and_faulty_rows_are_told(api: TestClient, worker: JobWorker) -> None:
    job = send(api, CSV, source="enquete")
    assert (job["status"], job["format"], job["filename"]) == ("queued", "csv", "export.csv")
    assert worker.step(never())
    job = api.get(f"/v1/jobs/{job['id']}").json()
    assert job["status"] == "done"
    assert {name: job[f"rows_{name}"] for name in ("total", "done", "created", "failed")} == {
        "total": 5,
        "done": 5,
        "created": 2,
        "failed": 3,
    }
    first, second = lines(api, f"/v1/jobs/{job['id']}/result")
    assert (first["external_id"], first["nps"], first["journey"]) == ("1", 3, "klacht")
    assert first["occurred_at"] == "2026-02-28T23:00:00Z"
    assert first["themes"][0]["code"] == "bereikbaarheid"
    assert second["occurred_at"] == "2026-03-02T09:00:00Z"
    assert first["meta"] == {}
    errors = {error["row"]: error["error"] for error in lines(api, f"/v1/jobs/{job['id']}/errors")}
    assert list(errors) == [2, 3, 4]
    assert "'elf'" in errors[3]
    assert "'reizen'" in errors[4]


def test_further_columns_are_kept_only_when_asked_for(api: TestClient, worker: JobWorker) -> None:
    job = send(api, CSV, keep=["naam"])
    worker.step(never())
    result = lines(api, f"/v1/jobs/{job['id']}/result")
    assert [item["meta"] for item in result] == [{"naam": "Jansen"}, {"naam": "Bakker"}]


def test_a_workbook_and_json_lines_are_taken_too(api: TestClient, worker: JobWorker) -> None:
    book = Workbook()
    book.active.append(["id", "text", "nps"])  # type: ignore[union-attr]
    book.active.append([7, "De premie is hoog", 6])  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    sheet = send(api, content.getvalue(), "a.xlsx")
    objects = send(api, '{"id": "8", "text": "De premie is laag", "nps": 8}\n', "a.jsonl")
    assert (sheet["format"], objects["format"]) == ("xlsx", "jsonl")
    assert worker.step(never())
    assert worker.step(never())
    assert not worker.step(never())
    found = [lines(api, f"/v1/jobs/{job['id']}/result")[0] for job in (sheet, objects)]
    assert [(item["external_id"], item["nps"]) for item in found] == [("7", 6), ("8", 8)]


def test_the_same_file_again_adds_nothing(api: TestClient, worker: JobWorker) -> None:
    send(api, numbers(30))
    again = send(api, numbers(30))
    worker.step(never())
    worker.step(never())
    job = api.get(f"/v1/jobs/{again['id']}").json()
    assert (job["status"], job["rows_created"], job["rows_failed"]) == ("done", 0, 0)


def test_a_row_that_is_known_otherwise_is_an_error_of_that_row(api: TestClient, worker: JobWorker) -> None:
    send(api, "id,text,nps\n1,De premie,5\n")
    again = send(api, "id,text,nps\n1,De premie,6\n2,De website,7\n")
    worker.step(never())
    worker.step(never())
    (error,) = lines(api, f"/v1/jobs/{again['id']}/errors")
    assert (error["id"], error["error"]) == ("1", "this id is known with another nps")
    assert api.get(f"/v1/jobs/{again['id']}").json()["rows_created"] == 1


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ("naam;plaats\nJan;Zwolle\n", "x.csv", "text"),
        (b"PK\x03\x04 no workbook", "x.xlsx", "x.xlsx"),
        ("[1, 2]", "x.csv", "text"),
    ],
)
def test_a_file_that_is_no_table_of_texts_fails_with_a_reason(
    api: TestClient, worker: JobWorker, content: str | bytes, name: str, reason: str
) -> None:
    job = send(api, content, name)
    worker.step(never())
    job = api.get(f"/v1/jobs/{job['id']}").json()
    assert job["status"] == "failed"
    assert reason in job["error"]
    assert "/tmp" not in job["error"]


def test_an_empty_file_is_refused(api: TestClient) -> None:
    response = api.post("/v1/jobs", files={"file": ("a.csv", b"")})
    assert response.status_code == 422
    assert response.json()["errors"] == [{"pointer": "/file", "detail": "is empty"}]


def test_the_uploaded_file_is_removed_when_the_job_ends(
    api: TestClient, database: Database, worker: JobWorker
) -> None:
    send(api, numbers(3))
    worker.step(never())
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(JobPartRow)) == 0


class Crash(BaseException):
    """What `kill -9` looks like from inside: nothing more is done."""


def test_a_worker_that_dies_leaves_the_rest_to_another_and_no_row_is_doubled(
    api: TestClient, database: Database
) -> None:
    job = send(api, numbers(95))
    moment = now()
    chunks = 0

    class Dying(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            nonlocal chunks
            chunks += 1
            if chunks == 5:
                raise Crash
            return super().analyze_batch(items)

    host = ModelHost(lambda: Path("m/1"), lambda folder: Dying())
    host.refresh()
    dying = JobWorker(database, host, Redactor.default(), chunk=10, clock=lambda: moment)
    with pytest.raises(Crash):
        dying.step(never())
    before = api.get(f"/v1/jobs/{job['id']}").json()
    assert (before["status"], before["rows_done"]) == ("running", 30)
    assert not make_worker(database, clock=lambda: moment).step(never()), "the lease still holds"
    later = moment + timedelta(minutes=5)
    assert make_worker(database, chunk=10, clock=lambda: later).step(never())
    after = api.get(f"/v1/jobs/{job['id']}").json()
    assert (after["status"], after["rows_done"], after["rows_created"]) == ("done", 95, 95)
    with database.read() as session:
        ids = list(session.scalars(select(FeedbackRow.external_id)))
    assert sorted(ids) == sorted(f"n{n}" for n in range(95))


def test_a_worker_that_lost_the_store_goes_on_with_its_job_as_soon_as_it_is_back(
    api: TestClient, database: Database
) -> None:
    job = send(api, numbers(30))
    moment = now()
    away = True

    class Failing(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            if away and any("nummer 15" in item.text for item in items):
                raise OperationalError("SELECT 1", {}, Exception("gone"))
            return super().analyze_batch(items)

    host = ModelHost(lambda: Path("m/1"), lambda folder: Failing())
    host.refresh()
    worker = JobWorker(database, host, Redactor.default(), chunk=10, clock=lambda: moment)
    with pytest.raises(OperationalError):
        worker.step(never())
    assert not make_worker(database, clock=lambda: moment).step(never()), "for others the lease still holds"
    away = False
    assert worker.step(never())
    after = api.get(f"/v1/jobs/{job['id']}").json()
    assert (after["status"], after["rows_done"], after["rows_created"]) == ("done", 30, 30)


def test_a_job_that_the_program_cannot_do_is_ended_and_holds_up_no_other(
    api: TestClient, database: Database
) -> None:
    bad, good = send(api, numbers(30)), send(api, "id,text\n1,De premie\n")

    class Faulty(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            if any("nummer 15" in item.text for item in items):
                raise ZeroDivisionError
            return super().analyze_batch(items)

    host = ModelHost(lambda: Path("m/1"), lambda folder: Faulty())
    host.refresh()
    worker = JobWorker(database, host, Redactor.default(), chunk=10)
    assert worker.step(never())
    assert worker.step(never())
    ended = api.get(f"/v1/jobs/{bad['id']}").json()
    assert (ended["status"], ended["rows_created"]) == ("failed", 10)
    assert ended["error"] == "a fault of the program (ZeroDivisionError); rows that are in stay"
    assert api.get(f"/v1/jobs/{good['id']}").json()["status"] == "done"


@pytest.mark.parametrize("day", ["9999-12-31T23:59-10:00", "0001-01-01T00:00+10:00", "31-12-9999"])
def test_a_moment_that_no_calendar_can_show_is_an_error_of_its_row(
    api: TestClient, worker: JobWorker, day: str
) -> None:
    job = send(api, f"id;text;occurred_at\n1;De premie;{day}\n2;De website;\n")
    worker.step(never())
    done = api.get(f"/v1/jobs/{job['id']}").json()
    assert (done["status"], done["rows_created"], done["rows_failed"]) == ("done", 1, 1)
    item = {"text": "De premie", "occurred_at": "9999-12-31T23:59:00-10:00"}
    assert api.post("/v1/feedback", json={"items": [item]}).status_code == 422


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=3)])
def test_a_job_of_a_dead_worker_is_taken_over_though_the_clock_was_put_back(
    api: TestClient, database: Database, back: timedelta
) -> None:
    job = send(api, numbers(20))
    moment = now()

    class Dying(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            if len(items) > 1:
                raise Crash
            return super().analyze_batch(items)

    host = ModelHost(lambda: Path("m/1"), lambda folder: Dying())
    host.refresh()
    dying = JobWorker(database, host, Redactor.default(), clock=lambda: moment)
    with pytest.raises(Crash):
        dying.step(never())
    assert make_worker(database, clock=lambda: moment - back).step(never())
    assert api.get(f"/v1/jobs/{job['id']}").json()["rows_created"] == 20


def test_a_worker_whose_clock_leaps_ahead_loses_its_job_and_doubles_no_row(
    api: TestClient, database: Database
) -> None:
    job = send(api, "text\n" + "De premie\n" * 20)
    moment = [now()]

    class Leaping(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            if len(items) > 1:
                moment[0] += timedelta(days=2)
            return super().analyze_batch(items)

    host = ModelHost(lambda: Path("m/1"), lambda folder: Leaping())
    host.refresh()
    leaping = JobWorker(database, host, Redactor.default(), chunk=5, clock=lambda: moment[0])
    assert leaping.step(never())
    after = api.get(f"/v1/jobs/{job['id']}").json()
    assert (after["status"], after["rows_created"]) == ("done", 20)


def test_rows_without_ids_are_not_doubled_by_a_worker_that_lost_its_job(
    api: TestClient, database: Database
) -> None:
    job = send(api, "text\n" + "De premie\n" * 20)
    moment = now()
    slow = make_worker(database, chunk=5, clock=lambda: moment)
    taken_over = threading.Event()

    class Slow(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            if len(items) > 1 and not taken_over.is_set():
                taken_over.set()
                later = moment + timedelta(minutes=5)
                assert make_worker(database, chunk=7, clock=lambda: later).step(never())
            return super().analyze_batch(items)

    slow._models = ModelHost(lambda: Path("m/1"), lambda folder: Slow())
    slow._models.refresh()
    assert slow.step(never())
    after = api.get(f"/v1/jobs/{job['id']}").json()
    assert (after["status"], after["rows_done"], after["rows_created"]) == ("done", 20, 20)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackRow)) == 20


def test_a_stopping_service_finishes_its_chunk_and_gives_the_job_back(
    api: TestClient, database: Database
) -> None:
    job = send(api, numbers(20))
    stopping = threading.Event()
    stopping.set()
    make_worker(database).step(stopping)
    assert api.get(f"/v1/jobs/{job['id']}").json()["status"] == "queued"
    make_worker(database).step(never())
    assert api.get(f"/v1/jobs/{job['id']}").json()["rows_created"] == 20


def test_a_queued_job_can_be_cancelled(api: TestClient, worker: JobWorker) -> None:
    job = send(api, numbers(3))
    assert api.post(f"/v1/jobs/{job['id']}/cancel").json()["status"] == "cancelled"
    assert not worker.step(never())


def test_a_running_job_stops_at_the_next_chunk(api: TestClient, database: Database) -> None:
    job = send(api, numbers(30))

    class Cancelling(WordAnalyzer):
        def analyze_batch(self, items: Any) -> Any:
            if any("nummer 10" in item.text for item in items):
                assert api.post(f"/v1/jobs/{job['id']}/cancel").status_code == 202
            return super().analyze_batch(items)

    host = ModelHost(lambda: Path("m/1"), lambda folder: Cancelling())
    host.refresh()
    JobWorker(database, host, Redactor.default(), chunk=10).step(never())
    after = api.get(f"/v1/jobs/{job['id']}").json()
    assert (after["status"], after["rows_done"]) == ("cancelled", 10)


def test_without_a_model_a_job_waits(api: TestClient, database: Database) -> None:
    job = send(api, numbers(3))
    host = ModelHost(lambda: None, fake_load)
    host.refresh()
    assert not JobWorker(database, host, Redactor.default()).step(never())
    assert api.get(f"/v1/jobs/{job['id']}").json()["status"] == "queued"


def test_jobs_are_listed_the_newest_first(api: TestClient) -> None:
    ids = [send(api, numbers(1))["id"] for _ in range(3)]
    first = api.get("/v1/jobs", params={"limit": 2}).json()
    second = api.get("/v1/jobs", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [job["id"] for job in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("path", ["", "/result", "/errors"])
def test_an_unknown_job_is_a_404(api: TestClient, path: str) -> None:
    assert api.get(f"/v1/jobs/99{path}").status_code == 404


def test_two_workers_never_take_the_same_job(api: TestClient, database: Database) -> None:
    for _ in range(4):
        send(api, numbers(2))
    workers = [make_worker(database) for _ in range(4)]
    threads = [threading.Thread(target=worker.step, args=(never(),)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while workers[0].step(never()):
        pass
    with database.read() as session:
        assert set(session.scalars(select(JobRow.status))) == {"done"}
        assert set(session.scalars(select(JobRow.attempts))) == {1}
