from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.access.passwords import Passwords, check_password
from service.access.sessions import Policy, Sessions
from service.access.tables import SessionRow, UserRow
from service.access.tokens import digest
from service.access.usage import Usage
from service.access.users import UserService, one_time_password
from service.audit.tables import AuditRow
from service.database.engine import Database
from service.errors import ConflictError, InvalidError
from service.settings import Settings
from tests.service.access.support import (
    CHEAP,
    PASSWORD,
    TERMINAL,
    add_user,
    browser,
    form_token,
    sign_in,
    try_login,
)

COOKIE = "feedback_nlp_session"


def test_a_page_sends_to_the_login_and_from_there_back(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke")
    client = browser(guarded)
    response = client.get("/inbox?order=newest", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["location"]) == (
        303,
        "/login?next=%2Finbox%3Forder%3Dnewest",
    )
    form = client.get(response.headers["location"]).text
    assert 'value="/inbox?order=newest"' in form
    fields = {
        "name": "joke",
        "password": PASSWORD,
        "csrf_token": form_token(form),
        "next": "/inbox?order=newest",
    }
    assert client.post("/login", data=fields).headers["location"] == "/inbox?order=newest"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(guarded: TestClient, store: Database, target: str) -> None:
    add_user(store, "joke")
    client = browser(guarded)
    token = form_token(client.get("/login", params={"next": target}).text)
    fields = {"name": "joke", "password": PASSWORD, "csrf_token": token, "next": target}
    assert client.post("/login", data=fields).headers["location"] == "/"


def test_a_session_that_was_planted_before_the_login_is_worth_nothing(
    guarded: TestClient, store: Database
) -> None:
    """Session fixation: the cookie of before is not the cookie of after, and it does not come alive."""
    add_user(store, "joke")
    add_user(store, "mallory")
    mallory = browser(guarded)
    sign_in(mallory, "mallory")
    planted = mallory.cookies[COOKIE]
    victim = browser(guarded)
    victim.cookies.set(COOKIE, planted)
    assert try_login(victim, "joke") == 303
    fresh = [
        cookie.value for cookie in victim.cookies.jar if cookie.name == COOKIE and cookie.value != planted
    ]
    assert len(fresh) == 1
    assert mallory.get("/account/password").status_code == 401
    never_issued = browser(guarded)
    never_issued.cookies.set(COOKIE, "chosen-by-the-attacker")
    assert never_issued.get("/account/password").status_code == 401


def test_the_cookie_is_hidden_from_scripts_and_other_sites(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke")
    client = browser(guarded)
    token = form_token(client.get("/login").text)
    answer = client.post("/login", data={"name": "joke", "password": PASSWORD, "csrf_token": token})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie


def test_where_others_can_reach_it_cookies_go_over_https_only() -> None:
    assert Settings(host="0.0.0.0").sends_secure_cookies
    assert not Settings(host="127.0.0.1").sends_secure_cookies


def test_the_store_holds_no_password_and_no_session(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke")
    client = browser(guarded)
    sign_in(client, "joke")
    with store.read() as session:
        assert session.scalars(select(UserRow.password_hash)).one().startswith("$argon2id$")
        kept = session.scalars(select(SessionRow.id)).one()
    assert kept == digest(client.cookies[COOKIE])
    assert kept != client.cookies[COOKIE]


def test_after_signing_out_the_session_is_gone_for_whoever_has_a_copy(
    guarded: TestClient, store: Database
) -> None:
    add_user(store, "joke")
    client = browser(guarded)
    person = sign_in(client, "joke")
    copy = client.cookies[COOKIE]
    assert client.post("/logout", data={"csrf_token": person.csrf}).status_code == 303
    thief = browser(guarded)
    thief.cookies.set(COOKIE, copy)
    assert thief.get("/account/password").status_code == 401


def test_a_disabled_user_is_out_at_the_next_request(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke")
    client = browser(guarded)
    sign_in(client, "joke")
    with store.write() as session:
        UserService(session, CHEAP, TERMINAL).disable("joke")
    assert client.get("/account/password").status_code == 401
    assert try_login(browser(guarded), "joke") == 401


def test_a_new_role_counts_from_the_next_request(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke", "handler")
    client = browser(guarded)
    sign_in(client, "joke")
    assert client.get("/v1/jobs").status_code == 403
    with store.write() as session:
        UserService(session, CHEAP, TERMINAL).set_role("joke", "analyst")
    assert client.get("/v1/jobs").status_code == 200


def test_a_one_time_password_only_lets_in_to_choose_another(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke", "admin", one_time=True)
    client = browser(guarded)
    person = sign_in(client, "joke")
    assert client.get("/inbox", headers={"Accept": "text/html"}).headers["location"] == "/account/password"
    assert client.get("/v1/feedback").status_code == 403
    other = {"current": PASSWORD, "csrf_token": person.csrf}
    assert client.post("/account/password", data=other | {"password": PASSWORD}).status_code == 422
    token = form_token(client.get("/account/password").text)
    other["csrf_token"] = token
    assert client.post("/account/password", data=other | {"password": "short"}).status_code == 422
    other["csrf_token"] = form_token(client.get("/account/password").text)
    assert client.post("/account/password", data=other | {"password": "another long one"}).status_code == 303
    assert client.get("/v1/feedback").status_code == 200
    assert try_login(browser(guarded), "joke") == 401
    assert try_login(browser(guarded), "joke", "another long one") == 303


def test_a_changed_password_ends_the_other_sessions(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke")
    elsewhere, here = browser(guarded), browser(guarded)
    sign_in(elsewhere, "joke")
    person = sign_in(here, "joke")
    fields = {"current": PASSWORD, "password": "another long one", "csrf_token": person.csrf}
    assert here.post("/account/password", data=fields).status_code == 303
    assert elsewhere.get("/account/password").status_code == 401
    assert here.get("/account/password").status_code == 200


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(database: Database, clock: Clock) -> Sessions:
    return Sessions(database, CHEAP, Usage(database), Policy(), clock=clock)


def test_guessing_locks_the_user_even_for_the_right_password_and_time_unlocks(
    database: Database, sessions: Sessions, clock: Clock
) -> None:
    user = add_user(database, "joke")
    for guess in range(5):
        assert sessions.sign_in("joke", f"guess number {guess}", "192.0.2.1") is None
    assert sessions.sign_in("joke", PASSWORD, "192.0.2.2") is None
    clock.forward(minutes=14, seconds=59)
    assert sessions.sign_in("joke", PASSWORD, "192.0.2.2") is None
    clock.forward(seconds=2)
    assert sessions.sign_in("joke", PASSWORD, "192.0.2.2") is not None
    with database.read() as session:
        told = session.scalars(select(AuditRow).where(AuditRow.action == "user.locked")).all()
        assert [row.subject_id for row in told] == [str(user)]


def test_four_mistakes_and_the_right_password_leave_no_trace(database: Database, sessions: Sessions) -> None:
    add_user(database, "joke")
    for _ in range(3):
        for _ in range(4):
            assert sessions.sign_in("joke", "mistaken password", "192.0.2.1") is None
        assert sessions.sign_in("joke", PASSWORD, "192.0.2.1") is not None


def test_one_address_cannot_try_one_password_on_everybody(database: Database, sessions: Sessions) -> None:
    add_user(database, "joke")
    for number in range(50):
        assert sessions.sign_in(f"user{number}", "Welkom01!Welkom01!", "192.0.2.1") is None
    assert sessions.sign_in("joke", PASSWORD, "192.0.2.1") is None
    assert sessions.sign_in("joke", PASSWORD, "192.0.2.2") is not None


def test_sessions_end_after_two_idle_hours_and_after_twelve_busy_ones(
    database: Database, clock: Clock
) -> None:
    add_user(database, "joke")
    usage = Usage(database)
    sessions = Sessions(database, CHEAP, usage, Policy(), clock=clock)
    token = sessions.sign_in("joke", PASSWORD, "192.0.2.1")
    assert token is not None
    for _ in range(7):
        clock.forward(hours=1.7)
        assert sessions.recognise(token) is not None
        usage.flush()
    clock.forward(hours=0.2)
    assert sessions.recognise(token) is None
    idle = sessions.sign_in("joke", PASSWORD, "192.0.2.1")
    assert idle is not None
    clock.forward(hours=2)
    assert sessions.recognise(idle) is None
    assert sessions.sign_in("joke", PASSWORD, "192.0.2.1") is not None
    with database.read() as session:
        assert len(session.scalars(select(SessionRow)).all()) == 1


def test_an_unknown_user_costs_as_much_to_refuse_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the time an answer takes does not tell who has an account."""
    costs: list[Parameters] = []
    verify = PasswordHasher.verify

    def watched(hasher: PasswordHasher, kept: str, password: str) -> bool:
        costs.append(extract_parameters(kept))
        return verify(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    passwords = Passwords(rounds=2, memory_kib=1024)
    assert not passwords.verify(passwords.hash(PASSWORD), "mistaken password")
    assert not passwords.verify(None, "mistaken password")
    assert len(costs) == 2
    assert costs[0] == costs[1]


def test_a_password_kept_at_a_lower_cost_is_kept_anew_at_the_next_login(database: Database) -> None:
    add_user(database, "joke")
    dearer = Sessions(database, Passwords(rounds=2, memory_kib=128), Usage(database))
    assert dearer.sign_in("joke", PASSWORD, "192.0.2.1") is not None
    with database.read() as session:
        assert "m=128,t=2" in (session.scalars(select(UserRow.password_hash)).one() or "")
    assert dearer.sign_in("joke", PASSWORD, "192.0.2.1") is not None


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaaaa", "joke.jansen1"])
def test_a_poor_password_is_refused_and_not_shown(password: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_password(password, "joke.jansen")
    assert password not in str(caught.value)


def test_the_last_admin_stays(database: Database) -> None:
    add_user(database, "root", "admin")
    with database.write() as session:
        service = UserService(session, CHEAP, TERMINAL)
        with pytest.raises(ConflictError, match="only admin"):
            service.disable("root")
        with pytest.raises(ConflictError, match="only admin"):
            service.set_role("root", "handler")


@pytest.mark.parametrize("name", ["", "Joke", "a b", "-a", "key:crm", "local", "x" * 101, "a\n"])
def test_a_name_that_could_be_taken_for_another_is_refused(database: Database, name: str) -> None:
    with database.write() as session, pytest.raises(InvalidError, match="/name"):
        UserService(session, CHEAP, TERMINAL).add(name, "handler", password=PASSWORD)


def test_one_time_passwords_are_good_passwords_and_never_the_same() -> None:
    made = {one_time_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        check_password(password, "admin")
