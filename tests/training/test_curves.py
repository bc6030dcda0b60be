from __future__ import annotations

import numpy as np

from feedback_nlp.reader import ClauseReader
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import LabelledItem, to_arrays
from training.crossfit import cross_fitted_readings
from training.curves import LearningCurve
from training.parallel import side_by_side


def test_the_learning_curve_ends_with_what_was_read_from_all_other_folds(
    some_items: list[LabelledItem],
) -> None:
    taxonomy = Taxonomy.default()
    data, folds = to_arrays(some_items[:300], taxonomy), np.arange(300) % 3

    def make() -> ClauseReader:
        return ClauseReader(taxonomy.theme_codes, taxonomy.signal_codes)

    curve = LearningCurve.of(data, folds)
    tables = list(side_by_side(curve.calls(make), 1, len(data)))
    readings = cross_fitted_readings(make, data, folds)
    steps = curve.steps(tables, readings, taxonomy.theme_codes)
    assert [step["items"] for step in steps] == [20, 50, 100, 200]
    assert all(0 <= step["average_precision"] <= 1 for step in steps)
    assert steps[-1]["average_precision"] > steps[0]["average_precision"]
