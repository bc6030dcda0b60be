"""How tokens are kept, on each database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import text

from service.ciphers import Cipher, CipherError
from service.database.engine import Database
from service.errors import ConflictError
from service.sealing import is_sealed
from service.settings import Settings
from service.trackers.adapters import TrackerError
from service.trackers.tables import TrackerRow
from service.trackers.tokens import Tokens, seal_tokens

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
BODY = {
    "name": "x",
    "kind": "github",
    "url": "https://93.184.216.34",
    "project": "a/b",
    "token": "geheim-123",
}


def with_keys(*keys: str, url: str = "sqlite://") -> Settings:
    secrets = [SecretStr(key) for key in keys]
    return Settings(database_url=url, background=False, require_keys=False, secrets_keys=secrets)


def kept(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(text("SELECT token FROM trackers ORDER BY id")))


def keep(database: Database, *tokens: str) -> None:
    with database.write() as session:
        for number, token in enumerate(tokens):
            row = TrackerRow(
                name=f"t{number}", kind="github", url="u", project="p", token=token, states={}, created_by="x"
            )
            session.add(row)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_a_token_is_kept_as_ciphertext_and_opened_with_any_of_the_keys(token: str) -> None:
    sealed = Tokens(with_keys(OLD)).seal(token)
    assert sealed != Tokens(with_keys(OLD)).seal(token)
    assert len(token) < 8 or token not in sealed
    assert Tokens(with_keys(NEW, OLD)).open(sealed) == token
    for keys in ((), (NEW,)):
        with pytest.raises(TrackerError, match="none of FEEDBACK_NLP_SECRETS_KEYS") as caught:
            Tokens(with_keys(*keys)).open(sealed)
        assert caught.value.lasting


def test_what_comes_in_lies_in_the_store_as_ciphertext(
    store_url: str, database: Database, running: Callable[[Settings], TestClient]
) -> None:
    answer = running(with_keys(OLD, url=store_url)).post("/v1/trackers", json=BODY)
    assert answer.status_code == 201, answer.text
    (token,) = kept(database)
    assert BODY["token"] not in token
    assert Tokens(with_keys(OLD)).open(token) == BODY["token"]


def test_without_a_key_no_token_is_taken(
    store_url: str, database: Database, running: Callable[[Settings], TestClient]
) -> None:
    answer = running(with_keys(url=store_url)).post("/v1/trackers", json=BODY)
    assert answer.status_code == 409
    assert "FEEDBACK_NLP_SECRETS_KEYS" in answer.json()["detail"]
    assert kept(database) == []
    with pytest.raises(ConflictError):
        Tokens(with_keys()).seal("x")


@pytest.mark.parametrize(
    ("language", "before", "refusal"),
    [
        ("nl", "eerst een sleutel nodig", "Het volgsysteem is niet toegevoegd"),
        ("en", "needs a key first", "The tracker was not added"),
    ],
)
def test_the_page_says_beforehand_that_a_key_is_needed_and_refuses_in_its_own_language(
    store_url: str,
    database: Database,
    running: Callable[[Settings], TestClient],
    language: str,
    before: str,
    refusal: str,
) -> None:
    page, way_out = {"accept": "text/html"}, "FEEDBACK_NLP_SECRETS_KEYS="
    client = running(with_keys(url=store_url))
    client.get(f"/language/{language}")
    shown = client.get("/admin/trackers", headers=page).text
    assert before in shown
    assert way_out in shown
    assert "Fernet.generate_key()" in shown
    assert 'name="token"' not in shown
    assert refusal not in shown
    answer = client.post("/admin/trackers", data=BODY, headers=page)
    assert answer.status_code == 409
    assert refusal in answer.text
    assert way_out in answer.text
    assert kept(database) == []
    shown = running(with_keys(OLD, url=store_url)).get("/admin/trackers", headers=page).text
    assert 'name="token"' in shown
    assert way_out not in shown


def test_a_start_encrypts_what_lay_in_plain_and_a_second_one_changes_nothing(database: Database) -> None:
    keep(database, "een", "twee")
    seal_tokens(database, with_keys())
    assert kept(database) == ["een", "twee"]
    seal_tokens(database, with_keys(OLD))
    sealed = kept(database)
    assert [Tokens(with_keys(OLD)).open(token) for token in sealed] == ["een", "twee"]
    assert all(is_sealed(token) for token in sealed)
    seal_tokens(database, with_keys(OLD))
    assert kept(database) == sealed


def test_a_new_key_in_front_takes_over_and_what_no_key_opens_is_left(database: Database) -> None:
    lost = Tokens(with_keys(Fernet.generate_key().decode())).seal("weg")
    keep(database, Tokens(with_keys(OLD)).seal("een"), lost)
    seal_tokens(database, with_keys(NEW, OLD))
    first, second = kept(database)
    assert Tokens(with_keys(NEW)).open(first) == "een"
    assert second == lost


def test_a_cipher_takes_no_key_that_is_none() -> None:
    with pytest.raises(ValueError, match="32 url-safe"):
        Cipher(["kort"])
    with pytest.raises(CipherError):
        Cipher([NEW]).decrypt(Cipher([OLD]).encrypt("x"))
