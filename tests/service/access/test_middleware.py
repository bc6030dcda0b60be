from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.database.engine import Database
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.access.support import add_user, browser, form_token, sign_in

TEXT = {"items": [{"text": "Prima."}]}


@pytest.fixture
def fresh(sqlite_url: str, host: ModelHost) -> Iterator[TestClient]:
    """A service as it is without any setting, asked by a program on the same machine."""
    app = create_app(Settings(database_url=sqlite_url, background=False), models_host=host)
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        assert host.wait(10)
        yield client


def test_a_fresh_install_classifies_for_this_machine_and_shows_no_feedback(fresh: TestClient) -> None:
    assert fresh.post("/v1/classify", json=TEXT).status_code == 200
    assert fresh.get("/v1/model").status_code == 200
    for method, path in (
        ("GET", "/v1/feedback"),
        ("POST", "/v1/feedback"),
        ("GET", "/v1/corrections/export"),
        ("POST", "/v1/jobs"),
        ("DELETE", "/v1/feedback/1"),
        ("GET", "/v1/subscriptions"),
    ):
        assert fresh.request(method, path).status_code == 401, path


def test_a_page_that_resolves_its_own_name_to_this_machine_gets_nothing(fresh: TestClient) -> None:
    """DNS rebinding: the browser believes it talks to evil.example."""
    response = fresh.post("/v1/classify", json=TEXT, headers={"Host": "evil.example:8000"})
    assert response.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_page_cannot_make_this_machine_work(fresh: TestClient, headers: dict[str, str]) -> None:
    assert fresh.post("/v1/classify", json=TEXT, headers=headers).status_code == 403


def test_where_others_can_reach_it_nothing_goes_without_a_key(sqlite_url: str, host: ModelHost) -> None:
    settings = Settings(database_url=sqlite_url, background=False, host="0.0.0.0")
    app = create_app(settings, models_host=host)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert client.post("/v1/classify", json=TEXT).status_code == 401
        assert client.get("/health/live").status_code == 200


def test_everything_open_is_refused_where_others_can_reach_it() -> None:
    with pytest.raises(ValueError, match=r"open everybody's feedback to whoever reaches 0\.0\.0\.0"):
        Settings(host="0.0.0.0", require_keys=False)


def test_a_change_needs_the_sessions_token_by_field_or_header(guarded: TestClient, store: Database) -> None:
    add_user(store, "root", "admin")
    client = browser(guarded)
    person = sign_in(client, "root")
    assert client.delete("/v1/feedback/1").json()["type"].endswith(":csrf-token")
    assert client.delete("/v1/feedback/1", headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    assert client.delete("/v1/feedback/1", headers=person.headers).status_code == 404
    assert client.post("/logout", data={"csrf_token": "0" * 64}).status_code == 403
    assert client.get("/account/password").status_code == 200
    assert client.post("/logout", data={"csrf_token": person.csrf}).status_code == 303


def test_the_token_of_another_session_does_not_do(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke")
    add_user(store, "mallory")
    client, other = browser(guarded), browser(guarded)
    sign_in(client, "joke")
    mallory = sign_in(other, "mallory")
    assert client.post("/logout", data={"csrf_token": mallory.csrf}).status_code == 403


def test_an_upload_needs_the_token_too(guarded: TestClient, store: Database) -> None:
    add_user(store, "ana", "analyst")
    client = browser(guarded)
    person = sign_in(client, "ana")
    files = {"file": ("a.csv", b"toelichting\nPrima\n")}
    assert client.post("/v1/jobs", files=files).status_code == 403
    assert client.post("/v1/jobs", files=files, data={"csrf_token": person.csrf}).status_code == 202
    assert client.post("/v1/jobs", files=files, headers=person.headers).status_code == 202


def test_another_sites_form_signs_nobody_in(guarded: TestClient, store: Database) -> None:
    add_user(store, "mallory")
    client = browser(guarded)
    fields = {"name": "mallory", "password": "correct horse battery"}
    assert client.post("/login", data=fields).status_code == 403
    attackers_token = form_token(browser(guarded).get("/login").text)
    client.get("/login")
    assert client.post("/login", data=fields | {"csrf_token": attackers_token}).status_code == 403


def test_a_cross_site_change_is_refused_even_with_the_token(guarded: TestClient, store: Database) -> None:
    add_user(store, "joke")
    client = browser(guarded)
    person = sign_in(client, "joke")
    headers = person.headers | {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/logout", headers=headers).status_code == 403


def test_who_may_not_is_refused_before_the_body_is_read(guarded: TestClient) -> None:
    def body() -> Iterator[bytes]:
        yield b'{"items": ['
        pytest.fail("the body was read on")

    response = guarded.post("/v1/feedback", content=body(), headers={"Content-Type": "application/json"})
    assert response.status_code == 401


def test_what_is_nowhere_is_told_as_such(guarded: TestClient) -> None:
    assert guarded.get("/v1/nothing").status_code == 404
    assert guarded.get("/v1/classify").status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/v1/feedback/", "//v1/feedback", "/v1//feedback", "/V1/feedback", "/v1/feedback%2f", "/./v1/feedback"],
)
def test_no_other_spelling_of_a_path_gets_past(guarded: TestClient, path: str) -> None:
    response = guarded.get(path, follow_redirects=False)
    assert response.status_code in (307, 401, 404), response.text
