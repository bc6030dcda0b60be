"""Issues in each tracker, over real HTTP, on each database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from feedback_nlp.taxonomy import Taxonomy
from service.backlog.records import STATUSES
from service.database.base import now
from service.database.engine import Database
from service.events.delivery import RETRIES
from service.events.outgoing import Outgoing
from service.events.targets import Targets
from service.redaction import default_redactor
from service.settings import Settings
from service.trackers.opening import STATES
from service.trackers.worker import TrackerWorker
from service.trackers.writing import status_for
from tests.service.backlog.test_backlog import WAITING, add, keep
from tests.service.trackers.fakes import FakeAzure, FakeGitHub, FakeJira

LOOPBACK = "127.0.0.1/32"
HERE = "https://feedback.voorbeeld.nl"
KEY = Fernet.generate_key().decode()


def settings_of(url: str) -> Settings:
    return Settings(
        database_url=url,
        background=False,
        require_keys=False,
        webhook_allowed_networks=[LOOPBACK],
        public_url=HERE,
        secrets_keys=[SecretStr(KEY)],
    )


@pytest.fixture
def api(store_url: str, running: Callable[[Settings], TestClient]) -> TestClient:
    return running(settings_of(store_url))


@pytest.fixture(params=[FakeGitHub, FakeJira, FakeAzure], ids=lambda kind: kind.__name__)
def fake(request: pytest.FixtureRequest) -> Iterator[Any]:
    server = request.param()
    yield server
    server.close()


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    server = FakeGitHub()
    yield server
    server.close()


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    server = FakeJira()
    yield server
    server.close()


class Bench:
    """The worker with a clock that tests turn."""

    def __init__(self, database: Database, store_url: str) -> None:
        self.moment = now()
        self._outgoing = Outgoing(Targets([LOOPBACK]))
        self._worker = TrackerWorker(
            database,
            self._outgoing,
            settings_of(store_url),
            Taxonomy.default,
            default_redactor(),
            clock=lambda: self.moment,
        )

    def run(self, later: timedelta = timedelta()) -> None:
        self.moment = max(self.moment, now()) + later
        for _ in range(10):
            if not self._worker.step(threading.Event()):
                return

    def close(self) -> None:
        self._outgoing.close()


POLL = timedelta(minutes=6)


@pytest.fixture
def bench(database: Database, store_url: str) -> Iterator[Bench]:
    made = Bench(database, store_url)
    yield made
    made.close()


def tracker(api: TestClient, fake: Any, **fields: Any) -> int:
    body = {
        "name": f"bij {fake.kind}",
        "kind": fake.kind,
        "url": fake.url,
        "project": fake.project,
        "token": fake.token,
        **({"account": fake.account} if fake.account else {}),
        **fields,
    }
    answer = api.post("/v1/trackers", json=body)
    assert answer.status_code == 201, answer.text
    id_: int = answer.json()["id"]
    return id_


def sent(api: TestClient, bench: Bench, fake: Any, **fields: Any) -> tuple[int, str]:
    """An improvement and its issue."""
    item = add(api, f"{WAITING} <b>Bel</b> @piet #12", external_id="K-1")
    id_ = keep(api, "Sneller *opnemen*", feedback_ids=[item], theme="bereikbaarheid", **fields)["id"]
    answer = api.post(f"/v1/backlog/{id_}/issues", json={"tracker": tracker(api, fake)})
    assert answer.status_code == 202, answer.text
    bench.run()
    (issue,) = issues(api, id_)
    assert issue["status"] == "synced", issue
    return id_, issue["remote_id"]


def issues(api: TestClient, id_: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/v1/backlog/{id_}/issues").json()
    return found


def status(api: TestClient, id_: int) -> str:
    found: str = api.get(f"/v1/backlog/{id_}").json()["status"]
    return found


def move(api: TestClient, id_: int, to: str) -> None:
    assert api.patch(f"/v1/backlog/{id_}", json={"status": to}).status_code == 200


def test_an_issue_has_redacted_words_of_customers_and_a_link_back(
    api: TestClient, bench: Bench, fake: Any
) -> None:
    id_, key = sent(api, bench, fake)
    words = fake.words(key)
    assert "in de wacht" in words
    assert f"{HERE}/backlog/{id_}" in words
    assert fake.kind == "jira" or "<b>" not in words  # a document's text is no markup
    assert len(fake.issues) == 1
    (issue,) = issues(api, id_)
    assert issue["remote_url"].endswith(key)
    assert issue["remote_state"] == fake.state(key)


def test_our_status_moves_the_issue_and_does_not_come_back_as_theirs(
    api: TestClient, bench: Bench, fake: Any
) -> None:
    id_, key = sent(api, bench, fake)
    for ours, theirs in (("in_progress", fake.busy_state), ("done", fake.done_state)):
        move(api, id_, ours)
        bench.run()
        assert fake.state(key) == theirs
        before = len(fake.changes())
        bench.run(POLL)
        bench.run(POLL)
        assert len(fake.changes()) == before
        assert status(api, id_) == ours
    actors = {entry["by"] for entry in api.get(f"/v1/backlog/{id_}").json()["history"]}
    assert not any(actor.startswith("tracker:") for actor in actors)


def test_their_status_becomes_ours_and_is_not_sent_back(api: TestClient, bench: Bench, fake: Any) -> None:
    id_, key = sent(api, bench, fake)
    fake.put_state(key, fake.done_state)
    before = len(fake.changes())
    bench.run(POLL)
    bench.run(POLL)
    assert status(api, id_) == "done"
    assert api.get(f"/v1/backlog/{id_}").json()["done_on"] is not None
    assert len(fake.changes()) == before
    entry = api.get(f"/v1/backlog/{id_}").json()["history"][-1]
    assert (entry["by"], entry["details"]["status"]["after"]) == (f"tracker:bij {fake.kind}", "done")
    move(api, id_, "told")
    bench.run()
    assert fake.state(key) == fake.done_state
    assert status(api, id_) == "told"


def test_words_that_changed_are_sent_once(api: TestClient, bench: Bench, fake: Any) -> None:
    id_, key = sent(api, bench, fake)
    api.patch(f"/v1/backlog/{id_}", json={"title": "Binnen een minuut opnemen"})
    bench.run()
    assert "Binnen een minuut opnemen" in fake.words(key)
    before = len(fake.changes())
    api.patch(f"/v1/backlog/{id_}", json={"due_on": "2026-12-01"})
    bench.run()
    bench.run(POLL)
    assert len(fake.changes()) == before


def test_an_erased_item_is_quoted_no_more(api: TestClient, bench: Bench, fake: Any) -> None:
    id_, key = sent(api, bench, fake)
    assert "in de wacht" in fake.words(key)
    api.post("/v1/erasures", json={"external_ids": ["K-1"]})
    bench.run()
    assert "in de wacht" not in fake.words(key)
    assert issues(api, id_)[0]["status"] == "synced"


def test_an_issue_that_was_made_before_we_could_note_it_is_found_and_not_made_twice(
    api: TestClient, bench: Bench, fake: Any, database: Database
) -> None:
    from sqlalchemy import update

    from service.trackers.tables import TrackerIssueRow

    id_, key = sent(api, bench, fake)
    with database.write() as session:
        nothing = {"remote_id": None, "remote_state": None, "sent_digest": None, "status": "pending"}
        session.execute(update(TrackerIssueRow).values(**nothing, next_attempt_at=now()))
    bench.run()
    assert [one["remote_id"] for one in issues(api, id_)] == [key]
    assert len(fake.issues) == 1


def test_what_fails_is_tried_again_later_and_then_given_up(api: TestClient, bench: Bench, fake: Any) -> None:
    id_ = keep(api)["id"]
    number = tracker(api, fake)
    fake.failures = [(503, {}, {"message": "later"})]
    api.post(f"/v1/backlog/{id_}/issues", json={"tracker": number})
    bench.run()
    (issue,) = issues(api, id_)
    assert (issue["status"], issue["attempts"], issue["last_status"]) == ("pending", 1, 503)
    bench.run(timedelta(seconds=7))
    assert issues(api, id_)[0]["status"] == "synced"
    fake.failures = [(500, {}, None)] * (len(RETRIES) + 1)
    api.patch(f"/v1/backlog/{id_}", json={"title": "Anders"})
    bench.run()
    for pause in RETRIES:
        bench.run(pause * 1.3)
    assert issues(api, id_)[0]["status"] == "dead"
    api.post(f"/v1/backlog/{id_}/issues", json={"tracker": number})
    bench.run()
    assert issues(api, id_)[0]["status"] == "synced"
    assert "Anders" in fake.words(issues(api, id_)[0]["remote_id"])


def test_a_tracker_that_asks_for_patience_gets_it(api: TestClient, bench: Bench, github: FakeGitHub) -> None:
    id_ = keep(api)["id"]
    number = tracker(api, github)
    github.failures = [(429, {"retry-after": "900"}, {"message": "slow down"})]
    api.post(f"/v1/backlog/{id_}/issues", json={"tracker": number})
    bench.run()
    bench.run(timedelta(seconds=60))
    assert github.issues == {}
    bench.run(timedelta(seconds=900))
    assert len(github.issues) == 1


def test_an_issue_that_is_gone_is_given_up_with_the_reason(
    api: TestClient, bench: Bench, github: FakeGitHub
) -> None:
    id_, _ = sent(api, bench, github)
    github.issues.clear()
    bench.run(POLL)
    (issue,) = issues(api, id_)
    assert (issue["status"], issue["last_status"]) == ("dead", 404)
    assert "Not Found" in issue["last_error"]


def test_a_wrong_token_is_told_and_never_shown(api: TestClient, bench: Bench, fake: Any) -> None:
    id_ = keep(api)["id"]
    number = tracker(api, fake, token="verkeerd-999")
    api.post(f"/v1/backlog/{id_}/issues", json={"tracker": number})
    bench.run()
    (issue,) = issues(api, id_)
    assert issue["last_status"] in (401, 203)
    everything = api.get("/v1/trackers").text + str(issue) + api.get("/admin/trackers").text
    assert "verkeerd-999" not in everything


def test_a_state_that_stands_for_none_of_ours_is_left_alone(
    api: TestClient, bench: Bench, jira: FakeJira
) -> None:
    id_, key = sent(api, bench, jira)
    move(api, id_, "in_progress")
    bench.run()
    jira.put_state(key, "In Review")
    bench.run(POLL)
    api.patch(f"/v1/backlog/{id_}", json={"effort": 3})
    bench.run()
    assert jira.state(key) == "In Review"
    assert status(api, id_) == "in_progress"
    move(api, id_, "done")
    bench.run()
    assert jira.state(key) == "Done"


def test_a_dry_run_shows_the_request_and_sends_nothing(api: TestClient, bench: Bench, fake: Any) -> None:
    id_ = keep(api, "Sneller opnemen")["id"]
    number = tracker(api, fake)
    answer = api.post(f"/v1/backlog/{id_}/issues", json={"tracker": number, "dry_run": True})
    assert answer.status_code == 200
    assert answer.json()["request"].startswith(f"POST {fake.url}/")
    assert "Sneller opnemen" in answer.json()["request"]
    assert fake.token not in answer.text
    page = api.get(f"/backlog/{id_}?draft={number}", headers={"accept": "text/html"}).text
    assert "POST http" in page
    bench.run()
    assert fake.calls == []
    assert issues(api, id_) == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"url": "https://10.0.0.8"}, "/url"),
        ({"url": "https://169.254.169.254"}, "/url"),
        ({"url": "http://api.github.com"}, "/url"),
        ({"project": "zonder-schuine-streep"}, "/project"),
        ({"project": "../../x/y"}, "/project"),
        ({"kind": "jira", "project": "CX"}, "/account"),
        ({"states": {"klaar": "Done"}}, "/states"),
    ],
)
def test_where_nothing_may_be_sent_is_refused_at_once(
    api: TestClient, github: FakeGitHub, fields: dict[str, Any], pointer: str
) -> None:
    body = {"name": "x", "kind": "github", "url": github.url, "project": "a/b", "token": "t"}
    answer = api.post("/v1/trackers", json={**body, **fields})
    assert answer.status_code == 422, answer.text
    assert any(fault["pointer"].startswith(pointer) for fault in answer.json()["errors"])


def test_a_name_that_leads_inside_later_is_refused_when_sending(
    api: TestClient, database: Database, store_url: str, github: FakeGitHub
) -> None:
    id_ = keep(api)["id"]
    api.post(f"/v1/backlog/{id_}/issues", json={"tracker": tracker(api, github)})
    careful = Outgoing(Targets())
    worker = TrackerWorker(database, careful, settings_of(store_url), Taxonomy.default, default_redactor())
    worker.step(threading.Event())
    careful.close()
    assert github.calls == []
    assert "not public" in issues(api, id_)[0]["last_error"]


def test_a_tracker_that_is_removed_leaves_its_issues_where_they_are(
    api: TestClient, bench: Bench, github: FakeGitHub
) -> None:
    id_, _ = sent(api, bench, github)
    (known,) = api.get("/v1/trackers").json()
    assert api.delete(f"/v1/trackers/{known['id']}").status_code == 204
    assert api.delete(f"/v1/trackers/{known['id']}").status_code == 404
    assert issues(api, id_) == []
    assert len(github.issues) == 1


@given(st.sampled_from(sorted(STATES)), st.sampled_from(STATUSES), st.sampled_from(STATUSES))
def test_what_we_sent_never_reads_as_a_change(kind: str, current: str, other: str) -> None:
    states = dict(STATES[kind])
    assert status_for(states[current], states, current) is None
    meant = status_for(states[other], states, current)
    assert meant is None or states[meant] == states[other]
