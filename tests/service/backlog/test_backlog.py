"""The backlog over HTTP, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from service.backlog.quotes import quote_of
from service.backlog.records import priority
from service.counts.facts import day_of

WAITING = "Ik stond drie kwartier in de wacht en werd toen verbroken."
KIND = "De medewerkster was begripvol."


def add(api: TestClient, text: str, **fields: Any) -> int:
    response = api.post("/v1/feedback", json={"items": [{"text": text, **fields}]})
    id_: int = response.json()["results"][0]["id"]
    return id_


def keep(api: TestClient, title: str = "Sneller opnemen", **fields: Any) -> dict[str, Any]:
    response = api.post("/v1/backlog", json={"title": title, **fields})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def whole(api: TestClient, id_: int) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/v1/backlog/{id_}").json()
    return found


def season(api: TestClient, *, journey: str = "schade_of_storing", people: int = 40) -> list[int]:
    """Half of the customers wait and are cross, half are content; the ids of those who waited."""
    at = datetime.now(UTC) - timedelta(days=10)
    items = [
        {
            "text": f"{WAITING if number % 2 else KIND} {number}",
            "source": "enquete",
            "external_id": f"{journey}-{number}",
            "journey": journey,
            "nps": number % 4 if number % 2 else 9,
            "occurred_at": at.isoformat(),
        }
        for number in range(people)
    ]
    results = api.post("/v1/feedback", json={"items": items}).json()["results"]
    return [result["id"] for number, result in enumerate(results) if number % 2]


def test_what_hurts_is_suggested_with_words_of_customers_and_what_it_is_worth(api: TestClient) -> None:
    season(api)
    (found,) = api.get("/v1/backlog/suggestions").json()
    assert (found["theme"], found["journey"], found["volume"]) == ("bereikbaarheid", "schade_of_storing", 20)
    assert found["gain"]["value"] == pytest.approx(
        100.0
    )  # all who complain are detractors, all others promoters
    assert found["gain"]["low"] < found["gain"]["value"] < found["gain"]["high"]
    assert found["answers"] == 40
    assert found["reach"] == round(40 * 365 / 91)
    assert len(found["quotes"]) == 3
    assert all("in de wacht" in quote["text"] for quote in found["quotes"])
    assert found["known_as"] is None
    made = keep(api, theme="bereikbaarheid", journey="schade_of_storing", effort=4)
    assert api.get("/v1/backlog/suggestions").json()[0]["known_as"] == made["id"]
    assert made["priority"] == {
        "gain": 100.0,
        "reach": found["reach"],
        "effort": 4.0,
        "score": pytest.approx(100.0 * found["reach"] / 4),
    }


def test_too_few_scores_give_no_gain_and_no_rank(api: TestClient) -> None:
    season(api, people=20)
    (found,) = api.get("/v1/backlog/suggestions").json()
    assert found["volume"] == 10
    assert found["gain"] is None
    assert keep(api, theme="bereikbaarheid", journey="schade_of_storing", effort=4)["priority"] is None


@given(st.floats(-200, 200), st.integers(0, 10**6), st.floats(0.1, 1000))
def test_the_rank_is_gain_times_reach_over_effort_and_never_below_nothing(
    gain: float, reach: int, effort: float
) -> None:
    rank = priority(gain, reach, effort)
    assert rank is not None
    assert rank.score == pytest.approx(max(0, gain) * reach / effort)
    assert priority(None, reach, effort) is None


def test_every_change_is_in_the_history_and_a_stale_one_is_refused(api: TestClient) -> None:
    made = keep(api, effort=2)
    path = f"/v1/backlog/{made['id']}"
    first = api.patch(path, json={"status": "chosen", "effort": 3}, headers={"If-Match": '"1"'})
    assert first.status_code == 200, first.text
    assert first.headers["etag"] == '"2"'
    stale = api.patch(path, json={"effort": 9}, headers={"If-Match": '"1"'})
    assert stale.status_code == 409
    assert [entry["action"] for entry in whole(api, made["id"])["history"]] == ["created", "changed"]
    assert whole(api, made["id"])["history"][1]["details"] == {
        "status": {"before": "proposed", "after": "chosen"},
        "effort": {"before": 2.0, "after": 3.0},
    }


def test_done_sets_the_day_unless_another_is_named(api: TestClient) -> None:
    made, other = keep(api), keep(api)
    done = api.patch(f"/v1/backlog/{made['id']}", json={"status": "done"}).json()
    assert done["done_on"] == day_of(datetime.now(UTC)).isoformat()
    done = api.patch(f"/v1/backlog/{other['id']}", json={"status": "done", "done_on": "2026-01-05"}).json()
    assert done["done_on"] == "2026-01-05"


def test_a_day_begins_at_dutch_midnight_as_on_the_dashboards(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_past_midnight = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    monkeypatch.setattr("service.backlog.service.now", lambda: half_past_midnight)
    done = api.patch(f"/v1/backlog/{keep(api)['id']}", json={"status": "done"}).json()
    assert done["done_on"] == "2026-03-11"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"title": " "}, "/title"),
        ({"theme": "gezelligheid"}, "/theme"),
        ({"journey": "vakantie"}, "/journey"),
        ({"effort": 0}, "/effort"),
        ({"owner_id": 77}, "/owner_id"),
        ({"due_on": "morgen"}, "/due_on"),
        ({"status": "klaar"}, "/status"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value(
    api: TestClient, fields: dict[str, Any], pointer: str
) -> None:
    made = keep(api)
    answer = api.patch(f"/v1/backlog/{made['id']}", json=fields)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert "got" in fault["detail"]


def test_what_people_write_is_redacted(api: TestClient) -> None:
    made = keep(api, "Bel 06-12345678 terug", description="Klant met IBAN NL91ABNA0417164300 wacht nog.")
    assert "12345678" not in made["title"]
    assert "NL91" not in made["description"]


def test_pages_by_cursor_neither_shift_nor_repeat(api: TestClient) -> None:
    ids = [keep(api, f"Nummer {number}")["id"] for number in range(7)]
    seen: list[int] = []
    cursor: str | None = None
    while True:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = api.get("/v1/backlog", params=query).json()
        seen += [one["id"] for one in page["items"]]
        keep(api, "Later")
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]


def test_items_are_added_once_and_taken_off(api: TestClient) -> None:
    first, second = add(api, WAITING), add(api, KIND)
    made = keep(api, feedback_ids=[first])
    path = f"/v1/backlog/{made['id']}/items"
    assert api.post(path, json={"add": [first, second]}).json() == {"added": 1, "removed": 0}
    assert api.get(path).json() == {"items": [second, first], "next_cursor": None}
    assert api.get(path, params={"limit": 1}).json() == {"items": [second], "next_cursor": str(second)}
    assert api.post(path, json={"remove": [first, 999]}).json() == {"added": 0, "removed": 1}
    assert api.post(path, json={"add": [second, 999]}).status_code == 404
    assert api.get(path).json()["items"] == [second]


def test_merging_moves_all_items_and_the_other_leads_on(api: TestClient) -> None:
    items = [add(api, f"{WAITING} {number}") for number in range(3)]
    into = keep(api, "Terugbellen", feedback_ids=items[:2])
    other = keep(api, "Vaker terugbellen", feedback_ids=items[1:])
    answer = api.post(f"/v1/backlog/{into['id']}/merge", json={"from": [other["id"]]})
    assert answer.json()["items"] == 3
    assert whole(api, other["id"])["merged_into"] == into["id"]
    assert [one["id"] for one in api.get("/v1/backlog").json()["items"]] == [into["id"]]
    assert api.patch(f"/v1/backlog/{other['id']}", json={"effort": 1}).status_code == 409
    again = api.post(f"/v1/backlog/{into['id']}/merge", json={"from": [into["id"]]})
    assert again.status_code == 422


def test_splitting_gives_some_items_an_improvement_of_their_own(api: TestClient) -> None:
    items = [add(api, f"{WAITING} {number}") for number in range(3)]
    made = keep(api, theme="bereikbaarheid", journey="klacht", feedback_ids=items)
    answer = api.post(
        f"/v1/backlog/{made['id']}/split", json={"title": "Chat open houden", "feedback_ids": items[:1]}
    )
    part = answer.json()
    assert (part["items"], part["split_from"], part["theme"]) == (1, made["id"], "bereikbaarheid")
    assert whole(api, made["id"])["items"] == 2
    nothing = api.post(
        f"/v1/backlog/{made['id']}/split", json={"title": "Nog een", "feedback_ids": items[:1]}
    )
    assert nothing.status_code == 422


def test_an_erased_item_leaves_no_link_and_no_words_behind(api: TestClient) -> None:
    waited = season(api)
    made = keep(api, theme="bereikbaarheid", journey="schade_of_storing", feedback_ids=waited)
    word = f"verbroken. {2 * waited.index(waited[0]) + 1}"
    person = {"external_ids": ["schade_of_storing-1"]}
    (held,) = api.post("/v1/disclosures", json=person).json()["items"]
    assert [one["improvement"] for one in held["improvements"]] == [made["id"]]
    report = api.post("/v1/erasures", json=person).json()
    assert report["places"]["improvements"] == 1
    assert waited[0] not in api.get(f"/v1/backlog/{made['id']}/items").json()["items"]
    quotes = [one["quotes"] for one in api.get("/v1/backlog/suggestions").json()]
    assert all(quote["feedback_id"] != waited[0] for few in quotes for quote in few)
    assert word not in str(whole(api, made["id"])["history"])


def test_customers_are_told_once_by_the_senders_ids_alone(api: TestClient) -> None:
    waited = season(api)
    loose = add(api, WAITING)
    api.post("/v1/subscriptions", json={"url": "https://93.184.216.34/h", "types": ["improvement.told"]})
    made = keep(api, feedback_ids=[*waited[:2], loose])
    path = f"/v1/backlog/{made['id']}"
    assert api.post(f"{path}/tell").status_code == 409
    api.patch(path, json={"status": "done"})
    assert api.post(f"{path}/tell").json() == {"now": 2, "before": 0, "unreachable": 1}
    assert whole(api, made["id"])["status"] == "told"
    api.post(f"{path}/items", json={"add": waited[2:3]})
    assert api.post(f"{path}/tell").json() == {"now": 1, "before": 2, "unreachable": 1}
    events = [one["data"] for one in api.get("/v1/deliveries").json()["items"]]
    assert {event["external_id"] for event in events} == {
        "schade_of_storing-1",
        "schade_of_storing-3",
        "schade_of_storing-5",
    }
    assert set(events[0]) == {"improvement_id", "feedback_id", "source", "external_id"}
    assert "wacht" not in api.get(f"{path}/customers").text


@given(st.text(min_size=1, max_size=600), st.integers(0, 600), st.integers(1, 80))
def test_a_quote_is_short_and_the_texts_own(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    evidence = [{"start": start, "end": end, "weight": 1.0}] if start < end else []
    quote = quote_of(text, {"themes": [{"code": "gemak", "assigned": True, "evidence": evidence}]}, "gemak")
    assert len(quote) <= 250
    inner = quote.removeprefix("… ").removesuffix(" …")
    assert inner in " ".join(text.split()) or not inner.strip()
