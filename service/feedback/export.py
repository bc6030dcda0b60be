"""Corrected items in the format that models are trained on."""

from __future__ import annotations

from typing import Any

from service.feedback.repository import NEUTRAL
from service.feedback.tables import FeedbackRow

__all__ = ["training_row"]


def training_row(row: FeedbackRow) -> dict[str, Any]:
    """One line of a labelled file, as the codebook describes it; scores that were not given are null."""
    return {
        "id": f"feedback-{row.id}",
        "text": row.text,
        "themes": {theme.theme: _polarity(theme.polarity) for theme in row.themes},
        "sentiment": round(row.sentiment * 2),
        "nps": _whole(row.nps),
        "cas": _whole(row.cas),
        "ces": _whole(row.ces),
        "signals": [signal.signal for signal in row.signals],
        "kind": row.kind,
        "domain": row.domain,
        "journey": row.journey,
        "channel": row.channel,
        "segment": row.segment,
    }


def _polarity(polarity: float) -> int:
    if abs(polarity) < NEUTRAL:
        return 0
    return 1 if polarity > 0 else -1


def _whole(score: float | None) -> int | None:
    return None if score is None else round(score)
