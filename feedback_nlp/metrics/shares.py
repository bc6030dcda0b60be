"""How often each theme is spoken of, and how."""

from __future__ import annotations

import numpy as np
import pandas as pd

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.frames import NEUTRAL, polarity_matrix
from feedback_nlp.metrics.intervals import wilson_bounds

__all__ = ["theme_shares"]


def theme_shares(frame: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Share of items per theme, in all and per polarity, each with Wilson's interval.

    Args:
        frame: analysed items (see `frames`).
        level: confidence level, 0-1.

    Returns:
        One row per theme and ``polarity`` (``any``, ``positive``, ``neutral``, ``negative``; the last three
        add up to the first), with ``count``, ``n`` (items in all), ``share``, ``low`` and ``high`` in percent of
        all items.

    Raises:
        MeasureError: there are no items or no theme columns.
    """
    codes, polarity = polarity_matrix(frame)
    n = polarity.shape[0]
    if n == 0:
        raise MeasureError("theme shares need at least one item, got none")
    with np.errstate(invalid="ignore"):
        counts = np.stack(
            [
                (~np.isnan(polarity)).sum(axis=0),
                (polarity > NEUTRAL).sum(axis=0),
                (np.abs(polarity) <= NEUTRAL).sum(axis=0),
                (polarity < -NEUTRAL).sum(axis=0),
            ],
            axis=1,
        ).ravel()
    low, high = wilson_bounds(counts, np.full(counts.shape, n), level)
    return pd.DataFrame(
        {
            "theme": np.repeat(np.asarray(codes, dtype=object), 4),
            "polarity": np.tile(
                np.asarray(["any", "positive", "neutral", "negative"], dtype=object), len(codes)
            ),
            "count": counts,
            "n": n,
            "share": 100.0 * counts / n,
            "low": 100.0 * low,
            "high": 100.0 * high,
        }
    )
