"""Checks at the boundary of the measures: values, levels, columns; every refusal shows the offending value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from feedback_nlp.errors import MeasureError

__all__ = [
    "BoolArray",
    "FloatArray",
    "IntArray",
    "answers_on_scale",
    "check_level",
    "moments",
    "need_columns",
    "yes_or_no",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def check_level(level: float) -> float:
    """Give back a confidence level, or refuse it.

    Args:
        level: confidence level, strictly between 0 and 1.

    Returns:
        The level.

    Raises:
        MeasureError: the level is outside (0, 1).
    """
    if not 0.0 < level < 1.0:
        raise MeasureError(f"the confidence level must lie between 0 and 1, got {level!r}")
    return float(level)


def answers_on_scale(values: ArrayLike, low: float, high: float, name: str) -> FloatArray:
    """Answers without the unanswered ones, checked against their scale.

    Args:
        values: answers of shape (n,); None and NaN mean "not asked or not answered" and are dropped.
        low: lowest answer that exists.
        high: highest answer that exists.
        name: the question, for the message.

    Returns:
        The answers that were given, shape (m,), m <= n.

    Raises:
        MeasureError: an answer is no number or not on the scale; names its position.
    """
    column = pd.Series(np.asarray(values, dtype=object).ravel())
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    lost = numbers.isna() & column.notna()
    if bool(lost.any()):
        where = int(np.flatnonzero(lost.to_numpy())[0])
        raise MeasureError(f"{name} must be a number, got {column.iloc[where]!r} at position {where}")
    array = np.asarray(numbers.to_numpy(), dtype=np.float64)
    wrong = (array < low) | (array > high)
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise MeasureError(f"{name} must be {low:g}-{high:g}, got {array[where]:g} at position {where}")
    return array[~np.isnan(array)]


def need_columns(frame: pd.DataFrame, names: Iterable[str], purpose: str) -> None:
    """Refuse a frame that lacks a column.

    Args:
        frame: the frame.
        names: columns that must be there.
        purpose: what they are for, for the message.

    Raises:
        MeasureError: a column is missing; names it and those that are there.
    """
    wanted: Sequence[str] = list(names)
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        there = ", ".join(map(str, frame.columns)) or "none"
        raise MeasureError(f"{purpose} needs the column {missing[0]!r}; columns there are: {there}")


def moments(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column of moments without a time zone (local time is kept, the zone dropped).

    Args:
        frame: the frame.
        name: the column; missing moments become NaT.

    Returns:
        Moments over the frame's index.

    Raises:
        MeasureError: a value cannot be read as a moment.
    """
    try:
        read: pd.Series[Any] = pd.to_datetime(frame[name])
    except (ValueError, TypeError) as exc:
        raise MeasureError(f"{name} must hold moments: {exc}") from exc
    return read if read.dt.tz is None else read.dt.tz_localize(None)


def yes_or_no(frame: pd.DataFrame, name: str) -> BoolArray:
    """A column of booleans without gaps.

    Args:
        frame: the frame.
        name: the column.

    Returns:
        Booleans of shape (n,).

    Raises:
        MeasureError: a value is missing or no boolean; names its position.
    """
    wrong = ~frame[name].isin([True, False]).to_numpy(dtype=bool)
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise MeasureError(
            f"{name} must be true or false, got {frame[name].iloc[[where]].tolist()[0]!r} at position {where}"
        )
    return np.asarray(frame[name].to_numpy(dtype=bool))
