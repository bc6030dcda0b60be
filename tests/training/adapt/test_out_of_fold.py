from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.adapt.errors import AdaptError
from training.adapt.measure import best_threshold, token_f1
from training.adapt.out_of_fold import OutOfFold


def test_out_of_fold_numbers_come_back_as_they_were(tmp_path: Path) -> None:
    document = np.array([[0.5, -2.0], [1.5, 3.0]], dtype=np.float32)
    kept = OutOfFold(
        ("theme.a", "nps"),
        np.array(["x1", "x2"]),
        np.array([0, 3], np.int8),
        document,
        np.array(["x9"]),
        document[:1],
    )
    kept.save(tmp_path)
    back = OutOfFold.load(tmp_path)

    assert back.columns == kept.columns
    assert back.folds.tolist() == [0, 3]
    np.testing.assert_array_equal(back.document, document)
    assert back.rows(["x2", "x7"]).tolist() == [1, -1]
    assert back.held_rows(["x9", "x1"]).tolist() == [0, -1]


def test_a_folder_without_out_of_fold_numbers_says_so(tmp_path: Path) -> None:
    with pytest.raises(AdaptError, match="without its out-of-fold numbers"):
        OutOfFold.load(tmp_path)


def test_the_threshold_with_the_highest_f1_is_found() -> None:
    truth = np.array([True, True, False, False])

    assert best_threshold(truth, np.array([3.0, 1.0, 0.5, -1.0], dtype=np.float32)) == 1.0
    assert best_threshold(np.zeros(4, dtype=bool), np.ones(4, dtype=np.float32)) == 0.0


def test_token_f1_is_the_mean_over_themes() -> None:
    assert token_f1(np.array([[2, 0, 0], [1, 1, 1]])) == pytest.approx(0.75)
