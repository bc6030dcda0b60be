"""What goes in and what comes out: plain, immutable values that know nothing of models, files or HTTP.

`Analysis.to_dict` is the JSON contract of the command line and of the HTTP API: keys may be added, never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "Advocacy",
    "Analysis",
    "Estimate",
    "FeedbackItem",
    "ModelInfo",
    "ReviewReason",
    "Sentiment",
    "Signal",
    "Span",
    "ThemeMention",
]


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """One open answer or complaint, as it comes in.

    Attributes:
        text: What the customer wrote.
        id: The sender's own reference, or None.
        nps: The answer 0-10 given to "would you recommend us", or None when it was not asked.
        cas: The answer 0-10 given to "did we act in your interest", or None.
        ces: The answer 1-7 given to "how easy was it" (7 = very easy), or None.
    """

    text: str
    id: str | None = None
    nps: float | None = None
    cas: float | None = None
    ces: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the analysed text, in code points: `text[start:end]`.

    Attributes:
        start: First code point.
        end: One past the last code point.
        weight: How much it carried the decision, 0-1.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class ThemeMention:
    """What the model thinks of one theme of the taxonomy.

    Attributes:
        code: The theme's code in the taxonomy.
        label: Its name in the language of the analysis.
        score: Calibrated probability 0-1 that the text speaks of the theme.
        assigned: Whether the score reaches the theme's threshold.
        polarity: -1 (dissatisfied) to 1 (satisfied), supposing that the theme is spoken of.
        evidence: The words that show the theme, in reading order; empty unless assigned.
    """

    code: str
    label: str
    score: float
    assigned: bool
    polarity: float
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The tone of the text as a whole: score -1 (very negative) to 1, and its label."""

    score: float
    label: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """An expected answer on a 0-10 scale, with the ends of its 80 % interval (both included)."""

    value: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Advocacy:
    """Would this writer recommend us: three probabilities that add up to 1, and the expected NPS and CAS answers."""

    promoter: float
    passive: float
    detractor: float
    nps: Estimate
    cas: Estimate


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that must not be missed. Fields as in `ThemeMention`."""

    code: str
    label: str
    score: float
    assigned: bool


@dataclass(frozen=True, slots=True)
class ReviewReason:
    """Why a person should look: a stable code, and what it is about (a theme's code, a number), or None."""

    code: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model gave the analysis: name, version and the digest of its manifest (`sha256:…`)."""

    name: str
    version: str
    digest: str

    def to_dict(self) -> dict[str, str]:
        """As JSON."""
        return {"name": self.name, "version": self.version, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything the model says of one text.

    Attributes:
        id: The item's own reference, or None.
        text: The text that was analysed, to which all spans refer.
        language: ISO 639-1 code, or "und" when the text is too short to tell.
        themes: Every theme of the taxonomy, in its order.
        sentiment: The tone of the whole.
        advocacy: Expected answers of this writer.
        signals: Every signal of the taxonomy, in its order.
        review_reasons: Why a person should look at it; empty when nothing speaks for that.
        model: The model that gave this.
    """

    id: str | None
    text: str
    language: str
    themes: tuple[ThemeMention, ...]
    sentiment: Sentiment
    advocacy: Advocacy
    signals: tuple[Signal, ...]
    review_reasons: tuple[ReviewReason, ...]
    model: ModelInfo

    @property
    def needs_review(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.review_reasons)

    @property
    def assigned_themes(self) -> tuple[ThemeMention, ...]:
        """The themes that reach their threshold, in the taxonomy's order."""
        return tuple(theme for theme in self.themes if theme.assigned)

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract; numbers are rounded to four places."""
        return {
            "id": self.id,
            "text": self.text,
            "language": self.language,
            "themes": [
                {
                    "code": theme.code,
                    "label": theme.label,
                    "score": round(theme.score, 4),
                    "assigned": theme.assigned,
                    "polarity": round(theme.polarity, 4),
                    "evidence": [
                        {"start": span.start, "end": span.end, "weight": round(span.weight, 4)}
                        for span in theme.evidence
                    ],
                }
                for theme in self.themes
            ],
            "sentiment": {"score": round(self.sentiment.score, 4), "label": self.sentiment.label},
            "advocacy": {
                "promoter": round(self.advocacy.promoter, 4),
                "passive": round(self.advocacy.passive, 4),
                "detractor": round(self.advocacy.detractor, 4),
                "nps": _estimate(self.advocacy.nps),
                "cas": _estimate(self.advocacy.cas),
            },
            "signals": [
                {
                    "code": signal.code,
                    "label": signal.label,
                    "score": round(signal.score, 4),
                    "assigned": signal.assigned,
                }
                for signal in self.signals
            ],
            "needs_review": self.needs_review,
            "review_reasons": [
                reason.code if reason.detail is None else f"{reason.code}: {reason.detail}"
                for reason in self.review_reasons
            ],
            "model": self.model.to_dict(),
        }


def _estimate(estimate: Estimate) -> dict[str, float | int]:
    return {"value": round(estimate.value, 2), "low": estimate.low, "high": estimate.high}
