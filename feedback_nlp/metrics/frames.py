"""Analysed items as a data frame: one row an item, one column `theme:<code>` a theme.

A theme's column holds the polarity of the mention, -1..1, and NaN where the item does not mention the theme.
Beside these stand the scores that were given (`nps`, `cas`, `ces`; NaN where none), the predicted
probabilities `p_promoter`, `p_passive`, `p_detractor`, and any columns to cut by (journey, channel, …).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray

__all__ = [
    "NEUTRAL", "PREFIX", "PROBABILITIES", "analysis_frame", "one_row_a_theme", "period", "polarity_matrix",
]  # fmt: skip

PREFIX = "theme:"
PROBABILITIES = ("p_promoter", "p_passive", "p_detractor")
NEUTRAL = 1.0 / 3.0
"""A mention is positive above this polarity, negative below its opposite, neutral between."""

RULES = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def analysis_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the frame from analyses in their JSON form, each with its context fields beside it.

    Args:
        rows: analyses as `design.md` describes them (``themes``, ``advocacy``, …) with any further keys, such
            as ``nps``, ``journey``, ``at``; those whose value is a list or a mapping are left out.

    Returns:
        One row an item, in order. Only assigned themes count as mentioned; a theme without a polarity is 0.

    Raises:
        MeasureError: a row has no ``themes``; names its position.
    """
    records: list[dict[str, Any]] = []
    for position, row in enumerate(rows):
        if "themes" not in row:
            raise MeasureError(f"row {position} has no 'themes'; keys there are: {', '.join(map(str, row))}")
        record = {key: value for key, value in row.items() if not isinstance(value, list | tuple | Mapping)}
        for theme in row["themes"]:
            said = theme["polarity"] if theme["polarity"] is not None else 0.0
            record[PREFIX + theme["code"]] = said if theme["assigned"] else np.nan
        advocacy = row.get("advocacy") or {}
        for name in PROBABILITIES:
            record[name] = advocacy.get(name[2:], np.nan)
        records.append(record)
    return pd.DataFrame.from_records(records)


def polarity_matrix(frame: pd.DataFrame) -> tuple[list[str], FloatArray]:
    """The themes of a frame and their polarities.

    Args:
        frame: analysed items.

    Returns:
        Theme codes in column order, and polarities of shape (items, themes), NaN for "not mentioned".

    Raises:
        MeasureError: there are no theme columns, or a polarity is outside -1..1.
    """
    columns = [str(name) for name in frame.columns if str(name).startswith(PREFIX)]
    if not columns:
        raise MeasureError(f"the frame has no columns that start with {PREFIX!r}")
    matrix: FloatArray = frame[columns].to_numpy(dtype=np.float64)
    wrong = np.abs(matrix) > 1.0
    if wrong.any():
        row, column = (int(index) for index in np.argwhere(wrong)[0])
        raise MeasureError(
            f"polarity must be -1..1, got {matrix[row, column]:g} in {columns[column]!r}, row {row}"
        )
    return [name[len(PREFIX) :] for name in columns], matrix


def one_row_a_theme(frame: pd.DataFrame) -> pd.DataFrame:
    """Repeat every item once for each theme it mentions, so that one can cut by theme.

    Args:
        frame: analysed items.

    Returns:
        The same columns without ``theme:…``, plus ``theme`` and ``polarity``; an item without themes is gone.

    Raises:
        MeasureError: there are no theme columns, or a polarity is outside -1..1.
    """
    codes, matrix = polarity_matrix(frame)
    rows, columns = np.nonzero(~np.isnan(matrix))
    kept = [name for name in frame.columns if not str(name).startswith(PREFIX)]
    long = frame[kept].iloc[rows].reset_index(drop=True)
    long["theme"] = np.asarray(codes, dtype=object)[columns]
    long["polarity"] = matrix[rows, columns]
    return long


def period(at: pd.Series[Any], unit: str) -> pd.Series[Any]:
    """The first day of the period in which each moment falls, for cutting by period.

    Args:
        at: moments, as pandas reads them.
        unit: ``week`` (from Monday), ``month``, ``quarter`` or ``year``.

    Returns:
        Dates at midnight, same index; NaT where there is no moment.

    Raises:
        MeasureError: the unit is not known.
    """
    if unit not in RULES:
        raise MeasureError(f"period must be one of {', '.join(RULES)}, got {unit!r}")
    moments = pd.to_datetime(at)
    if moments.dt.tz is not None:
        moments = moments.dt.tz_localize(None)
    return moments.dt.to_period(RULES[unit]).dt.start_time
