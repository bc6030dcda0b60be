"""Which model a command works with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from feedback_nlp.analyzer import FeedbackAnalyzer

__all__ = ["load_analyzer", "model_folder"]


def model_folder(model: Path | None) -> Path:
    """The folder named, or that of the live model.

    Raises:
        ModelMissingError: None was named, and none is live or the live one is gone.
    """
    from feedback_nlp.registry import Registry, default_models_folder

    return model if model is not None else Registry.load(default_models_folder()).live_folder()


def load_analyzer(model: Path | None, *, threads: int, language: Literal["nl", "en"]) -> FeedbackAnalyzer:
    """The analyzer of the named model, or of the live one.

    Raises:
        ModelError: It is missing, altered, or of another taxonomy.
    """
    from feedback_nlp.analyzer import FeedbackAnalyzer

    return FeedbackAnalyzer.load(model_folder(model), threads=threads, language=language)
