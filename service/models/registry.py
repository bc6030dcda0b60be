"""The model that the registry says is live."""

from __future__ import annotations

from pathlib import Path

from feedback_nlp.errors import ModelMismatchError
from feedback_nlp.registry import Registry, default_models_folder
from feedback_nlp.settling import settle
from service.database.engine import Database
from service.models.activations import note_activation
from service.models.batching import BatchingAnalyzer
from service.models.live import Analyzer, LiveModel, ModelHost
from service.settings import Settings

__all__ = ["live_model", "models_folder", "registry_host"]


def models_folder(settings: Settings) -> Path:
    """Where the models are."""
    return settings.models or default_models_folder()


def live_model(settings: Settings) -> str | None:
    """`name/version` of the model that the registry says is live; None without one, or when it cannot be read."""
    try:
        return Registry.load(models_folder(settings)).live
    except ModelMismatchError:
        return None


def registry_host(settings: Settings, database: Database) -> ModelHost:
    """A host that follows the registry and keeps each activation in the store."""

    def find() -> Path | None:
        registry = Registry.load(models_folder(settings))
        return registry.live_folder() if registry.live else None

    def load(folder: Path) -> Analyzer:
        from feedback_nlp.analyzer import FeedbackAnalyzer

        alone = FeedbackAnalyzer.load(folder, threads=settings.threads, language=settings.language)
        return BatchingAnalyzer(alone)

    def note(live: LiveModel) -> None:
        settle()
        registry = Registry.load(models_folder(settings))
        activation = registry.activations[-1] if registry.activations else None
        if activation is not None and registry.folder / activation.model == live.folder:
            with database.write() as session:
                note_activation(session, activation, live.analyzer.info)

    return ModelHost(find, load, on_change=note, interval=settings.model_poll_seconds)
