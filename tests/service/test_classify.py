from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from service.classify.schemas import ClassifyResponse, example, example_answer
from service.models.live import ModelHost

SENTENCE = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."
any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)
lenient = hypothesis_settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def problem(response) -> dict:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["type"].startswith("urn:feedback-nlp:problem:")
    return body


def test_answers_come_in_the_order_of_the_items_with_their_ids(client: TestClient) -> None:
    items = [{"id": str(n), "text": text} for n, text in enumerate([SENTENCE, "", "De premie is hoog."])]
    response = client.post("/v1/classify", json={"items": items})
    assert response.status_code == 200
    first, second, third = response.json()["results"]
    assert [first["id"], second["id"], third["id"]] == ["0", "1", "2"]
    assert set(second) == {"id", "error"}
    assert "empty" in second["error"]
    assert [theme["code"] for theme in third["themes"] if theme["assigned"]] == ["kosten"]
    assert response.json()["model"]["name"] == "feedback-words"


def test_evidence_points_at_the_words_that_show_the_theme(client: TestClient) -> None:
    (result,) = client.post("/v1/classify", json={"items": [{"text": SENTENCE}]}).json()["results"]
    words = {
        theme["code"]: [result["text"][span["start"] : span["end"]] for span in theme["evidence"]]
        for theme in result["themes"]
        if theme["assigned"]
    }
    assert words == {"bereikbaarheid": ["in de wacht"], "empathie": ["begripvol"]}


def test_all_themes_and_signals_of_the_taxonomy_are_scored(client: TestClient) -> None:
    taxonomy = client.get("/v1/taxonomy").json()
    (result,) = client.post("/v1/classify", json={"items": [{"text": "nvt"}]}).json()["results"]
    assert [theme["code"] for theme in result["themes"]] == [theme["code"] for theme in taxonomy["themes"]]
    assert [one["code"] for one in result["signals"]] == [one["code"] for one in taxonomy["signals"]]


def test_the_documented_request_is_answered_without_an_error(client: TestClient) -> None:
    response = client.post("/v1/classify", json=example())
    assert all("error" not in result for result in response.json()["results"])


def test_the_documented_answer_is_one_to_the_documented_request(client: TestClient) -> None:
    answer = example_answer()
    ClassifyResponse.model_validate(answer)
    assert [(result["id"], result["text"]) for result in answer["results"]] == [
        (item["id"], item["text"]) for item in example()["items"]
    ]
    evidence = {
        theme["code"]: [result["text"][span["start"] : span["end"]] for span in theme["evidence"]]
        for result in answer["results"]
        for theme in result["themes"]
        if theme["assigned"]
    }
    assert "wacht" in " ".join(evidence["bereikbaarheid"])
    assert "papieren" in " ".join(evidence["proces"])
    described = client.get("/openapi.json").json()["paths"]["/v1/classify"]["post"]["responses"]["200"]
    assert described["content"]["application/json"]["example"] == answer


def test_a_thousand_items_are_taken_and_one_more_is_refused(client: TestClient) -> None:
    items = [{"text": "Prima."}] * 1001
    assert client.post("/v1/classify", json={"items": items[:1000]}).status_code == 200
    response = client.post("/v1/classify", json={"items": items})
    assert response.status_code == 422
    assert problem(response)["errors"] == [
        {"pointer": "/items", "detail": "must have at most 1000 entries, got 1001"}
    ]


def test_an_empty_batch_is_refused(client: TestClient) -> None:
    response = client.post("/v1/classify", json={"items": []})
    assert response.status_code == 422
    assert "at least 1 entries, got 0" in problem(response)["detail"]


@pytest.mark.parametrize(
    ("item", "pointer", "detail"),
    [
        ({"text": "x", "nps": 11}, "/items/0/nps", "must be less than or equal to 10, got 11"),
        ({"text": "x", "ces": 0}, "/items/0/ces", "must be greater than or equal to 1, got 0"),
        ({"text": 5}, "/items/0/text", "must be a valid string, got 5"),
        ({"id": "1"}, "/items/0/text", "is required"),
        ({"text": "x", "NPS/": 3}, "/items/0/NPS~1", "Extra inputs are not permitted, got 3"),
    ],
)
def test_a_faulty_item_is_shown_with_its_place_and_value(
    client: TestClient, item: dict, pointer: str, detail: str
) -> None:
    response = client.post("/v1/classify", json={"items": [item]})
    assert response.status_code == 422
    assert problem(response)["errors"] == [{"pointer": pointer, "detail": detail}]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"items": [}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"items": [{"text": "x", "nps": ' + b"9" * 5000 + b"}]}",
    ],
)
def test_a_body_that_is_not_json_is_a_400(client: TestClient, body: bytes) -> None:
    response = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert "JSON" in problem(response)["detail"]


def test_the_place_of_a_json_fault_is_told(client: TestClient) -> None:
    response = client.post(
        "/v1/classify", content='{"items": [}', headers={"Content-Type": "application/json"}
    )
    assert "at character 11" in problem(response)["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_another_content_type_is_a_415(client: TestClient, kind: str) -> None:
    response = client.post("/v1/classify", content=b'{"items": []}', headers={"Content-Type": kind})
    assert response.status_code == 415
    problem(response)


def test_a_text_of_ten_megabytes_is_refused_by_its_declared_length(client: TestClient) -> None:
    response = client.post("/v1/classify", json={"items": [{"text": "a" * 10_000_000}]})
    assert response.status_code == 413
    assert "at most 1,000,000" in problem(response)["detail"]


def test_a_chunked_body_is_cut_off_at_the_limit(client: TestClient) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield b" " * 100_000

    response = client.post("/v1/classify", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert "more than the 1,000,000" in problem(response)["detail"]


def test_a_text_that_is_too_long_is_that_items_own_error(client: TestClient) -> None:
    items = [{"id": "long", "text": "a" * 20_001}, {"id": "fine", "text": "De website werkt."}]
    long, fine = client.post("/v1/classify", json={"items": items}).json()["results"]
    assert long["id"] == "long"
    assert "20,001" in long["error"]
    assert "themes" in fine


def test_half_a_surrogate_pair_is_that_items_own_error(client: TestClient) -> None:
    body = rb'{"items": [{"id": "half", "text": "a\ud800b"}, {"id": "fine", "text": "Prima."}]}'
    response = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    half, fine = response.json()["results"]
    assert half["id"] == "half"
    assert "half of a character" in half["error"]
    assert "themes" in fine


def test_half_a_surrogate_pair_in_an_id_is_refused(client: TestClient) -> None:
    body = rb'{"items": [{"id": "\ud800", "text": "Prima."}]}'
    response = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert problem(response)["errors"][0]["pointer"] == "/items/0/id"


@lenient
@given(texts=st.lists(any_text, min_size=1, max_size=5))
def test_any_text_at_all_is_answered_with_spans_inside_it(client: TestClient, texts: list[str]) -> None:
    body = json.dumps({"items": [{"id": str(n), "text": text} for n, text in enumerate(texts)]})
    response = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    results = ClassifyResponse.model_validate(response.json()).results
    assert [result.id for result in results] == [str(n) for n in range(len(texts))]
    for result in response.json()["results"]:
        for theme in result.get("themes", []):
            for span in theme["evidence"]:
                assert 0 <= span["start"] < span["end"] <= len(result["text"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)


@lenient
@given(body=json_values | st.fixed_dictionaries({"items": json_values | st.lists(json_values, max_size=3)}))
def test_any_json_at_all_is_answered_or_refused_as_a_problem(client: TestClient, body: object) -> None:
    content = json.dumps(body)
    response = client.post("/v1/classify", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert problem(response)["errors"]


@lenient
@given(body=st.binary(max_size=200))
def test_any_bytes_at_all_are_answered_or_refused_as_a_problem(client: TestClient, body: bytes) -> None:
    response = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    problem(response)


def test_without_a_model_there_is_a_503_that_says_how_to_mend_it(
    client_for: Callable[[ModelHost], TestClient],
) -> None:
    client = client_for(ModelHost(lambda: None, lambda folder: pytest.fail(f"loaded {folder}")))
    response = client.post("/v1/classify", json=example())
    assert response.status_code == 503
    assert "feedback-nlp train" in problem(response)["detail"]
    assert response.headers["retry-after"]


def test_an_error_of_ours_is_a_500_without_details(client_for: Callable[[ModelHost], TestClient]) -> None:
    from tests.service.support import WordAnalyzer

    class Broken(WordAnalyzer):
        def analyze_batch(self, items):
            if len(items) > 1:
                raise RuntimeError("secret")
            return super().analyze_batch(items)

    client = client_for(ModelHost(lambda: Path("1"), lambda folder: Broken()))
    response = client.post("/v1/classify", json={"items": [{"text": "a"}] * 2})
    assert response.status_code == 500
    assert "secret" not in json.dumps(problem(response))
