from __future__ import annotations

from typing import Any

import pytest

from tests.service.pages.conftest import COMPLAINT, DOUBT, MIXED, PLAIN, Visit


def labels(item: dict[str, Any]) -> dict[str, tuple[float, str]]:
    return {theme["code"]: (theme["polarity"], theme["origin"]) for theme in item["themes"]}


def test_the_words_that_show_a_theme_are_marked_with_their_strength(visit: Visit) -> None:
    page = visit.page(f"/items/{visit.add(MIXED)}")
    assert 'class="ev s4 t-bereikbaarheid" title="Bereikbaarheid">in de wacht</mark>' in page
    assert 'class="ev s4 t-empathie" title="Empathie">begripvol</mark>' in page


def test_without_scripts_a_theme_lights_its_words_by_its_address(visit: Visit) -> None:
    page = visit.page(f"/items/{visit.add(MIXED)}", theme="empathie")
    assert 't-empathie lit" title="Empathie">begripvol' in page
    assert 't-bereikbaarheid" title=' in page


def test_scores_are_said_in_words(visit: Visit) -> None:
    page = visit.page(f"/items/{visit.add(DOUBT)}")
    assert "waarschijnlijk criticaster, 50" in page
    assert "5,5, met 80% zekerheid tussen 3 en 8" in page
    assert "Het model twijfelt." in page


@pytest.mark.parametrize(
    ("asked", "code", "expected"),
    [
        ("theme:kosten:-1", "kosten", (-1, "person")),
        ("theme:empathie:-1", "empathie", (-1, "person")),
        ("theme:empathie:0", "empathie", (0, "person")),
        ("theme:empathie:x", "empathie", None),
    ],
)
def test_a_theme_is_corrected_in_one_request(
    visit: Visit, asked: str, code: str, expected: tuple[int, str] | None
) -> None:
    id_ = visit.add(MIXED)
    answer = visit.send(f"/items/{id_}/correct", set=asked)
    assert answer.headers["location"] == f"/items/{id_}?notice=corrected#labels"
    assert labels(visit.item(id_)).get(code) == expected


def test_signals_and_sentiment_are_corrected_too(visit: Visit) -> None:
    id_ = visit.add(COMPLAINT)
    visit.send(f"/items/{id_}/correct", set="signal:klacht:x")
    visit.send(f"/items/{id_}/correct", set="signal:kwetsbaar:1")
    visit.send(f"/items/{id_}/correct", set="sentiment:2")
    item = visit.item(id_)
    assert {signal["code"] for signal in item["signals"]} == {"opzegdreiging", "kwetsbaar"}
    assert item["sentiment"] == 1


@pytest.mark.parametrize(
    "asked", ["theme:kosten:5", "theme:weer:1", "colour:red", "sentiment:9", "theme:kosten"]
)
def test_a_correction_that_means_nothing_changes_nothing(visit: Visit, asked: str) -> None:
    id_ = visit.add(MIXED)
    response = visit.send(f"/items/{id_}/correct", set=asked)
    assert response.status_code == 422
    assert visit.item(id_)["version"] == 1


def test_undo_brings_back_exactly_what_was_there_step_by_step(visit: Visit) -> None:
    id_ = visit.add(DOUBT)
    states = [visit.item(id_)]
    for asked in ("theme:kosten:-1", "theme:kosten:1", "signal:klacht:1", ""):
        visit.send(f"/items/{id_}/correct", set=asked)
        states.append(visit.item(id_))
    kept = ("themes", "signals", "sentiment", "needs_review", "review_reasons")
    for before in reversed(states[:-1]):
        assert visit.send(f"/items/{id_}/undo").headers["location"].endswith("notice=undone#labels")
        now = visit.item(id_)
        assert {name: now[name] for name in kept} == {name: before[name] for name in kept}
    assert now["corrected_at"] is None
    assert visit.send(f"/items/{id_}/undo").headers["location"].endswith("nothing-to-undo#labels")


def test_a_correction_after_an_undo_can_be_undone_by_itself(visit: Visit) -> None:
    id_ = visit.add(MIXED)
    visit.send(f"/items/{id_}/correct", set="theme:kosten:-1")
    visit.send(f"/items/{id_}/undo")
    visit.send(f"/items/{id_}/correct", set="theme:proces:-1")
    visit.send(f"/items/{id_}/undo")
    assert labels(visit.item(id_)) == {"bereikbaarheid": (-0.9, "model"), "empathie": (0.9, "model")}


def test_an_undone_correction_is_no_example_to_learn_from(visit: Visit) -> None:
    id_ = visit.add(MIXED)
    visit.send(f"/items/{id_}/correct")
    assert "Een voorbeeld voor het volgende model" in visit.page(f"/items/{id_}")
    assert visit.client.get("/v1/corrections/export").text != ""
    visit.send(f"/items/{id_}/undo")
    assert visit.client.get("/v1/corrections/export").text == ""


def test_the_history_tells_everything_that_happened(visit: Visit) -> None:
    id_ = visit.add(MIXED)
    visit.send(f"/items/{id_}/correct", set="theme:kosten:-1")
    visit.send(f"/items/{id_}/undo")
    visit.send(f"/items/{id_}/correct")
    visit.send(f"/items/{id_}/status", status="in_progress")
    visit.send(f"/items/{id_}/notes", note="Gebeld met jan.jansen@example.nl")
    page = visit.page(f"/items/{id_}")
    for said in (
        "Binnengekomen.",
        "Gelezen door model feedback-words 1.",
        "Kosten en voorwaarden toegevoegd: ontevreden",
        "Laatste correctie ongedaan gemaakt.",
        "Bevestigd: de labels kloppen.",
        "Status werd in behandeling",
        "Notitie:",
    ):
        assert said in page
    assert "jan.jansen" not in page


def test_a_complaint_shows_how_long_there_is_to_answer(visit: Visit) -> None:
    old = visit.add(PLAIN, kind="complaint", occurred_at="2020-01-01T00:00:00+00:00")
    fresh = visit.add(COMPLAINT)
    survey = visit.add(PLAIN, kind="survey")
    assert "dagen over termijn" in visit.page(f"/items/{old}")
    assert "nog 42 dagen" in visit.page(f"/items/{fresh}")
    assert "Termijn:" not in visit.page(f"/items/{survey}")
    visit.send(f"/items/{old}/status", status="answered")
    assert "Termijn:" not in visit.page(f"/items/{old}")


def test_who_was_too_late_is_told_so_and_changes_nothing(visit: Visit) -> None:
    id_ = visit.add(PLAIN)
    visit.send(f"/items/{id_}/status", status="in_progress")
    response = visit.send(f"/items/{id_}/assign", version=1, handler="")
    assert response.status_code == 409
    assert "Iemand was u voor" in response.text


def test_similar_items_are_earlier_ones_with_what_became_of_them(visit: Visit) -> None:
    first = visit.add("Een kwartier in de wacht gestaan, schandalig")
    visit.send(f"/items/{first}/status", status="closed")
    visit.add("Heerlijk weer vandaag")
    page = visit.page(f"/items/{visit.add(MIXED)}")
    similar = page[page.index("Eerder, vergelijkbaar") :]
    assert f'href="/items/{first}"' in similar
    assert "Gesloten" in similar


def test_an_item_that_is_not_there_is_a_page_for_people_and_a_problem_for_systems(visit: Visit) -> None:
    page = visit.get("/items/12345")
    assert page.status_code == 404
    assert "Hier is niets" in page.text
    assert visit.client.get("/items/12345").json()["status"] == 404


def test_a_note_without_words_is_not_kept(visit: Visit) -> None:
    id_ = visit.add(PLAIN)
    assert "empty-note" in visit.send(f"/items/{id_}/notes", note="  ").headers["location"]
    assert visit.send(f"/items/{id_}/notes", note="x" * 5000).status_code == 422
