"""Texts without personal data in, analyses out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from service.models.live import Analyzer
from service.redaction import Redactor
from service.texts import cleaned

__all__ = ["classify_items"]


def classify_items(
    items: Sequence[FeedbackItem], analyzer: Analyzer, redactor: Redactor
) -> list[Analysis | TextError]:
    """Redact and analyse in order; an item that cannot be analysed has its error in its place."""
    ready: list[FeedbackItem | TextError] = []
    for item in items:
        try:
            ready.append(replace(item, text=cleaned(item.text, redactor)))
        except TextError as exc:
            ready.append(exc)
    usable = [item for item in ready if isinstance(item, FeedbackItem)]
    answers = iter(analyzer.analyze_batch(usable) if usable else [])
    return [item if isinstance(item, TextError) else next(answers) for item in ready]
