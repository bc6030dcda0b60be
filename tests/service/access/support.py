"""Users, keys and browsers for tests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi.testclient import TestClient

from service.access.keys import KeyService
from service.access.passwords import Passwords
from service.access.roles import Role, Scope
from service.access.users import UserService
from service.actor import Actor
from service.database.engine import Database

CHEAP = Passwords(rounds=1, memory_kib=64)
PASSWORD = "correct horse battery"
TERMINAL = Actor("terminal")


def add_user(database: Database, name: str, role: Role = "handler", *, one_time: bool = False) -> int:
    with database.write() as session:
        row = UserService(session, CHEAP, TERMINAL).add(name, role, password=PASSWORD, one_time=one_time)
        return row.id


def add_key(database: Database, name: str, *scopes: Scope, rate_limit: int | None = None) -> str:
    with database.write() as session:
        return KeyService(session, TERMINAL).create(name, scopes, rate_limit=rate_limit).secret


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@dataclass(frozen=True)
class Browser:
    """Cookies of its own on a shared application, and the token of its forms."""

    client: TestClient
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.csrf}


def browser(client: TestClient) -> TestClient:
    """Another browser on the same running application."""
    other = TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)
    other.app_state.update(client.app_state)
    return other


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def try_login(client: TestClient, name: str, password: str = PASSWORD, target: str = "/") -> int:
    """Fill in the form; the status of the answer, 303 when it let in."""
    token = form_token(client.get("/login").text)
    fields = {"name": name, "password": password, "csrf_token": token, "next": target}
    return client.post("/login", data=fields, follow_redirects=False).status_code


def sign_in(client: TestClient, name: str, password: str = PASSWORD) -> Browser:
    """A browser that is signed in; `client` must have follow_redirects=False."""
    assert try_login(client, name, password) == 303
    return Browser(client, form_token(client.get("/account/password").text))
