"""A stand-in for a model that answers with the labels and quotes of the corpus, so that pages are known beforehand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from feedback_nlp.errors import TextError
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
from feedback_nlp.taxonomy import Taxonomy

__all__ = ["CORPUS", "LabelledAnalyzer"]

CORPUS = Path(__file__).resolve().parents[1] / "training" / "data" / "corpus.jsonl"
_TONES = ("zeer negatief", "negatief", "neutraal", "positief", "zeer positief")


class LabelledAnalyzer:
    """Knows the texts of the corpus; of any other it says nothing at all."""

    def __init__(self, version: str = "labels") -> None:
        self.taxonomy = Taxonomy.default()
        self.info = ModelInfo("feedback-nl", version, "sha256:" + "0" * 64)

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        with CORPUS.open(encoding="utf-8") as file:
            return {row["text"]: row for row in map(json.loads, file)}

    @property
    def manifest(self) -> LabelledAnalyzer:
        return self

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": self.info.version,
            "created": "2026-03-01T09:00:00+00:00",
            "profile": "labels",
            "metrics": {"themes": {"f1": 0.5}},
            "thresholds": dict.fromkeys(self.taxonomy.theme_codes, 0.5),
        }

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        return [self._one(item) if item.text.strip() else TextError("the text is empty") for item in items]

    def _one(self, item: FeedbackItem) -> Analysis:
        row = self.rows.get(item.text)
        if row is None:
            row = {"themes": {}, "evidence": {}, "sentiment": 0, "nps": 6, "cas": 6, "signals": []}
        doubt = len(item.text) % 7 == 0
        themes = tuple(self._theme(entry.code, entry.nl, item.text, row) for entry in self.taxonomy.themes)
        detractor = (10 - row["nps"]) / 10
        reasons = [ReviewReason("low_confidence", next(iter(row["themes"]), None))] if doubt else []
        if item.nps is not None and abs(item.nps - row["nps"]) > 4:
            reasons.append(ReviewReason("score_mismatch", f"nps {item.nps:g}"))
        low, high = max(0, row["nps"] - 2), min(10, row["nps"] + 2)
        return Analysis(
            id=item.id,
            text=item.text,
            language="nl",
            themes=themes,
            sentiment=Sentiment(row["sentiment"] / 2, _TONES[row["sentiment"] + 2]),
            advocacy=Advocacy(
                (1 - detractor) * 0.75,
                (1 - detractor) * 0.25,
                detractor,
                Estimate(row["nps"], low, high),
                Estimate(row["cas"], low, high),
            ),
            signals=tuple(
                Signal(
                    entry.code,
                    entry.nl,
                    0.9 if entry.code in row["signals"] else 0.04,
                    entry.code in row["signals"],
                )
                for entry in self.taxonomy.signals
            ),
            review_reasons=tuple(reasons),
            model=self.info,
        )

    def _theme(self, code: str, label: str, text: str, row: dict[str, Any]) -> ThemeMention:
        mention = ThemeMention(code, label, 0.06, assigned=False, polarity=-0.4)
        if code not in row["themes"]:
            return mention
        quotes = [quote for quote in row["evidence"].get(code, ()) if quote in text]
        spans = tuple(
            Span(text.index(quote), text.index(quote) + len(quote), 0.9 - 0.3 * min(number, 2))
            for number, quote in enumerate(quotes)
        )
        return replace(
            mention, score=0.92, assigned=True, polarity=float(row["themes"][code]) * 0.9, evidence=spans
        )
