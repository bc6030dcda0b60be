from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.headers import CONTENT_SECURITY_POLICY
from service.models.live import ModelHost
from service.settings import Settings

TEXT = {"items": [{"text": "Prima."}]}


@pytest.mark.parametrize("path", ["/health/live", "/v1/model", "/login", "/v1/nothing", "/v1/feedback/abc"])
def test_every_answer_keeps_browsers_careful(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


def test_the_policy_has_no_way_for_inline_script_or_style() -> None:
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    for weak in ("unsafe", "*", "http:", "nonce"):
        assert weak not in CONTENT_SECURITY_POLICY


def test_no_template_has_what_the_policy_forbids() -> None:
    """Inline script, style and event handlers would silently not work."""
    folder = Path(__file__).resolve().parents[2] / "service" / "templates"
    pages = list(folder.rglob("*.html"))
    assert pages
    for page in pages:
        content = page.read_text("utf-8").lower()
        for forbidden in (
            "<style",
            " style=",
            "<script>",
            " onclick=",
            " onchange=",
            " onsubmit=",
            "javascript:",
        ):
            assert forbidden not in content, (page.name, forbidden)


def test_behind_https_browsers_are_told_to_stay_there(sqlite_url: str, host: ModelHost) -> None:
    settings = Settings(database_url=sqlite_url, background=False, secure_cookies=True)
    with TestClient(create_app(settings, models_host=host)) as client:
        answer = client.get("/login")
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-feedback_nlp_login=")
    assert "Secure" in cookie


def test_other_sites_may_not_read_answers(client: TestClient) -> None:
    answer = client.get("/v1/model", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    preflight = client.options(
        "/v1/classify",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in preflight.headers


@pytest.fixture
def shared(sqlite_url: str, host: ModelHost) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sqlite_url,
        background=False,
        require_keys=True,
        cors_origins=["https://intranet.example"],
    )
    with TestClient(create_app(settings, models_host=host)) as client:
        yield client


def test_a_site_that_is_named_may_use_keys_but_no_cookies(shared: TestClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = shared.options("/v1/classify", headers={"Origin": "https://intranet.example", **asked})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://intranet.example"
    assert "access-control-allow-credentials" not in answer.headers
    refused = shared.options(
        "/v1/classify", headers={"Origin": "https://intranet.example.evil.example", **asked}
    )
    assert "access-control-allow-origin" not in refused.headers


def test_oversized_headers_are_refused(client: TestClient) -> None:
    answer = client.get("/health/live", headers={"X-Padding": "x" * 16_384})
    assert answer.status_code == 431
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/health/live", headers={"X-Padding": "x" * 8_000}).status_code == 200


def test_too_many_headers_are_refused(client: TestClient) -> None:
    many = {f"X-Padding-{number}": "x" for number in range(101)}
    assert client.get("/health/live", headers=many).status_code == 431


def test_too_long_an_address_is_refused_and_not_repeated(client: TestClient) -> None:
    answer = client.get("/v1/" + "x" * 9_000)
    assert answer.status_code == 414
    assert len(answer.json()["instance"]) <= 200
    assert client.get("/v1/model", params={"a": "x" * 9_000}).status_code == 414


def test_an_oversized_body_is_refused_whether_or_not_it_says_so(client: TestClient) -> None:
    assert client.post("/v1/classify", content=b"x" * 1_000_001).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    headers = {"Content-Type": "application/json"}
    assert client.post("/v1/classify", content=chunks(), headers=headers).status_code == 413
