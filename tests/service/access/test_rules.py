"""Every route with every role and every scope does what docs/access.md says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.access.principal import Principal
from service.access.roles import ROLES, SCOPES
from service.access.routes import RuleBook, route_names
from service.access.rules import RULES, UNNAMED
from service.actor import Actor
from service.database.engine import Database
from tests.service.access.support import Browser, add_key, add_user, bearer, browser, sign_in

PAGE = Path(__file__).resolve().parents[3] / "docs" / "access.md"
ROW = re.compile(r"^\| `([A-Z]+ /[^`]*)` \| (.*) \|$")


@dataclass(frozen=True)
class Documented:
    """A row of the table."""

    public: bool
    roles: frozenset[str]
    scopes: frozenset[str]


def documented() -> dict[str, Documented]:
    table = {}
    for line in PAGE.read_text("utf-8").splitlines():
        match = ROW.match(line)
        if match is None:
            continue
        handler, analyst, admin, scopes = match[2].split(" | ")
        public = scopes == "everybody"
        roles = frozenset(
            role for role, cell in zip(ROLES, (handler, analyst, admin), strict=True) if cell == "yes"
        )
        named = frozenset(scopes.replace("`", "").split(", ")) if not public else frozenset()
        table[match[1]] = Documented(
            public, roles, frozenset(SCOPES) if "any scope" in named else named & frozenset(SCOPES)
        )
    return table


def test_every_route_is_in_the_table_and_the_table_has_no_other(guarded: TestClient) -> None:
    assert isinstance(guarded.app, FastAPI)
    names = set(route_names(guarded.app))
    assert names - documented().keys() == set(), "routes that docs/access.md does not name"
    assert names - RULES.keys() == set(), "routes without a rule: they are for admins only"
    assert documented().keys() - names == set(), "rows of docs/access.md for routes that are gone"
    assert RULES.keys() - names == set(), "rules for routes that are gone"


def is_denied(client: TestClient, name: str, headers: dict[str, str]) -> bool:
    method, path = name.split(" ", 1)
    response = client.request(method, re.sub(r"\{[^}]*\}", "999999", path), headers=headers)
    assert response.status_code < 500 or response.status_code == 503, (name, response.text)
    problem = response.headers.get("content-type") == "application/problem+json"
    return problem and response.status_code in (401, 403)


def test_every_role_and_scope_may_exactly_what_the_table_says(guarded: TestClient, store: Database) -> None:
    assert isinstance(guarded.app, FastAPI)
    people: dict[str, Browser] = {}
    for role in ROLES:
        add_user(store, f"some-{role}", role)
        people[role] = sign_in(browser(guarded), f"some-{role}")
    secrets = {scope: add_key(store, f"only-{scope}", scope) for scope in SCOPES}
    nobody = browser(guarded)
    table = documented()
    wrong = []
    names = route_names(guarded.app)
    for name in sorted(names, key=lambda name: name == "POST /logout"):
        row = table[name]
        found = {role: is_denied(person.client, name, person.headers) for role, person in people.items()}
        wrong += [
            (name, role) for role, denied in found.items() if denied is (row.public or role in row.roles)
        ]
        for scope, secret in secrets.items():
            denied = is_denied(nobody, name, bearer(secret))
            if denied is (row.public or scope in row.scopes):
                wrong.append((name, scope))
        if is_denied(nobody, name, {}) is row.public:
            wrong.append((name, "nobody"))
    assert wrong == []


def test_a_route_that_the_table_does_not_name_is_for_admins_only() -> None:
    rule = RuleBook({}, ["GET /new/{id}"]).find("GET", "/new/7")
    assert rule is UNNAMED
    assert [role for role in ROLES if rule.allows(Principal(Actor("a", "user"), role=role, user_id=1))] == [
        "admin"
    ]
    assert not rule.allows(Principal(Actor("key:k", "key"), scopes=frozenset(SCOPES)))


def test_head_needs_what_get_needs() -> None:
    book = RuleBook(RULES, [])
    assert book.find("HEAD", "/v1/feedback") is RULES["GET /v1/feedback"]
