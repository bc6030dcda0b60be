"""A running service with demonstration feedback, and a browser in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from service.access.passwords import Passwords
from service.access.users import UserService
from service.actor import LOCAL
from service.app import create_app
from service.database.engine import Database
from service.database.migrate import upgrade
from service.demo.service import add_demo
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from service.models.live import ModelHost
from service.settings import Settings
from tests.labelled import CORPUS, LabelledAnalyzer

__all__ = ["NAME", "PASSWORD", "Site", "browser", "chromium", "log_in", "site"]

NAME, PASSWORD = "anna", "een-lang-wachtwoord-2026"
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Site:
    """Where it listens, and its store."""

    url: str
    database: Database


class _Plain:
    """The corpus holds no personal data; leaving it as it is keeps its quotes in place."""

    def redact(self, text: str) -> _Text:
        return _Text(text)


@dataclass(frozen=True)
class _Text:
    text: str


def chromium() -> str | None:
    """Debian's Chromium, or another that is there."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def site(folder: Path, *, items: int = 160) -> Iterator[Site]:
    """Serve on a free port until the end of the block."""
    settings = Settings(
        database_url=f"sqlite:///{folder / 'pages.db'}",
        background=False,
        password_rounds=1,
        password_memory_kib=64,
        models=folder / "models",
        public_page=True,
    )
    database = Database(settings.database_url)
    upgrade(database)
    analyzer = LabelledAnalyzer()
    with database.write() as session:
        users = UserService(session, Passwords(rounds=1, memory_kib=64), LOCAL)
        users.add(NAME, "admin", password=PASSWORD, display_name="Anna de Vries")
        users.add("bram", "handler", password=PASSWORD, display_name="Bram Jansen")
    for _ in add_demo(database, analyzer, _Plain(), LOCAL, CORPUS, items):
        pass
    with database.write() as session:
        FeedbackService(session, analyzer, _Plain(), LOCAL).add(_telling(analyzer))
    host = ModelHost(lambda: folder / "labels", lambda path: analyzer)
    app = create_app(settings, models_host=host, redactor=_Plain())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    assert host.wait(30)
    try:
        yield Site(f"http://127.0.0.1:{port}", database)
    finally:
        server.should_exit = True
        thread.join(15)
        database.close()


def _telling(analyzer: LabelledAnalyzer) -> list[NewFeedback]:
    """Three items that say much: a complaint with signals, a mixed one, and a contradiction."""
    rows = list(analyzer.rows.values())
    complaint = next(row for row in rows if len(row["signals"]) > 1 and len(row["themes"]) > 2)
    mixed = next(row for row in rows if {-1, 1} <= set(row["themes"].values()) and len(row["themes"]) > 2)
    clash = next(row for row in rows if row["nps"] <= 1 and len(row["themes"]) > 1)
    return [
        NewFeedback(
            text=row["text"],
            source="enquete",
            external_id=f"T-{number}",
            kind=row["kind"],
            journey=row["journey"],
            channel=row["channel"],
            segment="klant",
            nps=nps,
        )
        for number, (row, nps) in enumerate([(clash, 10.0), (mixed, None), (complaint, None)])
    ]


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield chrome
        chrome.close()


def log_in(page: Page, url: str) -> None:
    """Through the form, as a person does."""
    page.goto(f"{url}/inbox")
    page.fill("#name", NAME)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/inbox")


def shots_folder() -> Path:
    """Where screenshots go; git ignores it."""
    return Path(os.environ.get("FEEDBACK_NLP_SCREENSHOTS", "var/screenshots"))
