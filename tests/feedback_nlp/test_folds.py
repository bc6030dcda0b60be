from __future__ import annotations

import numpy as np

from feedback_nlp.folds import folds_of


def test_folds_that_are_given_are_kept_and_others_are_as_large_as_each_other() -> None:
    given = np.array([3, 3, 1])
    assert folds_of(3, given) is given
    assert np.bincount(folds_of(10, None)).tolist() == [2, 2, 2, 2, 2]
