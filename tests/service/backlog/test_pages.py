"""The backlog's pages without a script, on each database."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from service.settings import Settings
from tests.service.backlog.test_backlog import WAITING, keep, season
from tests.service.pages.conftest import PLAIN, Visit


@pytest.fixture
def visit(api: TestClient) -> Visit:
    return Visit(api)


def made(answer_location: str) -> int:
    match = re.match(r"/backlog/(\d+)", answer_location)
    assert match is not None, answer_location
    return int(match[1])


def test_a_suggestion_becomes_an_improvement_with_its_items_at_a_click(visit: Visit) -> None:
    waited = season(visit.client)
    page = visit.page("/backlog/suggestions")
    assert "Bereikbaarheid · " in page
    assert "NPS-punten" in page
    answer = visit.send(
        "/backlog/new", suggested="1", weeks="13", theme="bereikbaarheid", journey="schade_of_storing"
    )
    id_ = made(answer.headers["location"])
    assert visit.client.get(f"/v1/backlog/{id_}/items").json()["items"] == sorted(waited, reverse=True)
    page = visit.page(f"/backlog/{id_}")
    assert "in de wacht" in page
    assert "vul in hoeveel dagen werk" in page
    assert f'href="/backlog/{id_}"' in visit.page("/backlog/suggestions")


def test_the_arithmetic_of_the_rank_is_shown_and_orders_the_list(visit: Visit) -> None:
    season(visit.client)
    cheap = keep(visit.client, "Vaak en snel", theme="bereikbaarheid", journey="schade_of_storing", effort=1)
    dear = keep(visit.client, "Vaak en duur", theme="bereikbaarheid", journey="schade_of_storing", effort=40)
    page = visit.page("/backlog", view="list")
    assert "100 punten × 160 items per jaar ÷ 1 dagen = 16.000" in page
    assert page.index(cheap["title"]) < page.index(dear["title"])
    assert page.index("÷ 40 dagen") > page.index("÷ 1 dagen")


def test_the_board_moves_an_improvement_along_and_back(visit: Visit) -> None:
    id_ = keep(visit.client)["id"]
    for status, word in (("chosen", "Gekozen"), ("in_progress", "In uitvoering"), ("chosen", "Gekozen")):
        answer = visit.send(f"/backlog/{id_}/status", status=status, here="/backlog")
        assert answer.headers["location"] == "/backlog?notice=status"
        assert f"Status werd {word}" in visit.page(f"/backlog/{id_}")


def test_the_form_sets_fields_and_a_stale_one_is_refused(visit: Visit) -> None:
    id_ = keep(visit.client)["id"]
    fields = {"title": "Beter", "effort": "2,5", "due_on": "2026-12-01", "journey": "klacht", "version": "1"}
    assert visit.send(f"/backlog/{id_}/change", **fields).status_code == 303
    found = visit.client.get(f"/v1/backlog/{id_}").json()
    assert (found["title"], found["effort"], found["due_on"]) == ("Beter", 2.5, "2026-12-01")
    stale = visit.send(f"/backlog/{id_}/change", **fields)
    assert stale.status_code == 409
    assert "Een collega" in stale.text or "collega" in stale.text
    wrong = visit.send(f"/backlog/{id_}/change", **{**fields, "version": "2", "effort": "veel"})
    assert wrong.status_code == 422
    assert "veel" in wrong.text


def test_ticked_items_of_the_inbox_are_added_to_an_improvement(visit: Visit) -> None:
    first, second = visit.add(WAITING), visit.add(PLAIN)
    id_ = keep(visit.client, "Sneller opnemen")["id"]
    assert f'<option value="improvement:{id_}">Sneller opnemen</option>' in visit.page("/inbox")
    answer = visit.send("/inbox/bulk", here="/inbox", id=[first, second], action=f"improvement:{id_}")
    assert answer.headers["location"] == "/inbox?notice=improvement-linked"
    assert visit.client.get(f"/v1/backlog/{id_}/items").json()["items"] == [second, first]
    assert visit.send("/inbox/bulk", here="/inbox", id=[first], action="improvement:99").status_code == 404
    assert visit.send("/inbox/bulk", here="/inbox", id=[first], action="improvement:x").status_code == 422


def test_all_that_match_become_a_new_improvement_about_what_was_filtered_by(visit: Visit) -> None:
    first = visit.add(WAITING, journey="klacht")
    visit.add(PLAIN, journey="klacht")
    here = "/inbox?theme=bereikbaarheid&journey=klacht"
    answer = visit.send("/inbox/bulk", here=here, all="1", action="improvement:new")
    id_ = made(answer.headers["location"])
    found = visit.client.get(f"/v1/backlog/{id_}").json()
    assert (found["theme"], found["journey"], found["items"]) == ("bereikbaarheid", "klacht", 1)
    assert visit.client.get(f"/v1/backlog/{id_}/items").json()["items"] == [first]


def test_ticked_items_are_taken_off_or_split_off(visit: Visit) -> None:
    items = [visit.add(f"{WAITING} {number}") for number in range(3)]
    id_ = keep(visit.client, feedback_ids=items)["id"]
    visit.send(f"/backlog/{id_}/items", id=[items[0]], do="remove")
    answer = visit.send(f"/backlog/{id_}/items", id=[items[1]], do="split", title="Apart")
    part = made(answer.headers["location"])
    assert visit.client.get(f"/v1/backlog/{part}/items").json()["items"] == [items[1]]
    assert visit.client.get(f"/v1/backlog/{id_}/items").json()["items"] == [items[2]]
    visit.send(f"/backlog/{id_}/merge", **{"from": str(part)})
    assert f"/backlog/{id_}" in visit.page(f"/backlog/{part}")


def test_the_effect_is_one_press_away_when_it_is_done(visit: Visit) -> None:
    id_ = keep(visit.client, journey="klacht", theme="snelheid")["id"]
    assert visit.send(f"/backlog/{id_}/effect").status_code == 409
    assert 'id="look"' not in visit.page(f"/backlog/{id_}")
    visit.send(f"/backlog/{id_}/status", status="done")
    assert 'id="look"' in visit.page(f"/backlog/{id_}")
    visit.send(f"/backlog/{id_}/effect")
    page = visit.page(f"/backlog/{id_}")
    assert "nog niet te zeggen" in page
    assert "elk van de vier groepen heeft er 30 nodig" in page


def test_the_public_page_is_off_unless_the_setting_says_otherwise(visit: Visit) -> None:
    for path in ("/u-zei-wij-deden", "/u-zei-wij-deden/fragment"):
        assert visit.get(path).status_code == 404


def test_the_public_page_shows_what_is_published_and_nothing_else(
    store_url: str, running: Callable[[Settings], TestClient]
) -> None:
    settings = Settings(database_url=store_url, background=False, require_keys=False, public_page=True)
    client = running(settings)
    item = client.post("/v1/feedback", json={"items": [{"text": WAITING, "external_id": "K-77"}]}).json()
    ids = [item["results"][0]["id"]]
    words = {
        "public_title": "U belt sneller met ons",
        "public_text": "Wij namen mensen aan.\n<b>Echt</b> waar.",
    }
    shown = keep(client, "Intern: team uitbreiden", effort=7, feedback_ids=ids)["id"]
    kept = keep(client, "Geheim plan")["id"]
    client.patch(f"/v1/backlog/{shown}", json={**words, "published": True})
    client.patch(f"/v1/backlog/{kept}", json={**words, "public_title": "Nog niet"})
    for path in ("/u-zei-wij-deden", "/u-zei-wij-deden/fragment"):
        page = client.get(path)
        assert "U belt sneller met ons" in page.text
        assert "&lt;b&gt;Echt&lt;/b&gt; waar." in page.text
        for secret in ("Intern", "Geheim", "Nog niet", "K-77", "wacht"):
            assert secret not in page.text
    assert page.headers["access-control-allow-origin"] == "*"
    assert not re.search(r"<html|<script|<link", page.text)
    client.patch(f"/v1/backlog/{shown}", json={"published": False})
    assert "U belt sneller" not in client.get("/u-zei-wij-deden").text


def test_words_for_customers_are_judged_while_writing(visit: Visit) -> None:
    id_ = keep(visit.client)["id"]
    stiff = "Teneinde de bereikbaarheid te optimaliseren is derhalve een uitbreiding gerealiseerd."
    visit.send(f"/backlog/{id_}/public", public_title="Telefoon", public_text=stiff, do="keep")
    page = visit.page(f"/backlog/{id_}")
    assert "Kan eenvoudiger" in page
    assert "Schrijf ‘om’ in plaats van ‘Teneinde’." in page
    visit.send(f"/backlog/{id_}/public", public_title="Bellen", public_text="U belt ons. Wij nemen snel op.")
    assert "Eenvoudig genoeg voor bijna iedereen" in visit.page(f"/backlog/{id_}")
    nothing = keep(visit.client)["id"]
    assert visit.send(f"/backlog/{nothing}/public", do="publish").status_code == 422


def test_the_hint_comes_while_writing_and_keeps_nothing(visit: Visit) -> None:
    answer = visit.send("/backlog/readability", public_text="Teneinde u te helpen bellen wij u.")
    assert answer.json()["hints"] == ["Schrijf ‘om’ in plaats van ‘Teneinde’."]
    assert visit.send("/backlog/readability", public_text="").json() == {"verdict": "", "hints": []}


def test_an_item_says_which_improvements_it_asks_for_and_can_ask_for_another(visit: Visit) -> None:
    item = visit.add(WAITING, journey="klacht")
    id_ = keep(visit.client, "Sneller opnemen")["id"]
    answer = visit.send(f"/items/{item}/improvement", improvement=str(id_))
    assert answer.headers["location"] == f"/items/{item}?notice=improvement-linked#improvements"
    assert f'<a href="/backlog/{id_}" lang="nl">Sneller opnemen</a>' in visit.page(f"/items/{item}")
    fresh = made(visit.send(f"/items/{item}/improvement", improvement="").headers["location"])
    found = visit.client.get(f"/v1/backlog/{fresh}").json()
    assert (found["title"], found["journey"], found["items"]) == ("Nieuwe verbetering", "klacht", 1)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_a_table_holds_every_improvement_and_no_formula(visit: Visit, kind: str) -> None:
    keep(visit.client, "=1+1")
    answer = visit.client.get("/backlog/export", params={"format": kind})
    assert answer.status_code == 200
    assert f"backlog.{kind}" in answer.headers["content-disposition"]
    if kind == "xlsx":
        sheet = load_workbook(BytesIO(answer.content)).active
        assert sheet is not None
        cell = sheet.cell(2, 2)
        assert (cell.value, cell.data_type) == ("'=1+1", "s")
    elif kind == "csv":
        assert answer.text.startswith("\ufeffid;title;status")
        assert ";'=1+1;proposed" in answer.text
    else:
        assert '"title": "=1+1"' in answer.text


def test_an_improvement_that_is_over_its_day_is_marked(visit: Visit) -> None:
    keep(visit.client, due_on="2026-01-05")
    keep(visit.client, due_on=f"{datetime.now(UTC).year + 1}-01-05")
    assert visit.page("/backlog").count('class="entry late"') == 1
