"""A small analyzer that finds words, and an application around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
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

WORDS = {
    "bereikbaarheid": ("in de wacht", -0.9),
    "empathie": ("begripvol", 0.9),
    "kosten": ("premie", -0.5),
    "gemak": ("website", 0.4),
}
SIGNAL_WORDS = {"klacht": "klacht", "escalatie": "kifid", "opzegdreiging": "opzeggen"}
MAX_LENGTH = 20_000


@dataclass(frozen=True)
class FakeManifest:
    content: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.content


@dataclass(frozen=True)
class WordAnalyzer:
    """Assigns a theme when its word occurs; the words are the evidence."""

    version: str = "1"
    taxonomy: Taxonomy = field(default_factory=Taxonomy.default)

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("feedback-words", self.version, "sha256:" + "0" * 64)

    @property
    def manifest(self) -> FakeManifest:
        return FakeManifest({"version": self.version, "metrics": {}})

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        return [self._one(item) for item in items]

    def _one(self, item: FeedbackItem) -> Analysis | TextError:
        text = item.text
        if not text.strip():
            return TextError("the text is empty")
        if len(text) > MAX_LENGTH:
            return TextError(f"the text has {len(text)} characters; at most {MAX_LENGTH} are taken")
        if any("\ud800" <= char <= "\udfff" for char in text):
            return TextError("the text holds half a surrogate pair")
        themes = tuple(self._theme(code, text) for code in self.taxonomy.theme_codes)
        found = [theme.polarity for theme in themes if theme.assigned]
        sentiment = sum(found) / len(found) if found else 0.0
        return Analysis(
            id=item.id,
            text=text,
            language="nl",
            themes=themes,
            sentiment=Sentiment(sentiment, "negatief" if sentiment < 0 else "positief"),
            advocacy=Advocacy(0.2, 0.3, 0.5, Estimate(5.5, 3, 8), Estimate(5.5, 3, 8)),
            signals=tuple(self._signal(code, text) for code in self.taxonomy.signal_codes),
            review_reasons=() if found else (ReviewReason("low_confidence"),),
            model=self.info,
        )

    def _theme(self, code: str, text: str) -> ThemeMention:
        word, polarity = WORDS.get(code, ("", 0.0))
        match = re.search(re.escape(word), text, re.IGNORECASE) if word else None
        evidence = (Span(match.start(), match.end(), 1.0),) if match else ()
        return ThemeMention(
            code, code.title(), 0.95 if match else 0.05, match is not None, polarity, evidence
        )

    def _signal(self, code: str, text: str) -> Signal:
        found = code in SIGNAL_WORDS and SIGNAL_WORDS[code] in text.lower()
        return Signal(code, code.title(), 0.9 if found else 0.1, found)


def fake_load(folder: Path) -> WordAnalyzer:
    """Stands in for `FeedbackAnalyzer.load`: the folder's name is the version."""
    return WordAnalyzer(version=folder.name)
