"""The labels that count for an item, and how a person changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedback_nlp.records import Analysis
from service.feedback.records import Correction

__all__ = ["Labels"]


@dataclass(frozen=True, slots=True)
class Labels:
    """Polarity -1..1 by theme, the signals, and sentiment -1..1."""

    themes: Mapping[str, float]
    signals: frozenset[str]
    sentiment: float

    @classmethod
    def of(cls, analysis: Analysis) -> Labels:
        """What the model assigned."""
        return cls(
            {theme.code: theme.polarity for theme in analysis.assigned_themes},
            frozenset(signal.code for signal in analysis.signals if signal.assigned),
            analysis.sentiment.score,
        )

    def corrected(self, correction: Correction) -> Labels:
        """The labels after a correction."""
        themes = dict(self.themes)
        for code, polarity in correction.themes.items():
            if polarity is None:
                themes.pop(code, None)
            else:
                themes[code] = float(polarity)
        added = {code for code, there in correction.signals.items() if there}
        signals = (self.signals - correction.signals.keys()) | added
        sentiment = self.sentiment if correction.sentiment is None else correction.sentiment / 2
        return Labels(themes, frozenset(signals), sentiment)

    def to_dict(self) -> dict[str, Any]:
        """As JSON, in a fixed order."""
        return {
            "themes": {code: round(self.themes[code], 4) for code in sorted(self.themes)},
            "signals": sorted(self.signals),
            "sentiment": round(self.sentiment, 4),
        }
