"""The work on a Dask cluster; needs the extra `[dask]`, and this package on the workers, but no shared disk."""

from __future__ import annotations

import itertools
import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from threadpoolctl import threadpool_limits

from feedback_nlp.batch import BatchAnalyzer
from feedback_nlp.errors import ScoreError
from feedback_nlp.scoring.chunks import Scored, Task, score_task
from feedback_nlp.scoring.engines import cores
from feedback_nlp.scoring.loaders import Loader

try:
    import dask
    from distributed import Client, Future, KilledWorker, LocalCluster, WorkerPlugin, get_worker
except ImportError as exc:
    raise ScoreError("a cluster needs Dask: pip install 'feedback-nlp[dask]'") from exc

__all__ = ["DaskEngine", "ModelPlugin", "worker_analyzer"]

_PLUGIN = "feedback-nlp-model"
_WAIT = 60


class ModelPlugin(WorkerPlugin):  # type: ignore[misc]
    """Gives every worker, those that join later or again too, the model once.

    Args:
        loader: How a worker comes by it.
        name: Under which the worker has it; of two with the same name the later one counts.
    """

    def __init__(self, loader: Loader, name: str = _PLUGIN) -> None:
        self.name = name
        self._loader = loader

    def setup(self, worker: Any) -> None:
        """Load the model in a worker."""
        threadpool_limits(1)
        with tempfile.TemporaryDirectory(dir=worker.local_directory) as scratch:
            self.analyzer = self._loader.load(Path(scratch))


class DaskEngine:
    """Workers of a Dask cluster: one that is there, or one of processes on this machine.

    A worker that dies is no loss: the scheduler gives its work to another.

    Args:
        loader: How a worker comes by the model.
        scheduler: Address such as `tcp://10.0.0.5:8786`; None for a cluster of this run's own.
        workers: How many, for a cluster of its own; one a core when None.
    """

    def __init__(self, loader: Loader, scheduler: str | None = None, workers: int | None = None) -> None:
        self._loader = loader
        self._scheduler = scheduler
        self._workers = workers or cores()
        self._cluster: LocalCluster | None = None
        self._client: Client | None = None

    def __enter__(self) -> Self:
        """Find or start the workers and give them the model.

        Raises:
            ScoreError: There is no scheduler at the address, or no worker within a minute.
        """
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})
        try:
            if self._scheduler is None:
                self._cluster = LocalCluster(
                    n_workers=self._workers, threads_per_worker=1, processes=True, dashboard_address=None
                )
            self._client = Client(self._cluster or self._scheduler, set_as_default=False)
            self._client.wait_for_workers(1, timeout=_WAIT)
            self._client.register_plugin(ModelPlugin(self._loader))
        except (OSError, TimeoutError) as exc:
            self._close()
            raise ScoreError(f"the Dask cluster {self._scheduler or ''} cannot be used: {exc}") from exc
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the workers, and stop those of its own."""
        self._close()

    def map(self, tasks: Iterator[Task]) -> Iterator[Scored]:
        """See `Engine`."""
        client = self._client
        assert client is not None
        pending: deque[Future] = deque()
        numbers = itertools.count()
        while True:
            threads = sum(client.nthreads().values()) or self._workers
            while len(pending) < 2 * threads + 1 and (task := next(tasks, None)) is not None:
                key = f"feedback-nlp-score-{id(self)}-{next(numbers)}"
                pending.append(client.submit(_score, task, key=key, pure=False))
            if not pending:
                return
            try:
                result: Scored = pending.popleft().result()
            except KilledWorker as exc:
                raise ScoreError(f"one piece of work killed worker after worker: {exc}") from exc
            yield result

    def _close(self) -> None:
        for part in (self._client, self._cluster):
            if part is not None:
                part.close()
        self._client = self._cluster = None


def worker_analyzer(name: str = _PLUGIN) -> BatchAnalyzer:
    """The analyzer that the Dask worker in which this is called has under a name.

    Raises:
        ScoreError: It has none.
    """
    analyzer: BatchAnalyzer | None = getattr(get_worker().plugins.get(name), "analyzer", None)
    if analyzer is None:
        raise ScoreError("this Dask worker was given no model")
    return analyzer


def _score(task: Task) -> Scored:
    return score_task(worker_analyzer(), task)
