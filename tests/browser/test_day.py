"""A handler's day, walked in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Site, log_in


def open_complaint(page: Page) -> None:
    page.goto("/inbox?signal=klacht&sort=newest")
    page.locator(".rows .open").first.click()
    expect(page.locator("#labels")).to_be_visible()


def test_somebody_logs_in_and_sees_the_urgent_first(chrome: Browser, running: Site) -> None:
    context = chrome.new_context()
    page = context.new_page()
    log_in(page, running.url)
    expect(page.locator(".rows li").first.locator(".signal").first).to_be_visible()
    context.close()


def test_a_wrong_password_lets_nobody_in_and_says_why(chrome: Browser, running: Site) -> None:
    context = chrome.new_context()
    page = context.new_page()
    page.goto(f"{running.url}/inbox")
    page.fill("#name", "anna")
    page.fill("#password", "geraden-maar-verkeerd")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_contain_text("horen niet bij elkaar")
    context.close()


def test_the_list_is_walked_and_an_item_opened_with_the_keys(page: Page) -> None:
    page.goto("/inbox")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator(".rows .open").nth(1)
    expect(second).to_be_focused()
    target = second.get_attribute("href")
    page.keyboard.press("k")
    expect(page.locator(".rows .open").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#ticked")).to_have_text("1 aangevinkt")
    page.keyboard.press("o")
    page.wait_for_url(f"**{target}")


def test_a_theme_is_corrected_by_one_key_and_undone_by_another(page: Page) -> None:
    open_complaint(page)
    page.keyboard.press("5")
    theme = page.locator('[data-digit="5"]')
    was_on = "on" in (theme.get_attribute("class") or "").split()
    expect(page.locator("#notice")).to_contain_text("Gecorrigeerd")
    expect(page.locator("#undo")).to_be_enabled()
    now_on = "on" in (page.locator('[data-digit="5"]').get_attribute("class") or "").split()
    if not now_on:
        page.keyboard.press("5")
        expect(page.locator('[data-digit="5"]')).to_have_class(re.compile(r"\bon\b"))
    page.keyboard.press("+")
    expect(page.locator('[data-digit="5"] .pos')).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("-")
    expect(page.locator('[data-digit="5"] .neg')).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("u")
    expect(page.locator('[data-digit="5"] .pos')).to_have_attribute("aria-pressed", "true")
    while page.locator("#undo").is_enabled():
        page.keyboard.press("u")
        expect(page.locator("#notice")).to_contain_text("Ongedaan gemaakt")
        page.wait_for_timeout(100)
    assert isinstance(was_on, bool)


def test_pointing_at_a_theme_lights_its_words_up(page: Page) -> None:
    open_complaint(page)
    theme = page.locator(".theme.on").first
    code = theme.get_attribute("data-theme")
    expect(page.locator("mark.lit")).to_have_count(0)
    theme.hover()
    expect(page.locator(f"mark.t-{code}.lit").first).to_be_visible()
    page.mouse.move(1, 1)
    expect(page.locator("mark.lit")).to_have_count(0)
    theme.locator(".name").focus()
    expect(page.locator(f"mark.t-{code}.lit").first).to_be_visible()


def test_confirming_keeps_the_place_and_the_focus(page: Page) -> None:
    open_complaint(page)
    page.locator("#confirm").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("Bevestigd")
    expect(page.locator("#confirm")).to_be_focused()
    page.locator("#undo").click()
    expect(page.locator("#notice")).to_contain_text("Ongedaan")


def test_answered_goes_on_to_the_next(page: Page) -> None:
    page.goto("/inbox")
    first = page.locator(".rows .open").first.get_attribute("href")
    second = page.locator(".rows .open").nth(1).get_attribute("href")
    page.goto(str(first))
    page.keyboard.press("e")
    page.wait_for_url(f"**{second}**")
    page.goto(str(first))
    page.locator("#s-new").click()
    expect(page.locator("#s-new")).to_have_attribute("aria-pressed", "true")


def test_many_are_assigned_at_once_and_found_under_their_handler(page: Page) -> None:
    page.goto("/inbox?sort=newest")
    for number in range(2):
        page.locator(".rows input[type=checkbox]").nth(number).check()
    page.select_option("#bulk-action", label="Bram Jansen")
    page.get_by_role("button", name="Uitvoeren").click()
    expect(page.locator("#notice")).to_contain_text("Gedaan")
    page.select_option("#f-handler", label="Bram Jansen")
    expect(page.locator(".rows li")).to_have_count(2)
    assert "handler=" in page.url
    page.locator("#tick-all").check()
    page.select_option("#bulk-action", label="Niemand")
    page.get_by_role("button", name="Uitvoeren").click()
    expect(page.get_by_text("Geen item past")).to_be_visible()


def test_searching_with_the_slash_marks_what_was_found(page: Page) -> None:
    page.goto("/inbox")
    page.keyboard.press("/")
    page.keyboard.type("wacht")
    page.keyboard.press("Enter")
    expect(page.locator("mark.hit").first).to_contain_text(re.compile("wacht", re.IGNORECASE))


def test_a_filter_is_set_by_one_tick_and_stands_in_the_address(page: Page) -> None:
    page.goto("/inbox")
    page.locator("#d-theme summary").click()
    page.locator('#d-theme input[value="empathie"]').check()
    page.wait_for_url("**theme=empathie**")
    expect(page.locator("#d-theme")).to_have_attribute("open", "")
    for chips in page.locator(".rows .tags").all():
        expect(chips).to_contain_text("Empathie")
    page.go_back()
    expect(page.locator(".active")).to_have_count(0)


def test_language_and_dark_mode_are_switched_at_a_click(page: Page) -> None:
    page.goto("/inbox?sort=newest")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="Contradictions")).to_be_visible()
    assert page.url.endswith("/inbox?sort=newest")
    page.get_by_role("link", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 26)"
    page.get_by_role("link", name="Light").click()
    page.get_by_role("link", name="Nederlands").click()
    expect(page.get_by_role("link", name="Tegenspraak")).to_be_visible()


def test_the_keys_are_shown_and_can_be_turned_off(page: Page) -> None:
    page.goto("/inbox")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#keys-off").click()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".rows .open").first).not_to_be_focused()
    expect(page.locator(".find kbd")).to_be_hidden()


def test_nothing_is_wider_than_a_phone_or_at_twice_the_size(page: Page) -> None:
    page.goto("/inbox")
    item = str(page.locator(".rows .open").first.get_attribute("href"))
    for width in (360, 640):
        page.set_viewport_size({"width": width, "height": 740})
        for path in ("/inbox", item, "/mismatches", "/classify", "/help", "/admin/model", "/admin/users"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_new_items_announce_themselves_without_moving_the_list(page: Page) -> None:
    page.goto("/inbox")
    page.evaluate("document.getElementById('news').dataset.since = '1'")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#news")).to_contain_text("nieuwe items")


def test_everything_that_matters_works_without_scripts(
    chrome: Browser, running: Site, signed_in: dict[str, object]
) -> None:
    context = chrome.new_context(storage_state=signed_in, java_script_enabled=False, base_url=running.url)
    page = context.new_page()
    page.goto("/inbox?sort=newest")
    page.fill("#find", "wacht")
    page.press("#find", "Enter")
    assert page.locator("mark.hit").count() > 0
    page.goto("/inbox")
    page.select_option("#f-sort", "oldest")
    page.click("#f-go")
    assert "sort=oldest" in page.url
    page.locator(".rows .open").first.click()
    page.click("#t-gemak1")
    assert "Gecorrigeerd" in page.locator("#notice").inner_text()
    page.click("#undo")
    assert "Ongedaan" in page.locator("#notice").inner_text()
    page.locator(".theme .name").first.click()
    assert "theme=" in page.url
    page.goto("/classify")
    page.fill("textarea", "Ik heb lang gewacht.")
    page.click("main button.main")
    assert page.locator(".scores").count() > 0
    page.goto("/inbox")
    page.locator(".rows input[type=checkbox]").first.check()
    page.select_option("#bulk-action", "status:in_progress")
    page.click(".bulk button")
    assert "Gedaan" in page.locator("#notice").inner_text()
    context.close()
