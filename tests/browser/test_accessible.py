"""axe on every page in both themes, and the keyboard's way through a page."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.screenshots import PAGES
from tests.browser.site import Site


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(page: Page, theme: str) -> None:
    page.goto("/inbox?sort=newest")
    last = str(page.locator(".open").first.get_attribute("href")).rsplit("/", 1)[1]
    page.goto(f"/appearance/{theme}?next=/help")
    axe = Axe()
    found: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        if name == "missing":
            continue
        page.goto(path.format(last=last))
        if name == "classify":
            page.fill("textarea", "Ik heb drie kwartier in de wacht gestaan.")
            page.click("main button.main")
            page.wait_for_selector(".scores")
        if name == "inbox":
            page.locator("#d-theme summary").click()
        violations = axe.run(page).response["violations"]
        if violations:
            found[name] = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations]
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_before_signing_in_on_errors_and_where_a_password_is_chosen(
    chrome: Browser, running: Site, page: Page, theme: str
) -> None:
    page.goto(f"/appearance/{theme}?next=/help")
    axe = Axe()
    found: dict[str, list[str]] = {}

    def look(name: str, opened: Page) -> None:
        violations = axe.run(opened).response["violations"]
        if violations:
            found[name] = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations]

    page.goto("/account/password")
    look("password", page)
    context = chrome.new_context(base_url=running.url, locale="nl-NL")
    outside = context.new_page()
    outside.goto(f"/appearance/{theme}?next=/login")
    look("login", outside)
    outside.fill("#name", "niemand")
    outside.fill("#password", "verkeerd wachtwoord")
    outside.click("button[type=submit]")
    look("refused", outside)
    context.close()
    # A missing page is an error in the browser's console, which pages of this fixture may not have.
    context = chrome.new_context(base_url=running.url, storage_state=page.context.storage_state())
    missing = context.new_page()
    missing.goto("/items/999999")
    look("missing", missing)
    context.close()
    assert found == {}


def test_every_stop_of_the_tab_key_can_be_seen(page: Page) -> None:
    page.goto("/inbox")
    page.goto(str(page.locator(".rows .open").first.get_attribute("href")))
    stops = 0
    for _ in range(120):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const e = document.activeElement; if (!e || e === document.body) return null;
                const s = getComputedStyle(e); const r = e.getBoundingClientRect();
                return {outline: s.outlineStyle, width: r.width, html: e.outerHTML.slice(0, 120)}; }"""
        )
        if seen is None:
            break
        stops += 1
        assert seen["outline"] != "none", seen["html"]
        assert seen["width"] > 0, seen["html"]
    assert stops > 40
