"""Held-out predictions for labelled items, from models that had not seen them: what audit and simulations stand on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from feedback_nlp.encoder import Encoder
from feedback_nlp.estimators import Predictions
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.reader import ClauseReader
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import LabelledItem, to_arrays
from training.crossfit import cross_fitted_predictions, cross_fitted_readings
from training.encoded import encoded_readings
from training.splits import FOLDS

__all__ = ["held_out_predictions"]


def held_out_predictions(
    items: Sequence[LabelledItem],
    taxonomy: Taxonomy,
    *,
    encoder: Encoder | None = None,
    models: Path | None = None,
    n_jobs: int = 2,
    seed: int = 0,
    progress: Callable[[], None] = lambda: None,
) -> tuple[LabelledTexts, Predictions]:
    """Predictions of every item by models fitted on the other four fifths of the items, drawn at random.

    Args:
        items: Labelled items.
        taxonomy: Their codes.
        encoder: Adds its readings, held-out ones where it was adapted on the item.
        models: The folder of models, for the encoder's held-out readings.
        n_jobs: Processes.
        seed: For the folds.
        progress: Called after each of the `FOLDS` folds.
    """
    data = to_arrays(items, taxonomy)
    folds: NDArray[np.int64] = np.random.default_rng(seed).permutation(len(items)) % FOLDS
    themes, signals = taxonomy.theme_codes, taxonomy.signal_codes
    with threadpool_limits(1):
        readings = cross_fitted_readings(
            lambda: ClauseReader(themes, signals), data, folds, progress, processes=n_jobs
        )
        if encoder is not None and models is not None:
            readings = readings.beside(encoded_readings(encoder, models, items))
        return data, cross_fitted_predictions(readings, data, folds, themes, signals, processes=n_jobs)[0]
