"""Dask frames, partition by partition where they are; needs the extra `[dask]`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from feedback_nlp.artifacts import read_manifest, verify
from feedback_nlp.batch import BatchAnalyzer
from feedback_nlp.errors import ScoreError
from feedback_nlp.scoring.dask_engine import ModelPlugin, worker_analyzer
from feedback_nlp.scoring.frames import FrameScorer
from feedback_nlp.scoring.loaders import ModelFolder, PackedModel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["score_partitions"]

_loading = Lock()


def score_partitions(frame: Any, scorer: FrameScorer, model: Path, client: Any) -> Any:
    """The frame that is scored when it is computed; arguments, result and errors as of `score_frame`."""
    verify(model, read_manifest(model))
    client = client or _current()
    if client is not None:
        _send(model, _name(scorer.digest), client)
    meta = scorer.score(frame._meta, _Nobody())
    return frame.map_partitions(_score, scorer, str(model.resolve()), meta=meta)


class _Nobody:
    """Analyses the rows of a frame that has none."""

    def analyze_batch(self, items: Any) -> Any:
        """Nothing."""
        return []


def _score(part: pd.DataFrame, scorer: FrameScorer, folder: str) -> pd.DataFrame:
    if part.empty:
        return scorer.score(part, _Nobody())
    return scorer.score(part, _analyzer(scorer.digest, folder))


def _analyzer(digest: str, folder: str) -> BatchAnalyzer:
    """The model that this process was sent, or else the one that it finds on its disk."""
    try:
        return worker_analyzer(_name(digest))
    except ValueError:  # no worker of a cluster
        pass
    except ScoreError:
        if not Path(folder).is_dir():
            raise
    with _loading:
        return _from_disk(digest, folder)


@lru_cache(maxsize=1)
def _from_disk(digest: str, folder: str) -> BatchAnalyzer:
    if (found := read_manifest(folder).digest) != digest:
        raise ScoreError(
            f"{folder}: holds another model than was asked for ({found[:19]}…, not {digest[:19]}…)"
        )
    return ModelFolder(Path(folder)).load(Path())


def _send(model: Path, name: str, client: Any) -> None:
    """Give the workers, also those that join later, the model, unless they have it."""
    if client.run_on_scheduler(lambda dask_scheduler: name in dask_scheduler.worker_plugins):
        return
    plugin = ModelPlugin(PackedModel.of(model), name)
    try:
        client.register_plugin(plugin)
    except BaseException:
        client.unregister_worker_plugin(name)
        raise


def _name(digest: str) -> str:
    return f"feedback-nlp-model-{digest.removeprefix('sha256:')[:16]}"


def _current() -> Any:
    from distributed import default_client

    try:
        return default_client()
    except ValueError:
        return None
