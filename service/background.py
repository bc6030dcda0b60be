"""Threads that work beside the requests and finish what they took before they stop."""

from __future__ import annotations

import threading
from typing import Protocol

import structlog

__all__ = ["Background", "Step"]

log = structlog.get_logger("service.background")


class Step(Protocol):
    """One kind of background work."""

    @property
    def name(self) -> str:
        """What the logs call it."""

    def step(self, stopping: threading.Event) -> bool:
        """Do the next piece of work; whether there was any. A long piece looks at `stopping` now and then."""


class Background:
    """Runs a step again and again: at once while there is work, else after a pause."""

    def __init__(self, step: Step, *, pause: float = 0.5, pause_after_error: float = 5.0) -> None:
        """Take note; nothing runs yet. Pauses are in seconds."""
        self._step = step
        self._pause = pause
        self._pause_after_error = pause_after_error
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self._step.name, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 20.0) -> None:
        """Take nothing new and wait until what was taken is finished, at most `timeout` seconds."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            pause = self._pause
            try:
                if self._step.step(self._stopping):
                    continue
            except Exception as exc:  # noqa: BLE001 - whatever went wrong, the next piece may go well
                log.error("background.failed", worker=self._step.name, error=type(exc).__name__)
                pause = self._pause_after_error
            self._stopping.wait(pause)
