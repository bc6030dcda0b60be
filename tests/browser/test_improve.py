"""From a spike on the radar to what customers read about it, walked in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from service.actor import LOCAL
from service.counts.recount import recount
from service.database.engine import Database
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from service.feedback.tables import FeedbackRow
from service.redaction import default_redactor
from tests.browser.site import Site, log_in, site
from tests.labelled import LabelledAnalyzer

SPIKE, IMPROVED = "betalen", "gebruik"
WEEKS, A_WEEK, SINCE = 40, 12, 14


def a_year(database: Database, today: date) -> None:
    """Quiet answers of every journey, of which one is better off since some weeks; and last week a spike of waiting."""
    analyzer, rng = LabelledAnalyzer(), np.random.default_rng(7)
    monday = today - timedelta(days=today.weekday())
    plain: dict[str, Any] = {
        "source": "enquete",
        "text": "-",
        "language": "nl",
        "channel": "web",
        "submitted": {},
        "meta": {},
        "sentiment": 0.0,
        "needs_review": False,
        "review_reasons": [],
        "status": "closed",
        "urgency": 0,
    }
    rows = []
    for week in range(1, WEEKS + 1):
        for journey in (entry.code for entry in analyzer.taxonomy.journeys):
            glad = 0.75 if journey == IMPROVED and week <= SINCE else 0.35
            for _ in range(A_WEEK):
                draw, day = rng.random(), monday - timedelta(days=7 * week - int(rng.integers(7)))
                nps = 9.0 if draw < glad else 3.0 if draw > 0.8 else 7.0
                at = datetime.combine(day, time(12), UTC)
                rows.append({**plain, "journey": journey, "nps": nps, "occurred_at": at, "received_at": at})
    cross = [row for row in analyzer.rows.values() if row["themes"] == {"snelheid": -1}][:30]
    at = datetime.combine(monday - timedelta(days=4), time(9), UTC)
    items = [
        NewFeedback(
            text=row["text"],
            source="enquete",
            external_id=f"S-{number}",
            journey=SPIKE,
            channel="web",
            nps=2.0,
            occurred_at=at,
        )
        for number, row in enumerate(cross)
    ]
    with database.write() as session:
        session.execute(insert(FeedbackRow), rows)
        FeedbackService(session, analyzer, default_redactor(), LOCAL).add(items)
    recount(database)


@pytest.fixture(scope="module")
def place(running: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service of its own, for here things are changed; `running` has seen to the browser."""
    with site(tmp_path_factory.mktemp("improve"), items=40) as served:
        a_year(served.database, datetime.now(UTC).date())
        yield served


@pytest.fixture
def visitor(chrome: Browser, place: Site) -> Iterator[Page]:
    context = chrome.new_context(base_url=place.url, locale="nl-NL")
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    log_in(page, place.url)
    yield page
    context.close()
    assert faults == []


def axe(page: Page) -> list[str]:
    """What axe finds on a page, in both themes."""
    found: list[str] = []
    here = page.url
    for theme in ("dark", "light"):
        page.goto(f"/appearance/{theme}?next=/help")
        page.goto(here)
        for one in Axe().run(page).response["violations"]:
            found.append(f"{theme}: {one['id']}: {one['nodes'][0]['html'][:160]}")
    return found


def fits(page: Page) -> bool:
    """Whether a phone shows the whole width."""
    page.set_viewport_size({"width": 360, "height": 800})
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    return not wide


def test_from_a_spike_on_the_radar_to_what_customers_read(
    visitor: Page, chrome: Browser, place: Site
) -> None:
    page = visitor
    page.goto("/dashboard/radar")
    spike = page.locator(f'a[href*="journey={SPIKE}"][href*="theme=snelheid"]').first
    expect(spike).to_be_visible()
    spike.click()
    expect(page.locator(".rows li").first).to_be_visible()

    count = page.locator(".found strong").inner_text()
    assert int(count) > 20

    page.locator("#tick-all").check()
    page.select_option("#bulk-action", value="improvement:new")
    page.get_by_role("button", name="Uitvoeren").click()
    page.wait_for_url(re.compile(r"/backlog/\d+"))
    expect(page.locator("h1")).to_contain_text("Snelheid")
    entry = page.url.partition("?")[0]
    expect(page.locator("#items h2")).to_contain_text(count)

    page.fill('[name="effort"]', "4")
    page.click("#keep")
    expect(page.locator(".sum").first).to_contain_text("÷ 4 dagen")
    for status in ("chosen", "in_progress", "done"):
        page.click(f"#s-{status}")
        expect(page.locator(f"#s-{status}")).to_have_attribute("aria-pressed", "true")
    page.click("#look")
    expect(page.locator(".verdict")).to_have_text("nog niet te zeggen")
    expect(page.locator("#effect")).to_contain_text("Nog nodig:")
    assert axe(page) == []
    assert fits(page)

    page.fill('[name="public_text"]', "Teneinde u sneller te betalen is derhalve het proces geoptimaliseerd.")
    expect(page.locator("#plain")).to_contain_text("Schrijf ‘om’ in plaats van ‘Teneinde’.")
    page.fill('[name="public_title"]', "Sneller geld terug")
    page.fill('[name="public_text"]', "U wachtte te lang op uw geld. Wij betalen nu binnen een week.")
    page.click("#publish")
    expect(page.locator(".plain")).to_contain_text("Eenvoudig genoeg")
    page.click("#tell")
    expect(page.locator("#s-told")).to_have_attribute("aria-pressed", "true")

    stranger = chrome.new_context(base_url=place.url).new_page()
    stranger.goto("/u-zei-wij-deden")
    expect(stranger.get_by_role("heading", name="Sneller geld terug")).to_be_visible()
    assert "S-1" not in stranger.content()
    assert axe(stranger) == []
    assert fits(stranger)
    stranger.goto(entry)
    expect(stranger).to_have_url(re.compile("/login"))
    stranger.context.close()


def test_an_improvement_that_worked_is_seen_to_have_worked(visitor: Page) -> None:
    page = visitor
    page.goto("/backlog/new")
    page.fill('[name="title"]', "App opnieuw gebouwd")
    page.select_option('[name="journey"]', value=IMPROVED)
    page.get_by_role("button", name="Maken").click()
    page.click("#s-done")
    today = datetime.now(UTC).date()
    done = today - timedelta(days=today.weekday() + 7 * SINCE)
    page.fill('[name="done_on"]', done.isoformat())
    page.click("#keep")
    page.click("#look")
    expect(page.locator(".verdict")).to_have_text("beter")


def test_the_pages_work_without_a_script(chrome: Browser, place: Site) -> None:
    context = chrome.new_context(base_url=place.url, java_script_enabled=False, locale="nl-NL")
    page = context.new_page()
    log_in(page, place.url)
    page.goto("/backlog/suggestions")
    page.locator(".suggest button").first.click()
    page.wait_for_url(re.compile(r"/backlog/\d+"))
    page.goto("/backlog")
    page.locator(".moves button").last.click()
    page.wait_for_url("**/backlog?notice=status")
    expect(page.locator("#notice")).to_contain_text("status")
    context.close()


@pytest.mark.parametrize("path", ["/backlog", "/backlog?view=list", "/backlog/suggestions", "/backlog/new"])
def test_each_page_passes_axe_and_fits_a_phone(visitor: Page, path: str) -> None:
    visitor.goto(path)
    assert axe(visitor) == []
    assert fits(visitor)
