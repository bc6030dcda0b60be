from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.models.live import ModelHost
from tests.service.support import fake_load

MODEL = "/v2/models/feedback-words"
SENTENCE = "In de wacht gestaan, maar begripvol geholpen."


def infer(client: TestClient, *texts: str, path: str = MODEL, **more: Any) -> Any:
    tensor = {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": list(texts)}
    return client.post(f"{path}/infer", json={"inputs": [tensor], **more})


@pytest.mark.parametrize("path", [MODEL, f"{MODEL}/versions/1"])
def test_texts_go_in_and_tensors_of_the_promised_shape_come_out(client: TestClient, path: str) -> None:
    promised = {output["name"]: output for output in client.get(path).json()["outputs"]}
    body = infer(client, SENTENCE, "Geen idee.", path=path, id="r7").json()
    assert (body["model_name"], body["model_version"], body["id"]) == ("feedback-words", "1", "r7")
    assert {output["name"] for output in body["outputs"]} == promised.keys()
    for output in body["outputs"]:
        expected = promised[output["name"]]
        assert output["datatype"] == expected["datatype"]
        assert output["shape"] == [2, *expected["shape"][1:]]
        size = 1
        for length in output["shape"]:
            size *= length
        assert len(output["data"]) == size


def test_the_theme_columns_are_named(client: TestClient) -> None:
    outputs = {output["name"]: output for output in infer(client, SENTENCE).json()["outputs"]}
    scores = dict(zip(outputs["themes"]["parameters"]["codes"], outputs["themes"]["data"], strict=True))
    assert scores["bereikbaarheid"] == 0.95
    assert scores["kosten"] == 0.05
    analysis = json.loads(outputs["analysis"]["data"][0])
    assert analysis["text"] == SENTENCE


def test_only_the_outputs_that_are_asked_for_come(client: TestClient) -> None:
    body = infer(client, SENTENCE, outputs=[{"name": "sentiment"}]).json()
    assert body["outputs"] == [
        {"name": "sentiment", "datatype": "FP32", "shape": [1], "data": [0.0], "parameters": {}}
    ]


def test_health_and_metadata_answer_as_the_protocol_says(client: TestClient) -> None:
    assert client.get("/v2").json()["name"] == "feedback_nlp"
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get(f"{MODEL}/ready").json() == {"name": "feedback-words", "ready": True}
    assert client.get(f"{MODEL}/versions/1/ready").status_code == 200


def test_it_is_not_ready_without_a_model(client_for: Callable[[ModelHost], TestClient]) -> None:
    assert client_for(ModelHost(lambda: None, fake_load)).get("/v2/health/ready").status_code == 503


@pytest.mark.parametrize("path", ["/v2/models/other", f"{MODEL}/versions/2"])
def test_another_model_or_version_is_a_404_that_names_the_one_in_use(client: TestClient, path: str) -> None:
    for response in (client.get(path), client.get(f"{path}/ready"), infer(client, "x", path=path)):
        assert response.status_code == 404
        assert "feedback-words version 1" in response.json()["detail"]
        assert response.json()["error"] == response.json()["detail"]


def test_a_wrong_shape_or_an_empty_text_is_shown_with_its_place(client: TestClient) -> None:
    tensor = {"name": "text", "shape": [3], "datatype": "BYTES", "data": ["a"]}
    response = client.post(f"{MODEL}/infer", json={"inputs": [tensor]})
    assert response.json()["errors"] == [
        {"pointer": "/inputs/0/shape", "detail": "must be [1], the number of texts in data, got [3]"}
    ]
    assert infer(client, "a", " ").json()["errors"][0]["pointer"] == "/inputs/0/data/1"


def test_signalen_gets_two_ranked_levels_of_category_addresses(client: TestClient) -> None:
    body = client.post("/signals_mltool/predict", json={"text": "Ik stond in de wacht."}).json()
    base = "http://localhost:8000/signals/v1/public/terms/categories"
    mains, main_scores = body["hoofdrubriek"]
    subs, sub_scores = body["subrubriek"]
    assert (mains[0], main_scores[0]) == (f"{base}/processen", 0.95)
    assert (subs[0], sub_scores[0]) == (f"{base}/processen/sub_categories/bereikbaarheid", 0.95)
    assert sub_scores == sorted(sub_scores, reverse=True)
    assert len(mains) == 4
    assert len(subs) == 12


def test_an_empty_report_is_refused(client: TestClient) -> None:
    assert client.post("/signals_mltool/predict", json={"text": " "}).status_code == 422
