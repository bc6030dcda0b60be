"""`python -m tests.browser.screenshots [NAME …]`: every page in both languages and both themes, wide and on a phone."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.site import browser, log_in, shots_folder, site

PAGES = {
    "inbox": "/inbox",
    "search": "/inbox?q=wacht",
    "nothing": "/inbox?q=zzzz",
    "item": "/items/{last}",
    "mismatches": "/mismatches",
    "improvements": "/backlog",
    "ranked": "/backlog?view=list",
    "suggestions": "/backlog/suggestions",
    "new-improvement": "/backlog/new",
    "public": "/u-zei-wij-deden",
    "trackers": "/admin/trackers",
    "classify": "/classify",
    "help": "/help",
    "model": "/admin/model",
    "jobs": "/admin/jobs",
    "users": "/admin/users",
    "keys": "/admin/keys",
    "webhooks": "/admin/webhooks",
    "audit": "/admin/audit",
    "retention": "/admin/retention",
    "journey": "/dashboard",
    "trend": "/dashboard/trend",
    "themes": "/dashboard/themes",
    "drivers": "/dashboard/drivers",
    "change": "/dashboard/change",
    "dna": "/dashboard/dna",
    "radar": "/dashboard/radar",
    "missing": "/items/999999",
}
LOOKS = (
    ("nl", "light", 1280), ("nl", "dark", 1280), ("nl", "light", 360), ("en", "light", 1280), ("en", "dark", 1280),
)  # fmt: skip


def take(page: Page, url: str, name: str, path: str, look: tuple[str, str, int], folder: Path) -> None:
    language, theme, width = look
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{url}/language/{language}?next=/help")
    page.goto(f"{url}/appearance/{theme}?next={path}")
    if name == "classify":
        page.fill(
            "textarea", "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."
        )
        page.click("main button.main")
        page.wait_for_selector(".scores")
    page.screenshot(path=folder / f"{name}-{language}-{theme}-{width}.png", full_page=True)


def main(names: list[str]) -> None:
    folder = shots_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, site(Path(place)) as running, browser() as chrome:
        page = chrome.new_page()
        page.goto(f"{running.url}/login")
        page.screenshot(path=folder / "login.png")
        log_in(page, running.url)
        page.goto(f"{running.url}/inbox?sort=newest")
        last = page.locator(".open").first.get_attribute("href").rsplit("/", 1)[1]
        for name in names or PAGES:
            for look in LOOKS:
                take(page, running.url, name, PAGES[name].format(last=last), look, folder)
    print(f"screenshots are in {folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
