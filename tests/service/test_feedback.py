from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from service.audit.tables import AuditRow
from service.database.engine import Database
from service.feedback.tables import AnalysisRow, CorrectionRow, FeedbackRow, SignalRow, ThemeRow

SENTENCE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."


def add(api: TestClient, *items: dict[str, Any], status: int = 201, **headers: str) -> list[dict[str, Any]]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = api.post("/v1/feedback", json={"items": list(items)}, headers=names)
    assert response.status_code == status, response.text
    return response.json()["results"]


def add_one(api: TestClient, text: str = SENTENCE, **fields: Any) -> dict[str, Any]:
    (result,) = add(api, {"text": text, **fields})
    feedback: dict[str, Any] = result["feedback"]
    return feedback


def find(api: TestClient, **query: Any) -> list[int]:
    response = api.get("/v1/feedback", params=query)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


def test_an_item_is_stored_with_its_labels_and_context(api: TestClient) -> None:
    sent = {
        "text": SENTENCE,
        "source": "enquete",
        "external_id": "42",
        "journey": "betalen",
        "channel": "telefoon",
        "nps": 6,
        "occurred_at": "2026-03-01T09:30:00+01:00",
        "meta": {"filiaal": "Zwolle", "vip": True},
    }
    (result,) = add(api, sent)
    assert result["outcome"] == "created"
    stored = api.get(f"/v1/feedback/{result['id']}").json()
    assert {name: stored[name] for name in sent if name != "occurred_at"} == {
        name: value for name, value in sent.items() if name != "occurred_at"
    }
    assert stored["occurred_at"] == "2026-03-01T08:30:00Z"
    assert [(theme["code"], theme["polarity"], theme["origin"]) for theme in stored["themes"]] == [
        ("bereikbaarheid", -0.9, "model"),
        ("empathie", 0.9, "model"),
    ]
    assert stored["status"] == "new"
    assert stored["analysis"]["model"]["version"] == "1"
    (span,) = stored["analysis"]["themes"][0]["evidence"]
    assert stored["text"][span["start"] : span["end"]] == "in de wacht"


def test_personal_data_is_replaced_before_anything_is_kept(api: TestClient, database: Database) -> None:
    add_one(api, "Mail mij op jan.jansen@example.nl over de premie.", meta={"mail": "jan.jansen@example.nl"})
    with database.read() as session:
        row = session.scalars(select(FeedbackRow)).one()
        kept = json.dumps([row.text, row.meta, row.submitted, row.analyses[0].result])
    assert "jan.jansen" not in kept
    assert "premie" in kept


def test_a_repeat_of_the_same_item_stores_nothing(api: TestClient) -> None:
    item = {"text": SENTENCE, "source": "enquete", "external_id": "42", "nps": 6}
    (first,) = add(api, item)
    (second,) = add(api, item, status=200)
    assert second["outcome"] == "unchanged"
    assert second["id"] == first["id"]
    assert len(find(api)) == 1


def test_a_repeat_is_the_same_item_even_after_somebody_changed_it(api: TestClient) -> None:
    item = {"text": SENTENCE, "external_id": "42", "journey": "betalen"}
    (first,) = add(api, item)
    assert api.patch(f"/v1/feedback/{first['id']}", json={"journey": "klacht"}).status_code == 200
    (second,) = add(api, item, status=200)
    assert second["feedback"]["journey"] == "klacht"


def test_a_repeat_with_another_content_shows_the_difference_and_stores_nothing(api: TestClient) -> None:
    add_one(api, external_id="42", nps=6)
    response = api.post(
        "/v1/feedback",
        json={"items": [{"text": "Nieuw."}, {"text": SENTENCE, "external_id": "42", "nps": 7}]},
    )
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["differences"] == [{"pointer": "/items/1/nps", "stored": 6.0, "sent": 7.0}]
    assert len(find(api)) == 1


def test_the_same_external_id_from_two_sources_is_two_items(api: TestClient) -> None:
    add(
        api,
        {"text": "a", "source": "x", "external_id": "1"},
        {"text": "a", "source": "y", "external_id": "1"},
    )
    assert len(find(api)) == 2


def test_the_same_item_twice_in_one_request_is_one_item(api: TestClient) -> None:
    item = {"text": SENTENCE, "external_id": "42"}
    first, second = add(api, item, item)
    assert (first["outcome"], second["outcome"]) == ("created", "unchanged")
    assert first["id"] == second["id"]


def test_an_idempotency_key_makes_a_repeat_harmless(api: TestClient) -> None:
    items = [{"text": SENTENCE}, {"text": ""}]
    created, failed = add(api, *items, Idempotency_Key="k1")
    again, failed_again = add(api, *items, Idempotency_Key="k1", status=200)
    assert (created["outcome"], again["outcome"]) == ("created", "unchanged")
    assert again["id"] == created["id"]
    assert failed == failed_again
    assert len(find(api)) == 1


def test_an_idempotency_key_with_another_body_is_a_conflict_that_shows_the_difference(
    api: TestClient,
) -> None:
    add(api, {"text": "De premie is hoog."}, Idempotency_Key="k1")
    response = api.post(
        "/v1/feedback",
        json={"items": [{"text": "De premie is laag."}]},
        headers={"Idempotency-Key": "k1"},
    )
    assert response.status_code == 409
    assert response.json()["differences"] == [
        {"pointer": "/items/0/text", "stored": "De premie is hoog.", "sent": "De premie is laag."}
    ]
    assert len(find(api)) == 1


@pytest.mark.parametrize("keyed", ["external_id", "header"])
def test_fifty_identical_requests_at_once_store_one_item(api: TestClient, keyed: str) -> None:
    item = {"text": SENTENCE, **({"external_id": "42"} if keyed == "external_id" else {})}
    headers = {"Idempotency-Key": "k1"} if keyed == "header" else {}

    def send(_: int) -> tuple[int, int]:
        response = api.post("/v1/feedback", json={"items": [item]}, headers=headers)
        return response.status_code, response.json()["results"][0]["id"]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert sorted(status for status, _ in answers) == [200] * 49 + [201]
    assert len({id_ for _, id_ in answers}) == 1
    assert len(find(api)) == 1


def test_a_faulty_text_has_its_error_in_its_place_and_the_rest_is_stored(api: TestClient) -> None:
    body = rb'{"items": [{"text": " "}, {"text": "a\ud800"}, {"text": "De\u0000premie."}]}'
    response = api.post("/v1/feedback", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 201
    empty, half, fine = response.json()["results"]
    assert (empty["outcome"], half["outcome"], fine["outcome"]) == ("failed", "failed", "created")
    assert "empty" in empty["error"]
    assert "half of a character" in half["error"]
    assert fine["feedback"]["text"] == "De\ufffdpremie."


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"journey": "reizen"}, "/items/0/journey"),
        ({"channel": "fax"}, "/items/0/channel"),
        ({"nps": 11}, "/items/0/nps"),
        ({"occurred_at": "2026-03-01"}, "/items/0/occurred_at"),
        ({"occurred_at": "2026-03-01T09:30:00"}, "/items/0/occurred_at"),
        ({"external_id": "a\0b"}, "/items/0/external_id"),
    ],
)
def test_a_wrong_field_is_shown_with_its_place(api: TestClient, fields: dict, pointer: str) -> None:
    response = api.post("/v1/feedback", json={"items": [{"text": "x", **fields}]})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == pointer
    assert find(api) == []


@pytest.fixture
def shelf(api: TestClient) -> dict[str, int]:
    texts = {
        "wacht": ("Lang in de wacht gestaan.", {"journey": "klacht", "channel": "telefoon"}),
        "lief": ("Wat een begripvol mens.", {"journey": "betalen", "segment": "adviseur"}),
        "premie": ("De premie is te hoog, dit is een klacht.", {"kind": "complaint", "domain": "energie"}),
        "niets": ("Geen idee.", {"occurred_at": "2026-01-15T12:00:00Z", "source": "crm"}),
    }
    return {name: add_one(api, text, **fields)["id"] for name, (text, fields) in texts.items()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["niets", "premie", "lief", "wacht"]),
        ({"order": "oldest"}, ["wacht", "lief", "premie", "niets"]),
        ({"theme": "bereikbaarheid"}, ["wacht"]),
        ({"theme": ["bereikbaarheid", "empathie"]}, ["lief", "wacht"]),
        ({"theme": "bereikbaarheid", "polarity": "positive"}, []),
        ({"polarity": "negative"}, ["premie", "wacht"]),
        ({"sentiment_max": -0.6}, ["wacht"]),
        ({"sentiment_min": 0.5}, ["lief"]),
        ({"signal": "klacht"}, ["premie"]),
        ({"journey": ["klacht", "betalen"], "channel": "telefoon"}, ["wacht"]),
        ({"segment": "adviseur"}, ["lief"]),
        ({"kind": "complaint", "domain": "energie"}, ["premie"]),
        ({"source": "crm"}, ["niets"]),
        ({"end": "2026-02-01T00:00:00Z"}, ["niets"]),
        ({"start": "2026-02-01T00:00:00Z", "kind": "complaint"}, ["premie"]),
        ({"needs_review": True}, ["niets"]),
        ({"status": "answered"}, []),
        ({"q": "premie"}, ["premie"]),
        ({"q": "PREMIE hoog"}, ["premie"]),
        ({"q": '"begripvol mens"'}, ["lief"]),
        ({"q": '"mens begripvol"'}, []),
        ({"q": "klacht -premie"}, []),
        ({"q": "'; DROP TABLE feedback --"}, []),
        ({"q": '"'}, []),
        ({"q": "AND OR NOT ( * : ^"}, []),
    ],
)
def test_filters_find_what_they_say(
    api: TestClient, shelf: dict[str, int], query: dict, expected: list[str]
) -> None:
    names = {id_: name for name, id_ in shelf.items()}
    assert [names[id_] for id_ in find(api, **query)] == expected


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "!"},
        {"cursor": "YWJj"},
        {"limit": 0},
        {"limit": 201},
        {"polarity": "sad"},
        {"color": "red"},
        {"sentiment_min": "nan"},
    ],
)
def test_a_wrong_filter_is_refused(api: TestClient, query: dict) -> None:
    response = api.get("/v1/feedback", params=query)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"query/{next(iter(query))}"


def test_pages_stay_right_while_items_arrive(api: TestClient) -> None:
    ids = [item["id"] for item in add(api, *({"text": f"Bericht {n}."} for n in range(7)))]
    seen: list[int] = []
    cursor = None
    while True:
        page = api.get("/v1/feedback", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["id"] for item in page["items"]]
        add_one(api, "Er komt iets bij.")
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(ids, reverse=True)


def test_a_change_is_kept_with_what_it_was_before(api: TestClient, database: Database) -> None:
    id_ = add_one(api)["id"]
    response = api.patch(f"/v1/feedback/{id_}", json={"status": "in_progress", "channel": "email"})
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["channel"]) == ("in_progress", "email")
    with database.read() as session:
        log = session.scalars(select(AuditRow)).one()
    assert (log.action, log.subject_id) == ("feedback.changed", str(id_))
    assert log.details == {
        "status": {"before": "new", "after": "in_progress"},
        "channel": {"before": None, "after": "email"},
    }


def test_a_change_of_an_outdated_version_is_a_conflict(api: TestClient) -> None:
    id_ = add_one(api)["id"]
    etag = api.get(f"/v1/feedback/{id_}").headers["etag"]
    first = api.patch(f"/v1/feedback/{id_}", json={"status": "answered"}, headers={"If-Match": etag})
    second = api.patch(f"/v1/feedback/{id_}", json={"status": "closed"}, headers={"If-Match": etag})
    assert (first.status_code, second.status_code) == (200, 409)
    assert api.get(f"/v1/feedback/{id_}").json()["status"] == "answered"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({}, ""),
        ({"status": "lost"}, "/status"),
        ({"text": "x"}, "/text"),
        ({"journey": "reizen"}, "/journey"),
        ({"assigned_to": 9}, "/assigned_to"),
    ],
)
def test_a_wrong_change_is_refused(api: TestClient, change: dict, pointer: str) -> None:
    id_ = add_one(api)["id"]
    response = api.patch(f"/v1/feedback/{id_}", json=change)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == pointer


def test_a_correction_counts_and_what_the_model_said_stays(api: TestClient, database: Database) -> None:
    id_ = add_one(api)["id"]
    correction = {
        "themes": {"bereikbaarheid": None, "snelheid": -1, "empathie": 0},
        "signals": {"klacht": True},
        "sentiment": -2,
        "note": "Bel 06-12345678",
    }
    response = api.post(f"/v1/feedback/{id_}/corrections", json=correction)
    assert response.status_code == 201
    stored = api.get(f"/v1/feedback/{id_}").json()
    assert {theme["code"]: (theme["polarity"], theme["origin"]) for theme in stored["themes"]} == {
        "empathie": (0, "person"),
        "snelheid": (-1, "person"),
    }
    assert [signal["code"] for signal in stored["signals"]] == ["klacht"]
    assert stored["sentiment"] == -1
    assert stored["needs_review"] is False
    (kept,) = stored["corrections"]
    assert kept["before"] == {
        "themes": {"bereikbaarheid": -0.9, "empathie": 0.9},
        "signals": [],
        "sentiment": 0.0,
    }
    assert kept["after"]["themes"] == {"empathie": 0.0, "snelheid": -1.0}
    assert kept["model_version"] == "1"
    assert "12345678" not in kept["note"]
    with database.read() as session:
        assert session.scalars(select(AnalysisRow)).one().result["themes"][0]["assigned"] is True


def test_corrections_are_added_never_overwritten(api: TestClient) -> None:
    id_ = add_one(api)["id"]
    for polarity in (1, -1):
        api.post(f"/v1/feedback/{id_}/corrections", json={"themes": {"gemak": polarity}})
    kept = api.get(f"/v1/feedback/{id_}").json()["corrections"]
    assert [one["after"]["themes"]["gemak"] for one in kept] == [1.0, -1.0]


def test_an_empty_correction_confirms_what_is_there(api: TestClient) -> None:
    id_ = add_one(api, "Geen idee.")["id"]
    kept = api.post(f"/v1/feedback/{id_}/corrections", json={}).json()
    assert kept["before"] == kept["after"]
    assert api.get(f"/v1/feedback/{id_}").json()["needs_review"] is False


def test_a_correction_to_an_unknown_theme_is_refused(api: TestClient) -> None:
    id_ = add_one(api)["id"]
    response = api.post(f"/v1/feedback/{id_}/corrections", json={"themes": {"weer": 1}})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/themes/weer"


def test_corrected_items_come_out_in_the_training_format(api: TestClient) -> None:
    corrected = add_one(api, nps=6, journey="klacht", kind="survey")["id"]
    add_one(api, "Deze niet.")
    api.post(f"/v1/feedback/{corrected}/corrections", json={"signals": {"klacht": True}, "sentiment": -1})
    response = api.get("/v1/corrections/export")
    assert response.headers["content-type"].startswith("application/jsonl")
    assert [json.loads(line) for line in response.text.splitlines()] == [
        {
            "id": f"feedback-{corrected}",
            "text": SENTENCE,
            "themes": {"bereikbaarheid": -1, "empathie": 1},
            "sentiment": -1,
            "nps": 6,
            "cas": None,
            "ces": None,
            "signals": ["klacht"],
            "kind": "survey",
            "domain": None,
            "journey": "klacht",
            "channel": None,
            "segment": None,
        }
    ]
    assert api.get("/v1/corrections/export", params={"since": "2999-01-01T00:00:00Z"}).text == ""


def test_erasure_leaves_only_that_it_happened(api: TestClient, database: Database) -> None:
    erased = add_one(api, "Mijn zeldzaamwoord en de premie, een klacht.", external_id="42")["id"]
    kept = add_one(api, "Een ander bericht.")["id"]
    api.post(f"/v1/feedback/{erased}/corrections", json={"note": "zeldzaamwoord"})
    assert api.delete(f"/v1/feedback/{erased}").status_code == 204
    assert api.get(f"/v1/feedback/{erased}").status_code == 404
    assert api.delete(f"/v1/feedback/{erased}").status_code == 404
    assert find(api) == [kept]
    assert find(api, q="zeldzaamwoord") == []
    with database.read() as session:
        for table in (CorrectionRow, ThemeRow, SignalRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalar(select(func.count()).select_from(AnalysisRow)) == 1
        log = session.scalars(select(AuditRow).where(AuditRow.action == "feedback.erased")).one()
    assert log.subject_id == str(erased)
    assert log.details.keys() <= {"erasure"}, "only which erasure it belonged to"


def test_an_erased_word_is_not_left_in_the_file_of_sqlite(client: TestClient, sqlite_url: str) -> None:
    id_ = add_one(client, "Het woord zeldzaamwoord staat hier.")["id"]
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    everything = lambda: b"".join(path.read_bytes() for path in folder.glob("feedback.db*"))  # noqa: E731
    assert b"zeldzaamwoord" in everything()
    assert client.delete(f"/v1/feedback/{id_}").status_code == 204
    assert b"zeldzaamwoord" not in everything()


@pytest.mark.parametrize("path", ["/v1/feedback/99", "/v1/feedback/9223372036854775807"])
def test_an_item_that_is_not_there_is_a_404(api: TestClient, path: str) -> None:
    responses = [
        api.get(path),
        api.patch(path, json={"status": "closed"}),
        api.post(f"{path}/corrections", json={}),
        api.delete(path),
    ]
    for response in responses:
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("id_", ["0", "-1", "abc", "9223372036854775808"])
def test_an_impossible_id_is_a_422(api: TestClient, id_: str) -> None:
    assert api.get(f"/v1/feedback/{id_}").status_code == 422


def test_an_id_is_not_used_again_after_erasure(api: TestClient) -> None:
    first = add_one(api)["id"]
    api.delete(f"/v1/feedback/{first}")
    assert add_one(api)["id"] > first
