"""The dashboards in a real browser; axe looks at them with all other pages in `test_accessible`."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Site

BOARDS = ("", "/trend", "/themes", "/drivers", "/change", "/dna", "/radar")
YEAR = "since=2026-01-01&until=2027-12-31"


def test_a_cell_of_the_heat_map_leads_to_exactly_its_items(page: Page) -> None:
    page.goto(f"/dashboard/themes?{YEAR}")
    cell = page.locator("svg a").filter(has_text=re.compile(r"\d")).first
    said = re.search(r"(\d+) van (\d+) items", str(cell.get_attribute("aria-label")))
    assert said is not None
    cell.click()
    page.wait_for_url("**/inbox?**")
    expect(page.locator(".found strong")).to_have_text(said[1])


def test_the_tab_key_walks_the_stages_and_enter_opens_their_items(page: Page) -> None:
    page.goto(f"/dashboard?{YEAR}")
    page.locator(".chart a").first.focus()
    page.keyboard.press("Tab")
    second = page.locator(".chart a").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox?**journey=afsluiten**")


def test_a_period_and_a_cut_are_chosen_and_kept_on_the_next_dashboard(page: Page) -> None:
    page.goto("/dashboard")
    page.fill('input[name="since"]', "2026-06-01")
    page.select_option('select[name="cut"]', "channel:telefoon")
    page.get_by_role("button", name="Tonen").click()
    page.wait_for_url("**since=2026-06-01**cut=channel%3Atelefoon**")
    page.get_by_role("link", name="Trend").click()
    assert "since=2026-06-01" in page.url
    expect(page.locator('select[name="cut"]')).to_have_value("channel:telefoon")


@pytest.mark.parametrize("width", [360, 1600])
def test_no_dashboard_is_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    for board in BOARDS:
        page.goto(f"/dashboard{board}?{YEAR}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, board


def test_every_chart_has_a_name_and_its_table(page: Page) -> None:
    for board in BOARDS:
        page.goto(f"/dashboard{board}?{YEAR}")
        for chart in page.locator("svg.chart").all():
            names = str(chart.get_attribute("aria-labelledby")).split()
            assert all(page.locator(f"#{name}").text_content() for name in names)
            card = chart.locator("xpath=ancestor::section")
            assert card.locator("table tbody tr").count() > 0


def test_the_dashboards_work_without_scripts(
    chrome: Browser, running: Site, signed_in: dict[str, object]
) -> None:
    context = chrome.new_context(storage_state=signed_in, java_script_enabled=False, base_url=running.url)
    page = context.new_page()
    page.goto(f"/dashboard/drivers?{YEAR}")
    page.locator("details summary").first.click()
    expect(page.locator("table").first).to_be_visible()
    page.locator("svg a").first.click()
    assert "/inbox?" in page.url
    with page.expect_download() as got:
        page.goto(f"/dashboard/themes?{YEAR}")
        page.get_by_role("link", name=re.compile("XLSX")).first.click()
    assert got.value.suggested_filename.endswith(".xlsx")
    context.close()
