"""Cross-fitting that can be stopped and taken up again: each fold's readings are kept until the model is written.

Only numbers are kept, no text. The key covers everything the readings depend on; other data or settings begin anew.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from feedback_nlp.files import atomic_write
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.reader import ClauseReader
from feedback_nlp.readings import Readings
from training.crossfit import join_readings, read_held_out
from training.parallel import side_by_side

__all__ = ["FoldStore", "resumable_first_level", "sweep"]

_FOLDER = ".unfinished"
_STALE_SECONDS = 7 * 24 * 3600


class FoldStore:
    """Readings of finished folds, on disk.

    Args:
        models: The folder of models.
        key: What the readings depend on, as one string.
    """

    def __init__(self, models: Path, key: str) -> None:
        self.folder = models / _FOLDER / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def load(self, fold: int) -> Readings | None:
        """A finished fold's readings, or None."""
        try:
            content = io.BytesIO(self._path(fold).read_bytes())
            with np.load(content, allow_pickle=False) as stored:
                return Readings(tuple(map(str, stored["names"])), stored["values"])
        except (OSError, ValueError, KeyError, BadZipFile):
            return None

    def save(self, fold: int, readings: Readings) -> None:
        """Keep a finished fold, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        np.savez(buffer, names=np.array(readings.names), values=readings.values)
        with atomic_write(self._path(fold)) as file:
            file.write(buffer.getvalue())

    def clear(self) -> None:
        """Forget all, once the model is written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, fold: int) -> Path:
        return self.folder / f"fold-{fold}.npz"


def resumable_first_level(
    make: Callable[[], ClauseReader],
    data: LabelledTexts,
    folds: NDArray[np.int64],
    store: FoldStore,
    progress: Callable[[], None] = lambda: None,
    *,
    processes: int = 1,
    beside: Sequence[Any] = (),
) -> tuple[Readings, ClauseReader, list[Any]]:
    """Held-out readings as by `crossfit.cross_fitted_readings`, and a reader that learned from all items.

    Folds that `store` has are not read again, and those that are new are kept there. `progress` is called after each
    fold. `beside` is what else is to be done, so that no process waits; its results come last.
    """
    held_out = {int(fold): np.flatnonzero(folds == fold) for fold in np.unique(folds)}
    tables = {fold: store.load(fold) for fold in held_out}
    kept = {fold for fold, table in tables.items() if table and len(table.values) == held_out[fold].size}
    calls = [
        *(
            delayed(read_held_out)(make(), data, np.flatnonzero(folds != fold), rows)
            for fold, rows in held_out.items()
            if fold not in kept
        ),
        delayed(make().fit)(data),
        *beside,
    ]
    results = side_by_side(calls, processes, len(data))
    parts = []
    for fold, rows in held_out.items():
        table = tables[fold]
        if table is None or fold not in kept:
            table = next(results)
            store.save(fold, table)
        parts.append((rows, table))
        progress()
    return join_readings(parts), next(results), list(results)


def sweep(models: Path, stale_seconds: float = _STALE_SECONDS) -> int:
    """Remove what runs left behind that were killed: fold readings and half-written model folders of over a week ago.

    Returns:
        How many folders were removed.
    """
    before = time.time() - stale_seconds
    leftovers = [*models.glob(f"{_FOLDER}/*"), *models.glob("*/.*-*")]
    old = [path for path in leftovers if path.is_dir() and path.stat().st_mtime < before]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)
