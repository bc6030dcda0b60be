"""The model in use: found, loaded, tried on a probe sentence, and only then put to work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from feedback_nlp.errors import FeedbackNlpError, TextError
from feedback_nlp.records import Analysis, FeedbackItem, ModelInfo
from feedback_nlp.taxonomy import Taxonomy
from service.errors import NoModelError

__all__ = ["PROBE", "Analyzer", "LiveModel", "Load", "ModelHost"]

PROBE: Final = "Ik heb drie kwartier in de wacht gestaan, maar de medewerkster was heel begripvol."


log = structlog.get_logger("service.models")

_PAUSE_AFTER_FAILURE: Final = 30.0
"""Seconds before a model folder that was refused is tried again."""


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
    """Holds the model in use and follows the registry. Safe to use from many threads.

    A request takes the model once and keeps it to its end, so that a change in between disturbs nothing.
    """

    def __init__(
        self,
        find: Callable[[], Path | None],
        load: Load,
        *,
        on_change: Callable[[LiveModel], None] = lambda live: None,
        interval: float = 1.0,
    ) -> None:
        """Take note; nothing is loaded yet.

        Args:
            find: Gives the folder of the live model, or None when there is none.
            load: Reads a model folder.
            on_change: Told of each model that is put to work, from the thread that loaded it.
            interval: Seconds between two looks at the registry.
        """
        self._find = find
        self._load = load
        self._on_change = on_change
        self._interval = interval
        self._lock = threading.Lock()
        self._live: LiveModel | None = None
        self._failure = "The model is still being loaded."
        self._refused: tuple[Path, float] | None = None
        self._tried = threading.Event()
        self._stop = threading.Event()

    def start(self) -> None:
        """Load in the background, and look for another live model from then on."""
        self._stop.clear()
        threading.Thread(target=self._follow, name="model-follower", daemon=True).start()

    def stop(self) -> None:
        """Look no more; the model in use stays."""
        self._stop.set()

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
                if (self._live is None or self._live.folder != folder) and not self._refused_lately(folder):
                    self._refused = (folder, time.monotonic() + _PAUSE_AFTER_FAILURE)
                    self._live = self._loaded(folder)
                    self._refused = None
                    self._failure = ""
                    log.info("model.live", model=folder.name, since=self._live.since.isoformat())
                    self._on_change(self._live)
            except FeedbackNlpError as exc:
                self._fail(str(exc))
            except Exception as exc:  # noqa: BLE001 - a loader may fail in any way; the service must stay up
                self._fail(f"The model could not be loaded: {type(exc).__name__}: {exc}")
            finally:
                self._tried.set()

    @property
    def failure(self) -> str:
        """Why the live model of the registry is not in use; empty when it is."""
        return self._failure

    def current(self) -> LiveModel:
        """The model in use.

        Raises:
            NoModelError: None is; the text says why.
        """
        live = self._live
        if live is None:
            raise NoModelError(self._failure)
        return live

    def _follow(self) -> None:
        self.refresh()
        while not self._stop.wait(self._interval):
            self.refresh()

    def _refused_lately(self, folder: Path) -> bool:
        return (
            self._refused is not None and self._refused[0] == folder and time.monotonic() < self._refused[1]
        )

    def _fail(self, reason: str) -> None:
        if reason != self._failure:
            log.warning("model.refused", reason=reason)
        self._failure = reason

    def _loaded(self, folder: Path) -> LiveModel:
        analyzer = self._load(folder)
        (answer,) = analyzer.analyze_batch([FeedbackItem(PROBE)])
        if isinstance(answer, TextError):
            raise answer
        return LiveModel(analyzer, folder, datetime.now(UTC))
