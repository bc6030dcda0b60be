from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from feedback_nlp.reader import ClauseReader
from feedback_nlp.readings import Readings
from feedback_nlp.taxonomy import Taxonomy
from training.checkpoints import FoldStore, resumable_first_level, sweep
from training.corpus import LabelledItem, to_arrays
from training.crossfit import cross_fitted_readings


class StoppedError(Exception):
    pass


def test_a_run_that_was_stopped_goes_on_and_comes_to_the_same(
    tmp_path: Path, some_items: list[LabelledItem]
) -> None:
    taxonomy = Taxonomy.default()
    data = to_arrays(some_items[:90], taxonomy)
    folds = np.arange(90) % 3
    made: list[int] = []

    def make() -> ClauseReader:
        made.append(1)
        return ClauseReader(taxonomy.theme_codes, taxonomy.signal_codes)

    def stop() -> None:
        raise StoppedError

    store = FoldStore(tmp_path, "key")
    with pytest.raises(StoppedError):
        resumable_first_level(make, data, folds, store, stop)
    made.clear()
    resumed, reader, _ = resumable_first_level(make, data, folds, store)
    assert len(made) == 2 + 1  # the folds that were missing, and all items
    whole = cross_fitted_readings(make, data, folds)
    assert np.array_equal(reader.weights_, make().fit(data).weights_)
    assert resumed.names == whole.names
    assert np.array_equal(resumed.values, whole.values)


def test_other_data_begin_anew_and_a_broken_file_counts_for_nothing(tmp_path: Path) -> None:
    store = FoldStore(tmp_path, "key")
    store.save(0, Readings(("a",), np.ones((2, 1), dtype=np.float32)))
    assert FoldStore(tmp_path, "key").load(0) is not None
    assert FoldStore(tmp_path, "other").load(0) is None
    (store.folder / "fold-0.npz").write_bytes(b"PK\x03\x04 cut off")
    assert store.load(0) is None


def test_what_killed_runs_left_is_swept_up_after_a_week(tmp_path: Path) -> None:
    half, fresh = tmp_path / "feedback-nl" / ".20260501-abc", tmp_path / "feedback-nl" / ".20260509-def"
    whole = tmp_path / "feedback-nl" / "20260501-101500"
    for folder in (half, fresh, whole):
        folder.mkdir(parents=True)
        (folder / "reader.joblib").write_bytes(b"x")
    for folder in (half, whole):
        os.utime(folder, (0, 0))
    assert sweep(tmp_path) == 1
    assert [half.exists(), fresh.exists(), whole.exists()] == [False, True, True]
