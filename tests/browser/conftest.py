"""The pages in a real browser. A missing browser fails where CI is set; elsewhere the tests are skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Site, browser, chromium, log_in, site

expect.set_options(timeout=20_000)  # milliseconds; a busy machine is slow, a broken page never gets there

MISSING = "no Chromium here: run `make browser`, or on Debian `apt-get install chromium`"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with site(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture(scope="session")
def chrome(running: Site) -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def signed_in(chrome: Browser, running: Site) -> dict[str, object]:
    """The cookies of somebody who has signed in."""
    context = chrome.new_context()
    log_in(context.new_page(), running.url)
    state: dict[str, object] = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture
def page(chrome: Browser, running: Site, signed_in: dict[str, object]) -> Iterator[Page]:
    """A signed-in page that must stay within the site and the policy, and log no error."""
    context = chrome.new_context(storage_state=signed_in, base_url=running.url, locale="nl-NL")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "request",
        lambda sent: None if sent.url.startswith(running.url) else faults.append(f"asked {sent.url}"),
    )
    yield opened
    context.close()
    assert faults == []
