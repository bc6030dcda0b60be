from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.access import keys as module
from service.access.keys import Keys, KeyService
from service.access.tables import ApiKeyRow
from service.access.throttle import RateLimiter
from service.access.usage import Usage
from service.database.engine import Database
from service.errors import ConflictError, InvalidError
from tests.service.access.support import TERMINAL, add_key, bearer

TEXT = {"items": [{"text": "Prima."}]}


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        self.tick = 0.0

    def __call__(self) -> datetime:
        return self.moment

    def ticks(self) -> float:
        return self.tick

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.tick += seconds


def test_a_key_lets_in_for_its_scopes_only(guarded: TestClient, store: Database) -> None:
    headers = bearer(add_key(store, "crm", "classify"))
    assert guarded.post("/v1/classify", json=TEXT, headers=headers).status_code == 200
    refused = guarded.get("/v1/feedback", headers=headers)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "This needs the scope read; the key has classify."


def test_without_a_key_the_answer_says_how_to_send_one(guarded: TestClient) -> None:
    response = guarded.get("/v1/feedback")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="feedback_nlp"'
    assert "Authorization: Bearer" in response.json()["detail"]


def test_a_wrong_key_is_refused_even_for_what_needs_none(client: TestClient) -> None:
    assert client.post("/v1/classify", json=TEXT).status_code == 200
    for secret in ("", "x", "fnlp_aaaaaaaa_" + "a" * 43, "fnlp_" + "é" * 50):
        response = client.post(
            "/v1/classify", json=TEXT, headers={"Authorization": f"Bearer {secret}".encode()}
        )
        assert response.status_code == 401


def test_the_store_has_no_secret_and_the_log_calls_the_system_by_name(
    guarded: TestClient, store: Database
) -> None:
    secret = add_key(store, "crm", "write")
    body = {"items": [{"source": "crm", "external_id": "1", "text": "De premie is hoog."}]}
    assert guarded.post("/v1/feedback", json=body, headers=bearer(secret)).status_code == 201
    with store.read() as session:
        row = session.scalars(select(ApiKeyRow)).one()
    assert secret.startswith(f"fnlp_{row.prefix}_")
    assert secret.removeprefix(f"fnlp_{row.prefix}_") not in str(vars(row))


def test_secrets_are_compared_in_constant_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known prefix or not, the whole digest is compared, and by nothing that stops at the first difference."""
    secret = add_key(database, "crm", "read")
    compared: list[tuple[str, str]] = []
    real = module.same

    def spy(one: str, other: str) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(module, "same", spy)
    keys = Keys(database, Usage(database))
    assert keys.recognise(secret) is not None
    assert keys.recognise(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
    assert keys.recognise("fnlp_zzzzzzzz_" + "a" * 43) is None
    assert keys.recognise("no key at all") is None
    assert len(compared) == 4
    assert {len(side) for pair in compared for side in pair} == {64}


def test_the_comparison_is_the_one_made_for_it() -> None:
    import inspect

    from service.access import tokens

    assert "hmac.compare_digest" in inspect.getsource(tokens.same)
    assert tokens.same("é", "é")
    assert not tokens.same("é", "e")


def test_a_revoked_key_is_out_within_two_seconds(database: Database) -> None:
    clock = Clock()
    secret = add_key(database, "crm", "read")
    keys = Keys(database, Usage(database), ticks=clock.ticks)
    assert keys.recognise(secret) is not None
    with database.write() as session:
        KeyService(session, TERMINAL).revoke(secret.split("_")[1])
    clock.forward(2.1)
    assert keys.remembered(secret) is None
    assert keys.recognise(secret) is None


def test_a_key_ends_when_its_time_is_over_also_while_it_is_remembered(database: Database) -> None:
    clock = Clock()
    with database.write() as session:
        made = KeyService(session, TERMINAL, clock=clock).create(
            "crm", ["read"], valid_for=timedelta(seconds=10)
        )
    keys = Keys(database, Usage(database), clock=clock, ticks=lambda: 0.0)
    assert keys.recognise(made.secret) is not None
    assert keys.remembered(made.secret) is not None
    clock.forward(10)
    assert keys.remembered(made.secret) is None
    assert keys.recognise(made.secret) is None


def test_both_keys_work_while_a_system_changes_over(database: Database) -> None:
    clock = Clock()
    with database.write() as session:
        old = KeyService(session, TERMINAL, clock=clock).create(
            "crm", ["read", "write"], valid_for=timedelta(days=365), rate_limit=5
        )
    clock.forward(3600)
    with database.write() as session:
        new = KeyService(session, TERMINAL, clock=clock).rotate(old.prefix, grace=timedelta(hours=1))
    keys = Keys(database, Usage(database), clock=clock, ticks=clock.ticks)
    before, after = keys.recognise(old.secret), keys.recognise(new.secret)
    assert before is not None
    assert after is not None
    assert before.principal == after.principal
    assert (after.rate_limit, after.ends_at) == (5, clock.moment + timedelta(days=365))
    clock.forward(3601)
    assert keys.recognise(old.secret) is None
    assert keys.recognise(new.secret) is not None
    with database.write() as session, pytest.raises(ConflictError, match="any more"):
        KeyService(session, TERMINAL, clock=clock).rotate(old.prefix, grace=timedelta(0))


def test_two_systems_cannot_have_one_name(database: Database) -> None:
    add_key(database, "crm", "read")
    with pytest.raises(ConflictError, match="rotate"):
        add_key(database, "crm", "read")


def test_faults_of_a_new_key_are_all_told(database: Database) -> None:
    with database.write() as session, pytest.raises(InvalidError) as caught:
        KeyService(session, TERMINAL).create(
            "C R M",
            ["fly"],
            valid_for=timedelta(0),
            rate_limit=0,  # type: ignore[list-item]
        )
    pointers = [fault.pointer for fault in caught.value.faults]
    assert pointers == ["/name", "/scopes", "/valid_for", "/rate_limit"]


def test_when_a_key_was_used_last_is_known(database: Database) -> None:
    clock = Clock()
    secret = add_key(database, "crm", "read")
    usage = Usage(database)
    assert Keys(database, usage, clock=clock).recognise(secret) is not None
    usage.flush()
    with database.read() as session:
        assert session.scalars(select(ApiKeyRow.last_used_at)).one() == clock.moment


def test_a_key_is_told_what_it_has_left_and_then_to_wait(guarded: TestClient, store: Database) -> None:
    headers = bearer(add_key(store, "crm", "read", rate_limit=3))
    left = []
    for _ in range(3):
        response = guarded.get("/v1/feedback", headers=headers)
        assert response.status_code == 200
        assert response.headers["ratelimit-policy"] == '"key";q=3;w=60'
        left.append(response.headers["ratelimit"].split(";")[1])
    assert left == ["r=2", "r=1", "r=0"]
    refused = guarded.get("/v1/feedback", headers=headers)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.headers["content-type"] == "application/problem+json"
    other = guarded.get("/v1/feedback", headers=bearer(add_key(store, "erp", "read")))
    assert other.headers["ratelimit-policy"] == '"key";q=600;w=60'


def test_a_bucket_fills_steadily_and_never_over() -> None:
    clock = Clock()
    limiter = RateLimiter(clock=clock.ticks)
    assert [limiter.take("crm", 60).allowed for _ in range(61)] == [True] * 60 + [False]
    clock.forward(1)
    assert [limiter.take("crm", 60).allowed for _ in range(2)] == [True, False]
    clock.forward(3600)
    assert limiter.take("crm", 60).remaining == 59
