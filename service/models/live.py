"""The model in use: found, loaded, tried on a probe sentence, and only then put to work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from feedback_nlp.errors import FeedbackNlpError, TextError
from feedback_nlp.records import Analysis, FeedbackItem, ModelInfo
from feedback_nlp.taxonomy import Taxonomy
from service.errors import NoModelError

__all__ = ["PROBE", "Analyzer", "LiveModel", "Load", "ModelHost"]

PROBE: Final = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."


class Described(Protocol):
    """A model's manifest."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""


class Analyzer(Protocol):
    """What the service needs of `feedback_nlp.FeedbackAnalyzer`."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    @property
    def taxonomy(self) -> Taxonomy:
        """What it can say."""

    @property
    def manifest(self) -> Described:
        """How it came about."""

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        """Analyse in order, each item's own error in its place."""


Load = Callable[[Path], Analyzer]


@dataclass(frozen=True)
class LiveModel:
    """A loaded model that has classified the probe sentence, its folder, and since when it is in use."""

    analyzer: Analyzer
    folder: Path
    since: datetime


class ModelHost:
    """Holds the model in use. Safe to use from many threads."""

    def __init__(self, find: Callable[[], Path | None], load: Load) -> None:
        """Take note; nothing is loaded yet.

        Args:
            find: Gives the folder of the live model, or None when there is none.
            load: Reads a model folder.
        """
        self._find = find
        self._load = load
        self._lock = threading.Lock()
        self._live: LiveModel | None = None
        self._failure = "The model is still being loaded."
        self._tried = threading.Event()

    def start(self) -> None:
        """Load in the background."""
        threading.Thread(target=self.refresh, name="model-loader", daemon=True).start()

    def wait(self, timeout: float) -> bool:
        """Wait until loading was tried once; whether it was, within `timeout` seconds."""
        return self._tried.wait(timeout)

    def refresh(self) -> None:
        """Load the live model if it is not the one in use; on failure the one in use stays."""
        with self._lock:
            try:
                folder = self._find()
                if folder is None:
                    raise NoModelError("No model is live. Train one with `feedback-nlp train`.")
                if self._live is None or self._live.folder != folder:
                    self._live = self._loaded(folder)
                self._failure = ""
            except FeedbackNlpError as exc:
                self._failure = str(exc)
            except Exception as exc:  # noqa: BLE001 - a loader may fail in any way; the service must stay up
                self._failure = f"The model could not be loaded: {type(exc).__name__}: {exc}"
            finally:
                self._tried.set()

    def current(self) -> LiveModel:
        """The model in use.

        Raises:
            NoModelError: None is; the text says why.
        """
        live = self._live
        if live is None:
            raise NoModelError(self._failure)
        return live

    def _loaded(self, folder: Path) -> LiveModel:
        analyzer = self._load(folder)
        (answer,) = analyzer.analyze_batch([FeedbackItem(PROBE)])
        if isinstance(answer, TextError):
            raise answer
        return LiveModel(analyzer, folder, datetime.now(UTC))
