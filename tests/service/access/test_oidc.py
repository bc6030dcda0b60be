"""Single sign-on against a provider that runs in the test, with real keys and real tokens."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from service.access.oidc import SingleSignOn
from service.access.users import UserService
from service.app import create_app
from service.database.engine import Database
from service.models.live import ModelHost
from service.settings import Settings
from tests.service.access.support import CHEAP, TERMINAL, add_user, browser

ISSUER = "https://id.example"
KEY = RSAKey.generate_key(2048, {"kid": "1"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "1"}, private=True)


@dataclass
class Provider:
    """Answers as a provider does; `claims` and `key` can be made wrong."""

    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    algorithm: str = "RS256"
    issuer: str = ISSUER
    asked: dict[str, str] = field(default_factory=dict)

    def send_to(self, address: str) -> str:
        """What somebody who signs in at the provider is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked = query
        back = urlsplit(query["redirect_uri"])
        return f"{back.path}?code=one-time&state={query['state']}"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(
                200,
                json={
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "jwks_uri": f"{ISSUER}/keys",
                },
            )
        if request.url.path == "/keys":
            return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
        assert request.url.path == "/token"
        form = dict(parse_qsl(request.content.decode()))
        made = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(made).rstrip(b"=").decode() == self.asked["code_challenge"]
        claims = {
            "iss": ISSUER,
            "aud": "feedback",
            "sub": "7",
            "exp": int(time.time()) + 300,
            "nonce": self.asked["nonce"],
            "preferred_username": "Joke",
            **self.claims,
        }
        token = jwt.encode({"alg": self.algorithm, "kid": "1"}, claims, self.key)
        return httpx.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def with_sso(guarded_settings: Settings, provider: Provider, host: ModelHost) -> Iterator[TestClient]:
    settings = guarded_settings.model_copy(
        update={"public_url": "http://testserver", "oidc_issuer": ISSUER, "oidc_client_id": "feedback"}
    )
    with TestClient(create_app(settings, models_host=host), follow_redirects=False) as client:
        sso = SingleSignOn(settings, transport=httpx.MockTransport(provider))
        client.app_state["access"] = replace(client.app_state["access"], sso=sso)
        yield client


def sign_on(client: TestClient, provider: Provider) -> httpx.Response:
    begun = client.get("/login/sso", params={"next": "/inbox"})
    assert begun.status_code == 303
    assert begun.headers["location"].startswith(f"{ISSUER}/authorize?")
    return client.get(provider.send_to(begun.headers["location"]))


def test_a_known_user_is_let_in_and_goes_on(
    with_sso: TestClient, provider: Provider, store: Database
) -> None:
    with store.write() as session:
        UserService(session, CHEAP, TERMINAL).add("joke", "handler")
    client = browser(with_sso)
    assert "/login/sso" in client.get("/login").text
    answer = sign_on(client, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
    assert provider.asked["code_challenge_method"] == "S256"
    assert client.get("/account/password").status_code == 200


def test_who_is_unknown_here_is_not_added(with_sso: TestClient, provider: Provider) -> None:
    client = browser(with_sso)
    answer = sign_on(client, provider)
    assert answer.headers["location"] == "/login?problem=sso"
    assert client.get("/account/password").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": ["feedback", "another-client"], "azp": "another-client"},
        {"exp": int(time.time()) - 3600},
        {"nonce": "of another login"},
        {"preferred_username": None},
        {"preferred_username": 7},
    ],
)
def test_a_token_that_is_not_for_this_login_lets_nobody_in(
    with_sso: TestClient, provider: Provider, store: Database, claims: dict[str, Any]
) -> None:
    add_user(store, "joke")
    provider.claims = claims
    client = browser(with_sso)
    assert sign_on(client, provider).headers["location"] == "/login?problem=sso"
    assert client.get("/account/password").status_code == 401


def test_a_token_by_another_key_lets_nobody_in(
    with_sso: TestClient, provider: Provider, store: Database
) -> None:
    add_user(store, "joke")
    provider.key = OTHER
    assert sign_on(browser(with_sso), provider).headers["location"] == "/login?problem=sso"


def test_a_provider_that_calls_itself_otherwise_is_not_asked(
    with_sso: TestClient, provider: Provider
) -> None:
    provider.issuer = "https://evil.example"
    assert browser(with_sso).get("/login/sso").headers["location"] == "/login?problem=sso"


def test_an_answer_to_another_browsers_question_lets_nobody_in(
    with_sso: TestClient, provider: Provider, store: Database
) -> None:
    """Login CSRF: the attacker's code and state, in the victim's browser."""
    add_user(store, "joke")
    attacker, victim = browser(with_sso), browser(with_sso)
    planted = provider.send_to(attacker.get("/login/sso").headers["location"])
    assert victim.get(planted).headers["location"] == "/login?problem=sso"
    victim.get("/login/sso")
    assert victim.get(planted).headers["location"] == "/login?problem=sso"
    assert victim.get("/account/password").status_code == 401


def test_a_disabled_user_stays_out(with_sso: TestClient, provider: Provider, store: Database) -> None:
    add_user(store, "joke")
    with store.write() as session:
        UserService(session, CHEAP, TERMINAL).disable("joke")
    assert sign_on(browser(with_sso), provider).headers["location"] == "/login?problem=sso"


def test_without_a_provider_there_is_no_single_sign_on(guarded: TestClient) -> None:
    assert guarded.get("/login/sso").status_code == 404
    assert "/login/sso" not in guarded.get("/login").text


def test_an_unverified_address_is_no_name(guarded_settings: Settings, provider: Provider) -> None:
    settings = guarded_settings.model_copy(
        update={
            "public_url": "http://testserver",
            "oidc_issuer": ISSUER,
            "oidc_client_id": "feedback",
            "oidc_claim": "email",
        }
    )
    sso = SingleSignOn(settings, transport=httpx.MockTransport(provider))
    for verified, lets_in in ((True, True), (False, False), ("true", False)):
        provider.claims = {"email": "Joke@example.org", "email_verified": verified}
        begun = sso.begin("/")
        query = dict(parse_qsl(urlsplit(provider.send_to(begun.address)).query))
        if lets_in:
            assert sso.finish(query, begun.pending) == "joke@example.org"
        else:
            with pytest.raises(Exception, match="not verified"):
                sso.finish(query, begun.pending)
