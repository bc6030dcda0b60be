"""The dashboards say what the items say, and every mark leads to them."""

from __future__ import annotations

import io
import random
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from feedback_nlp.errors import TextError
from feedback_nlp.metrics import cut, nps, theme_shares
from feedback_nlp.privacy import Redactor
from feedback_nlp.records import Analysis, FeedbackItem
from feedback_nlp.taxonomy import Taxonomy
from service.actor import LOCAL
from service.dashboard import boards
from service.dashboard.query import DashboardQuery
from service.dashboard.radar import last_week, radar
from service.dashboard.repository import DashboardRepository
from service.dashboard.svg import Canvas, Chart
from service.database.engine import Database
from service.feedback.records import NewFeedback
from service.feedback.service import FeedbackService
from tests.service.support import WordAnalyzer

REDACTOR = Redactor.default()
TAXONOMY = Taxonomy.default()
TEXTS = {
    "bereikbaarheid": "Lang in de wacht",
    "empathie": "wel begripvol",
    "kosten": "de premie is hoog",
    "gemak": "de website werkt",
}
SIDES = {"bereikbaarheid": -0.9, "empathie": 0.9, "kosten": -0.5, "gemak": 0.4}
START = date(2026, 1, 5)
BOARDS = ("journey", "trend", "themes", "drivers", "change", "dna", "radar")


@dataclass(frozen=True)
class Guesser(WordAnalyzer):
    """Reads a low score in what it finds bad, a high one in the rest."""

    def _one(self, item: FeedbackItem) -> Analysis | TextError:
        made = super()._one(item)
        assert isinstance(made, Analysis)
        bad, middling = "wacht" in item.text, "website" in item.text
        up, flat, down = (0.05, 0.15, 0.8) if bad else (0.3, 0.6, 0.1) if middling else (0.6, 0.3, 0.1)
        return replace(made, advocacy=replace(made.advocacy, promoter=up, passive=flat, detractor=down))


def items(count: int = 400, seed: int = 1) -> list[NewFeedback]:
    rng = random.Random(seed)
    made = []
    for number in range(count):
        themes = rng.sample(list(TEXTS), rng.choice([0, 1, 1, 2]))
        scores = (
            [2, 5, 7] if "bereikbaarheid" in themes else [7, 7, 8, 9] if "gemak" in themes else [6, 8, 9, 10]
        )
        nps = None if rng.random() < 0.4 else float(rng.choice(scores))
        made.append(
            NewFeedback(
                ", ".join(TEXTS[theme] for theme in themes) or "Tja.",
                occurred_at=datetime(2026, 1, 5, 12, tzinfo=UTC) + timedelta(days=number % 100),
                nps=nps,
                cas=nps,
                ces=None if nps is None else float(1 + int(nps) % 7),
                journey=rng.choice([None, "betalen", "klacht"]),
                channel=rng.choice(["chat", "telefoon"]),
                segment=rng.choice(["klant", "klant", "klant", "medewerker"]),
                meta={
                    "filiaal": rng.choice(["Assen", "Zwolle"]),
                    "moment": "" if number % 5 else "eerste nota",
                },
            )
        )
    return made


def stored(database: Database, given: list[NewFeedback]) -> None:
    with database.write() as session:
        FeedbackService(session, Guesser(), REDACTOR, LOCAL).add(given)


def frame_of(given: list[NewFeedback]) -> pd.DataFrame:
    rows = [
        {
            "nps": item.nps, "cas": item.cas, "ces": item.ces, "journey": item.journey or "", "segment": item.segment,
            **{f"theme:{code}": SIDES[code] if TEXTS[code] in item.text else None for code in TEXTS},
        }
        for item in given
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({f"theme:{code}": float for code in TEXTS} | {"nps": float})


def asked(**changes: Any) -> DashboardQuery:
    return replace(DashboardQuery(START, START + timedelta(days=120)), **changes)


def test_the_journeys_figures_are_those_of_the_items(database: Database) -> None:
    given = items()
    stored(database, given)
    with database.read() as session:
        board = boards.journey(DashboardRepository(session), asked(), TAXONOMY)
    right = cut(frame_of(given), ["journey"]).set_index(["journey", "measure"])
    for stage in board.stages:
        assert stage.scores.items == sum((item.journey or "") == stage.journey for item in given)
        for figure in (stage.scores.nps, stage.scores.ces, stage.scores.cas, stage.scores.eps):
            if figure is None:
                assert stage.scores.items == 0
                continue
            row = right.loc[(stage.journey, figure.measure)]
            assert (figure.value, figure.low, figure.high) == pytest.approx(
                (row.value, row.low, row.high), abs=1e-9
            )
            assert (figure.n, figure.n_given, figure.n_estimated) == (row.n, row.n, 0)
    assert [stage.journey for stage in board.stages] == [entry.code for entry in TAXONOMY.journeys] + [""]
    assert board.total.items == len(given)
    assert sum(moment.scores.items for moment in board.moments) == 80
    assert {moment.moment for moment in board.moments} == {"eerste nota"}


def test_scores_that_nobody_gave_are_estimated_and_said_to_be(database: Database) -> None:
    given = items()
    stored(database, given)
    with database.read() as session:
        total = boards.journey(DashboardRepository(session), asked(), TAXONOMY).total
    customers = [item for item in given if item.segment != "medewerker"]
    scored = [item for item in customers if item.nps is not None]
    assert total.nps is not None
    assert total.nps_all is not None
    assert total.nps.n == len(scored)
    assert (total.nps_all.n_given, total.nps_all.n_estimated) == (len(scored), len(customers) - len(scored))
    # Who gives a score is drawn by lot here, so that both tell of the same customers.
    assert total.nps_all.value == pytest.approx(total.nps.value, abs=12)
    assert total.nps_all.low < total.nps_all.value < total.nps_all.high


def test_the_themes_are_those_of_the_items_and_the_cells_add_up(database: Database) -> None:
    given = items()
    stored(database, given)
    with database.read() as session:
        board = boards.themes(DashboardRepository(session), asked(), TAXONOMY)
    right = theme_shares(frame_of(given)).set_index(["theme", "polarity"])
    for whole in board.whole:
        parts = [cell for cell in board.cells if cell.theme == whole.theme]
        assert sum(cell.mentions for cell in parts) == whole.mentions
        assert sum(cell.items for cell in parts) == whole.items == len(given)
        if whole.theme in TEXTS:
            row = right.loc[(whole.theme, "negative")]
            assert whole.negative_share is not None
            assert whole.negative == row["count"]
            assert (whole.negative_share.value, whole.negative_share.low) == pytest.approx(
                (row["share"], row["low"])
            )


def test_a_cut_a_journey_and_a_period_leave_the_rest_out(database: Database) -> None:
    given = items()
    stored(database, given)
    with database.read() as session:
        counts = DashboardRepository(session)
        chat = boards.journey(counts, asked(dimension="channel", value="chat"), TAXONOMY)
        assen = boards.journey(
            counts, asked(dimension="organisation", value="Assen", journey="klacht"), TAXONOMY
        )
        week = boards.journey(counts, asked(until=START + timedelta(days=6)), TAXONOMY)
        trend = boards.trend(counts, asked(until=START + timedelta(days=99)))
    assert chat.total.items == sum(item.channel == "chat" for item in given)
    assert assen.total.items == sum(
        item.meta["filiaal"] == "Assen" and item.journey == "klacht" for item in given
    )
    assert week.total.items == 28
    assert trend.unit == "week"
    assert [point.scores.items for point in trend.points] == [28] * 14 + [8]
    assert (trend.points[0].since, trend.points[-1].until) == (START, START + timedelta(days=99))


def test_the_parts_of_a_change_add_up_to_it(database: Database) -> None:
    stored(database, items())
    half = asked(since=START + timedelta(days=50), until=START + timedelta(days=99))
    with database.read() as session:
        board = boards.change(DashboardRepository(session), half, TAXONOMY)
    assert board.before is not None
    assert board.after is not None
    assert board.difference is not None
    assert board.before.since == START
    assert board.difference.value == pytest.approx(board.after.nps.value - board.before.nps.value)
    assert sum(one.total for one in board.contributions) == pytest.approx(board.difference.value, abs=1e-9)


def test_what_drags_the_score_down_is_told(database: Database) -> None:
    stored(database, items())
    with database.read() as session:
        board = boards.drivers(DashboardRepository(session), asked(), TAXONOMY)
    worst = board.drivers[0]
    assert worst.theme == "bereikbaarheid"
    assert worst.quadrant in ("fix first", "fix next")
    assert worst.impact is not None
    assert worst.impact.high < 0


@pytest.mark.parametrize(
    ("cut_by", "belongs"),
    [
        ({"dimension": "channel", "value": "chat"}, lambda item: item.channel == "chat"),
        ({"dimension": "segment", "value": "klant"}, lambda item: item.segment == "klant"),
        (
            {"dimension": "organisation", "value": "Assen", "journey": "klacht"},
            lambda item: item.meta["filiaal"] == "Assen" and item.journey == "klacht",
        ),
        ({"dimension": "moment", "value": "eerste nota"}, lambda item: bool(item.meta["moment"])),
    ],
)
def test_drivers_and_a_change_are_those_of_the_items_of_a_cut(
    database: Database, cut_by: dict[str, str], belongs: Callable[[NewFeedback], bool]
) -> None:
    given = items()
    stored(database, given)
    own = [item for item in given if belongs(item) and item.nps is not None and item.segment != "medewerker"]
    half = START + timedelta(days=50)
    with database.read() as session:
        counts = DashboardRepository(session)
        told = boards.drivers(counts, asked(**cut_by), TAXONOMY)
        moved = boards.change(counts, asked(since=half, until=START + timedelta(days=99), **cut_by), TAXONOMY)
    assert told.n == len(own)
    by_theme = {one.theme: one for one in told.drivers}
    for theme, words in TEXTS.items():
        assert by_theme[theme].mentions == sum(words in item.text for item in own)
    every = nps([item.nps for item in own])
    without = nps([item.nps for item in own if TEXTS["bereikbaarheid"] not in item.text])
    assert by_theme["bereikbaarheid"].impact is not None
    assert by_theme["bereikbaarheid"].impact.value == pytest.approx(every.value - without.value)
    late = [item.nps for item in own if item.occurred_at.date() >= half]
    early = [item.nps for item in own if item.occurred_at.date() < half]
    assert moved.difference is not None
    assert moved.difference.value == pytest.approx(nps(late).value - nps(early).value)
    assert sum(one.total for one in moved.contributions) == pytest.approx(moved.difference.value, abs=1e-9)


def test_a_theme_that_a_handful_mentions_gets_no_priority(database: Database) -> None:
    stored(database, items(30))
    with database.read() as session:
        board = boards.drivers(DashboardRepository(session), asked(), TAXONOMY)
    few = [one for one in board.drivers if one.mentions < 10]
    assert few
    assert {one.quadrant for one in few} == {"unclear"}


def planted(weeks: int, rise: bool) -> list[NewFeedback]:
    """Twelve items a day; from each, one in four waits, and in the last week three of four do."""
    today = date.today()  # noqa: DTZ011
    monday = last_week(today)
    first = monday - timedelta(days=7 * (weeks - 1))
    made = []
    for number in range(weeks * 7 * 12):
        day = first + timedelta(days=number // 12)
        waits = number % 4 == 0 or (rise and day >= monday and number % 4 != 3)
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        made.append(
            NewFeedback(TEXTS["bereikbaarheid"] if waits else "Tja.", occurred_at=at, journey="betalen")
        )
    return made


@pytest.mark.parametrize("rise", [False, True])
def test_the_radar_finds_a_planted_rise_and_nothing_else(database: Database, rise: bool) -> None:
    stored(database, planted(20, rise))
    today = date.today()  # noqa: DTZ011
    with database.read() as session:
        board = radar(DashboardRepository(session), today, TAXONOMY.theme_codes)
    assert (board.week, board.weeks) == (last_week(today), 20)
    found = {(alarm.theme, alarm.journey) for alarm in board.alarms}
    assert found == ({("bereikbaarheid", ""), ("bereikbaarheid", "betalen")} if rise else set())
    watched = next(one for one in board.themes if one.theme == "bereikbaarheid")
    assert (watched.count, watched.volume) == ((63, 84) if rise else (21, 84))
    assert watched.smallest_rise is not None
    assert 40 < watched.smallest_rise < 100  # 42 are to be expected in two weeks, of 168
    assert all(alarm.new for alarm in board.alarms)


def page(client: TestClient, path: str, **query: Any) -> str:
    response = client.get(path, params=query or None, headers={"accept": "text/html"})
    assert response.status_code == 200, response.text
    return response.text


PERIOD = {"since": START.isoformat(), "until": (START + timedelta(days=120)).isoformat()}


@pytest.mark.parametrize("board", BOARDS)
def test_every_dashboard_speaks_both_languages_with_and_without_items(
    api: TestClient, database: Database, board: str
) -> None:
    for filled in (False, True):
        if filled:
            stored(database, items(120))
        for language, word in (("nl", "tot en met"), ("en", "until")):
            api.get(f"/language/{language}")
            shown = page(api, f"/dashboard/{board}", **PERIOD)
            assert word in shown
            assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son\w+=", shown)


def test_a_mark_leads_to_as_many_items_as_it_says(api: TestClient, database: Database) -> None:
    stored(database, items())
    shown = page(api, "/dashboard/themes", **PERIOD)
    marks = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', shown)
    assert len(marks) == 12 * 3
    for address, said in marks:
        counted = re.search(r"([\d.]+) van ([\d.]+) items", said)
        assert counted is not None
        if "geen fase" in said:
            continue  # the inbox has no filter for what was not named
        count = re.search(r"<strong>([\d.]+)</strong>", page(api, unescape(address)))
        assert count is not None
        assert count[1] == counted[1], said


def test_a_branch_and_a_period_can_be_seen_in_the_inbox_and_taken_off(
    api: TestClient, database: Database
) -> None:
    given = items()
    stored(database, given)
    shown = page(api, "/dashboard/dna", **PERIOD)
    address = unescape(
        next(found for found in re.findall(r'href="(/inbox[^"]+)"', shown) if "Assen" in found)
    )
    inbox = page(api, address)
    here = sum(item.meta["filiaal"] == "Assen" for item in given)
    assert f"<strong>{here}</strong>" in inbox
    without = unescape(re.search(r'class="active" href="([^"]+)">Assen', inbox)[1])  # type: ignore[index]
    assert f"<strong>{len(given)}</strong>" in page(api, without)
    assert 'type="hidden" name="organisation" value="Assen"' in inbox


def test_tables_and_charts_are_taken_along_as_files(api: TestClient, database: Database) -> None:
    stored(database, items(150))
    answer = api.get("/dashboard/themes/export", params=PERIOD | {"format": "csv"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("theme;journey;items;mentions;negative")
    assert len(lines) == 1 + 12 * 3
    assert re.search(r";\d+,\d+;", lines[1])
    assert "attachment" in answer.headers["content-disposition"]
    answer = api.get("/dashboard/journey/export", params=PERIOD | {"format": "xlsx"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert rows[0][:3] == ("journey", "moment", "items")
    assert sum(row[2] for row in rows[1:]) == 150
    answer = api.get("/dashboard/trend/export", params=PERIOD | {"format": "svg"})
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "<title id=" in answer.text
    assert 'href="http://testserver/inbox?' in answer.text
    for path in (
        "/dashboard/themes/export?format=svg&part=1",
        "/dashboard/themes/export?part=9",
        "/dashboard/wat",
    ):
        assert api.get(path).status_code == 404
    assert api.get("/dashboard/themes/export?format=gif").status_code == 422


def test_a_chart_is_taken_along_as_a_picture_with_its_words(api: TestClient, database: Database) -> None:
    stored(database, items(150))
    for board in ("journey", "trend", "themes", "drivers"):
        answer = api.get(f"/dashboard/{board}/export", params=PERIOD | {"format": "png"})
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
        drawn = api.get(f"/dashboard/{board}/export", params=PERIOD | {"format": "svg"}).text
        width, height = (int(re.search(rf'{name}="(\d+)"', drawn)[1]) for name in ("width", "height"))  # type: ignore[index]
        assert struct.unpack(">II", answer.content[16:24]) == (2 * width, 2 * height)
        assert "format=png" in page(api, f"/dashboard/{board}", **PERIOD)
    assert api.get("/dashboard/themes/export?format=png&part=1").status_code == 404


def test_words_in_a_picture_are_drawn_without_any_font_of_the_system() -> None:
    def drawn(words: str) -> bytes:
        canvas = Canvas()
        canvas.text(10, 30, words)
        return Chart("x", "x", "x", 200, 50, canvas.body).png()

    assert drawn("Klacht −5,3 ≥ …") == drawn("Klacht −5,3 ≥ …")
    assert len(drawn("Klacht −5,3 ≥ …")) > len(drawn("")) + 500


def test_other_systems_get_the_same_figures(api: TestClient, database: Database) -> None:
    given = items()
    stored(database, given)
    for board in BOARDS:
        query = {} if board == "radar" else PERIOD
        assert api.get(f"/v1/dashboard/{board}", params=query).status_code == 200
    told = api.get("/v1/dashboard/journey", params=PERIOD | {"cut": "channel:chat"}).json()
    assert told["total"]["items"] == sum(item.channel == "chat" for item in given)
    assert told["total"]["nps"]["n_estimated"] == 0


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("journey?journey=onzin", "query/journey"),
        ("journey?since=2026-03-02&until=2026-03-01", "query/since"),
        ("journey?since=gisteren", "query/since"),
        ("trend?cut=weer:zonnig", "query/cut"),
        ("dna?cut=channel:chat", "query/cut"),
    ],
)
def test_what_cannot_be_asked_is_told(client: TestClient, path: str, pointer: str) -> None:
    answer = client.get(f"/v1/dashboard/{path}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_an_address_that_cannot_be_understood_shows_the_usual_period(client: TestClient) -> None:
    shown = page(client, "/dashboard", since="gisteren", until="9999-99-99", journey="x", cut="x:y")
    assert "Klantreis" in shown


def test_what_comes_up_beside_all_themes_is_told_and_leads_to_its_items(
    api: TestClient, database: Database
) -> None:
    now = datetime.now(UTC)
    places = ("bij het kantoor", "op het plein", "voor de deur")
    old = [
        NewFeedback(f"Vraag over {word} {number}.", occurred_at=now - timedelta(days=60 + number))
        for number, word in enumerate(
            ("brieven", "adres", "agenda", "formulier", "folder", "uitnodiging") * 10
        )
    ]
    new = [
        NewFeedback(f"Er is geen laadpaal {places[number % 3]}.", occurred_at=now - timedelta(days=number))
        for number in range(12)
    ]
    stored(database, old + new)
    told = api.get("/v1/dashboard/topics").json()
    assert (told["texts"], told["recent"]) == (72, 12)
    assert [len(topic["items"]) for topic in told["topics"]] == [12]
    assert "laadpaal" in told["topics"][0]["phrases"][0]
    shown = page(api, "/dashboard/radar")
    assert f'href="/items/{told["topics"][0]["id"]}"' in shown
    assert "laadpaal" in shown
