from __future__ import annotations

import dataclasses
import json

import pytest

from feedback_nlp.records import (
    Advocacy,
    Analysis,
    Estimate,
    FeedbackItem,
    ModelInfo,
    ReviewReason,
    Sentiment,
    Signal,
    Span,
    ThemeMention,
)

ANALYSIS = Analysis(
    id="42",
    text="Snel geholpen",
    language="nl",
    themes=(
        ThemeMention("snelheid", "Snelheid", 0.912345, True, 0.87654, (Span(0, 4, 0.33333),)),
        ThemeMention("gemak", "Gemak", 0.1, False, 0.0),
    ),
    sentiment=Sentiment(0.51239, "positief"),
    advocacy=Advocacy(0.6, 0.3, 0.1, nps=Estimate(8.1267, 7, 9), cas=Estimate(7.9, 7, 9)),
    signals=(Signal("klacht", "Klacht", 0.01, False),),
    review_reasons=(),
    model=ModelInfo("feedback-nl", "1", "sha256:00"),
)


def test_the_json_contract() -> None:
    assert json.loads(json.dumps(ANALYSIS.to_dict())) == {
        "id": "42",
        "text": "Snel geholpen",
        "language": "nl",
        "themes": [
            {
                "code": "snelheid",
                "label": "Snelheid",
                "score": 0.9123,
                "assigned": True,
                "polarity": 0.8765,
                "evidence": [{"start": 0, "end": 4, "weight": 0.3333}],
            },
            {
                "code": "gemak",
                "label": "Gemak",
                "score": 0.1,
                "assigned": False,
                "polarity": 0.0,
                "evidence": [],
            },
        ],
        "sentiment": {"score": 0.5124, "label": "positief"},
        "advocacy": {
            "promoter": 0.6,
            "passive": 0.3,
            "detractor": 0.1,
            "nps": {"value": 8.13, "low": 7, "high": 9},
            "cas": {"value": 7.9, "low": 7, "high": 9},
        },
        "signals": [{"code": "klacht", "label": "Klacht", "score": 0.01, "assigned": False}],
        "needs_review": False,
        "review_reasons": [],
        "model": {"name": "feedback-nl", "version": "1", "digest": "sha256:00"},
    }


def test_a_reason_makes_it_one_for_review_and_tells_what_it_is_about() -> None:
    reasons = (ReviewReason("too_short"), ReviewReason("not_dutch", "en"))
    told = dataclasses.replace(ANALYSIS, review_reasons=reasons).to_dict()
    assert told["needs_review"] is True
    assert told["review_reasons"] == ["too_short", "not_dutch: en"]


def test_assigned_themes_are_those_at_their_threshold() -> None:
    assert [theme.code for theme in ANALYSIS.assigned_themes] == ["snelheid"]


def test_records_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        FeedbackItem("tekst").text = "anders"  # type: ignore[misc]
