"""Words of customers that show why something should be better, cut from the redacted text of their items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["quote_of", "strength_of"]

_AROUND: Final = 90
_LONGEST: Final = 240


def strength_of(result: Mapping[str, Any], theme: str | None) -> float:
    """How plainly the words of an item show a theme: the sum of its evidence's weights, 0 for none.

    Args:
        result: An Analysis as JSON.
        theme: A theme code; None takes all themes that count.
    """
    return float(sum(span["weight"] for span in _spans(result, theme)))


def quote_of(text: str, result: Mapping[str, Any], theme: str | None) -> str:
    """The part of a text around its strongest evidence, cut between words.

    Args:
        text: The redacted text that was analysed.
        result: Its Analysis as JSON.
        theme: A theme code; None takes all themes that count.

    Returns:
        At most some 240 characters; the beginning of the text when there is no evidence.
    """
    spans = _spans(result, theme)
    if spans:
        best = max(spans, key=lambda span: span["weight"])
        start, end = max(0, best["start"] - _AROUND), min(len(text), best["end"] + _AROUND)
    else:
        start, end = 0, min(len(text), 2 * _AROUND)
    end = min(end, start + _LONGEST)
    if start > 0:
        start = text.find(" ", start, end) + 1 or start
    if end < len(text):
        cut = text.rfind(" ", start, end)
        end = cut if cut > start else end
    return ("… " if start > 0 else "") + " ".join(text[start:end].split()) + (" …" if end < len(text) else "")


def _spans(result: Mapping[str, Any], theme: str | None) -> Sequence[Mapping[str, Any]]:
    return [
        span
        for one in result["themes"]
        if (one["code"] == theme if theme is not None else one["assigned"])
        for span in one["evidence"]
    ]
