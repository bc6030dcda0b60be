"""Dutch customer feedback: themes with polarity and evidence, sentiment, advocacy and triage signals.

    from feedback_nlp import FeedbackAnalyzer

    analyzer = FeedbackAnalyzer.load("models/feedback-nl/…")
    analysis = analyzer.analyze("Ik heb drie kwartier in de wacht gestaan.")

Names are imported when first used, so that a command's `--help` need not wait for scikit-learn and spaCy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feedback_nlp.analyzer import FeedbackAnalyzer
    from feedback_nlp.errors import FeedbackNlpError
    from feedback_nlp.records import Analysis, FeedbackItem
    from feedback_nlp.scoring.frames import score_frame
    from feedback_nlp.taxonomy import Taxonomy

__all__ = ["Analysis", "FeedbackAnalyzer", "FeedbackItem", "FeedbackNlpError", "Taxonomy", "score_frame"]

_HOME = {
    "Analysis": "records",
    "FeedbackAnalyzer": "analyzer",
    "FeedbackItem": "records",
    "FeedbackNlpError": "errors",
    "Taxonomy": "taxonomy",
    "score_frame": "scoring.frames",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"feedback_nlp.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
