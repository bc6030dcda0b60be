"""Who does the work: processes of this machine. A cluster is in `dask_engine`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from threadpoolctl import threadpool_limits

from feedback_nlp.batch import BatchAnalyzer
from feedback_nlp.errors import FeedbackNlpError, ScoreError
from feedback_nlp.scoring.chunks import Scored, Task, score_task
from feedback_nlp.scoring.loaders import Loader
from feedback_nlp.settling import settle

__all__ = ["Engine", "LocalEngine", "cores"]

_DEATHS = 3

_analyzer: BatchAnalyzer | FeedbackNlpError


class Engine(Protocol):
    """A context manager that scores tasks."""

    def __enter__(self) -> Self:
        """Start the workers."""

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them; what is in hand is dropped."""

    def map(self, tasks: Iterator[Task]) -> Iterator[Scored]:
        """Results in the order of the tasks, of which only a few are in hand at a time.

        Raises:
            ScoreError: Workers cannot start, or die again and again.
        """


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


class LocalEngine:
    """Worker processes on this machine, each with the model; one that dies is replaced and its work done again.

    Args:
        loader: How a worker comes by the model.
        workers: How many; one a core when None.
    """

    def __init__(self, loader: Loader, workers: int | None = None) -> None:
        self._loader = loader
        self._workers = workers or cores()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Start no process yet: that waits for work."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers; tasks that wait are dropped."""
        self._stop()

    def map(self, tasks: Iterator[Task]) -> Iterator[Scored]:
        """See `Engine`."""
        pending: deque[tuple[Task, Future[Scored]]] = deque()
        deaths = 0
        while True:
            try:
                while len(pending) < 2 * self._workers + 1 and (task := next(tasks, None)) is not None:
                    pending.append((task, Future()))
                    pending[-1] = (task, self._submit(task))
                if not pending:
                    return
                result = pending[0][1].result()
            except BrokenProcessPool as exc:
                deaths += 1
                if deaths > _DEATHS:
                    raise ScoreError(
                        f"a worker process died {deaths} times without any progress: is there enough memory? "
                        "Fewer --workers need less"
                    ) from exc
                self._stop()
                for index, (task, _) in enumerate(pending):
                    pending[index] = (task, self._submit(task))
                continue
            deaths = 0
            pending.popleft()
            yield result

    def _submit(self, task: Task) -> Future[Scored]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, multiprocessing.get_context("spawn"), _begin, (self._loader,)
            )
        return self._pool.submit(_score, task)

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _begin(loader: Loader) -> None:
    """Make a fresh process a worker: one thread, the model, deaf to Ctrl-C, and gone when its parent is."""
    global _analyzer
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()
    threadpool_limits(1)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            _analyzer = loader.load(Path(scratch))
        settle()
    except FeedbackNlpError as exc:
        _analyzer = exc


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _score(task: Task) -> Scored:
    if isinstance(_analyzer, FeedbackNlpError):
        raise _analyzer
    return score_task(_analyzer, task)
