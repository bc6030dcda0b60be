"""Small stand-ins for parts that take a trained model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

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

__all__ = ["FakeAnalyzer"]

MAX_TEXT_LENGTH = 20_000

_CUES = {
    "bereikbaarheid": r"\bwacht\w*|\bbereikbaar\b",
    "empathie": r"\bbegripvol\b|\bvriendelijk\b",
    "snelheid": r"\bsnel\b|\btraag\b",
}
_POSITIVE = re.compile(r"begripvol|vriendelijk|snel|bereikbaar", re.IGNORECASE)


class FakeAnalyzer:
    """`FeedbackAnalyzer` by a handful of words: the same methods, errors and shape of answer, known beforehand."""

    def __init__(self, taxonomy: Taxonomy | None = None) -> None:
        self.taxonomy = taxonomy or Taxonomy.default()
        self.info = ModelInfo("feedback-nl", "fake", "sha256:" + "0" * 64)
        self.batches: list[int] = []

    def analyze(self, item: FeedbackItem | str) -> Analysis:
        given = item if isinstance(item, FeedbackItem) else FeedbackItem(item)
        if not given.text.strip():
            raise TextError("the text is empty")
        if len(given.text) > MAX_TEXT_LENGTH:
            raise TextError(f"the text has {len(given.text):,} characters; {MAX_TEXT_LENGTH:,} is the most")
        return self._judge(given)

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        self.batches.append(len(items))
        results: list[Analysis | TextError] = []
        for item in items:
            try:
                results.append(self.analyze(item))
            except TextError as exc:
                results.append(exc)
        return results

    def analyze_many(self, items: Iterable[FeedbackItem | str]) -> Iterator[Analysis]:
        return map(self.analyze, items)

    def _judge(self, item: FeedbackItem) -> Analysis:
        themes = tuple(self._theme(entry.code, entry.nl, item.text) for entry in self.taxonomy.themes)
        assigned = [theme for theme in themes if theme.assigned]
        score = sum(theme.polarity for theme in assigned) / max(1, len(assigned))
        expected = Estimate(item.nps if item.nps is not None else 5.0 + 4 * score, 3, 8)
        complaint = "klacht" in item.text.lower()
        return Analysis(
            id=item.id,
            text=item.text,
            language="nl",
            themes=themes,
            sentiment=Sentiment(score, "positief" if score > 0 else "negatief"),
            advocacy=Advocacy(0.2, 0.3, 0.5, nps=expected, cas=Estimate(5.5, 3, 8)),
            signals=tuple(
                Signal(entry.code, entry.nl, 0.9 if complaint else 0.1, complaint and entry.code == "klacht")
                for entry in self.taxonomy.signals
            ),
            review_reasons=() if assigned else (ReviewReason("low_confidence", "0.10"),),
            model=self.info,
        )

    def _theme(self, code: str, label: str, text: str) -> ThemeMention:
        found = re.search(_CUES.get(code, "$^"), text, re.IGNORECASE)
        if not found:
            return ThemeMention(code, label, 0.1, assigned=False, polarity=0.0)
        polarity = 0.9 if _POSITIVE.search(found.group()) else -0.9
        return ThemeMention(code, label, 0.95, True, polarity, (Span(found.start(), found.end(), 0.8),))
