"""Scores per week of what an improvement touched and of what it left alone: all that its effect needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import (
    FloatArray,
    IntArray,
    answers_on_scale,
    moments,
    need_columns,
    yes_or_no,
)

__all__ = ["CONTROL", "TOUCHED", "ChannelCells", "Outcome", "WeeklyCells", "channel_cells", "weekly_cells"]

CONTROL, TOUCHED = 0, 1
"""Columns of the cells: journeys that were left alone, and the one that was touched."""


class Outcome(Enum):
    """How an answer becomes the number whose mean is compared: name, lowest and highest answer, and number."""

    NPS = ("NPS", 0.0, 10.0, -100.0, 100.0)
    """Answers 0-10 as 100, 0 or -100, so that the mean is the NPS."""
    CES_EFFORT_1_5 = ("CES 1-5 (effort, low is good)", 1.0, 5.0, 1.0, 5.0)
    CES_AGREE_1_7 = ("CES 1-7 (agree it was easy, high is good)", 1.0, 7.0, 1.0, 7.0)
    CES_EASE_0_10 = ("CES 0-10 (ease, high is good)", 0.0, 10.0, 0.0, 10.0)
    CAS = ("CAS (8-10 of 0-10)", 0.0, 10.0, 0.0, 100.0)
    """Answers 0-10 as 100 from 8 on, else 0."""
    COMPLAINING = ("items that speak ill of the theme, %", 0.0, 1.0, 0.0, 100.0)
    """Booleans as 0 or 100: low is good."""

    @property
    def label(self) -> str:
        """The measure's name."""
        return self.value[0]

    @property
    def scale(self) -> tuple[float, float]:
        """Lowest and highest answer."""
        return self.value[1], self.value[2]

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest number that an answer can become."""
        return self.value[3], self.value[4]

    @property
    def high_is_good(self) -> bool:
        """Whether a rise is an improvement."""
        return self not in (Outcome.CES_EFFORT_1_5, Outcome.COMPLAINING)

    def numbers(self, answers: ArrayLike) -> FloatArray:
        """Turn answers into the numbers whose mean is compared.

        Args:
            answers: answers on the scale, shape (n,); NaN stays NaN.

        Returns:
            Numbers of shape (n,).

        Raises:
            MeasureError: an answer is not on the scale.
        """
        answers_on_scale(answers, *self.scale, self.label)
        values = np.asarray(answers, dtype=np.float64)
        lost = np.isnan(values)
        if self is Outcome.NPS:
            values = np.where(values >= 8.5, 100.0, np.where(values < 6.5, -100.0, 0.0))
        elif self is Outcome.CAS:
            values = np.where(values >= 8.0, 100.0, 0.0)
        elif self is Outcome.COMPLAINING:
            values = 100.0 * values
        return np.where(lost, np.nan, values)


@dataclass(frozen=True, slots=True)
class WeeklyCells:
    """Counts and sums per week; week 0 is the first after the improvement was done.

    Attributes:
        week: shape (w,), ascending, negative before.
        n: answers, shape (w, 2): `CONTROL`, `TOUCHED`.
        total: sums of the numbers, shape (w, 2).
        squares: sums of their squares, shape (w, 2).
        outcome: what the numbers are.
    """

    week: IntArray
    n: FloatArray
    total: FloatArray
    squares: FloatArray
    outcome: Outcome = Outcome.NPS

    def __post_init__(self) -> None:
        if (np.diff(self.week) <= 0).any():
            raise MeasureError("weeks must ascend without repeats")
        shape = (len(self.week), 2)
        for name in ("n", "total", "squares"):
            if getattr(self, name).shape != shape:
                raise MeasureError(f"{name} must have shape {shape}, got {getattr(self, name).shape}")


@dataclass(frozen=True, slots=True)
class ChannelCells:
    """Counts and sums per channel, before and after.

    Attributes:
        channels: their names, k of them.
        n: answers, shape (2, 2, k): before / after, `CONTROL` / `TOUCHED`, channel.
        total: sums of the numbers, same shape.
    """

    channels: tuple[str, ...]
    n: FloatArray
    total: FloatArray


def weekly_cells(
    frame: pd.DataFrame,
    done_on: pd.Timestamp | str,
    *,
    outcome: Outcome = Outcome.NPS,
    score: str = "nps",
    touched: str = "touched",
    at: str = "at",
) -> WeeklyCells:
    """Add up a frame of items into weeks counted from the day an improvement was done.

    Args:
        frame: items with a score, a moment, and a boolean that says whether the improvement touched them.
        done_on: the day from which customers met the improvement.
        outcome: what the score is.
        score: column with the answers; rows without one are left out.
        touched: column with the booleans.
        at: column with the moments, without a time zone.

    Returns:
        The cells, from the first to the last week with any answer, without gaps.

    Raises:
        MeasureError: a column is missing, an answer is off its scale, or there are no answers.
    """
    need_columns(frame, (score, touched, at), "the effect of an improvement")
    numbers = outcome.numbers(frame[score].to_numpy(dtype=np.float64))
    days = (moments(frame, at) - pd.Timestamp(done_on)) / pd.Timedelta(days=1)
    position = days.to_numpy(dtype=np.float64)
    there = ~np.isnan(numbers) & ~np.isnan(position)
    if not there.any():
        raise MeasureError("the effect of an improvement needs items with a score and a moment, got none")
    number = numbers[there]
    group = yes_or_no(frame, touched)[there].astype(np.int64)
    week = np.floor(position[there] / 7.0).astype(np.int64)
    first, last = int(week.min()), int(week.max())
    cell = (week - first) * 2 + group
    size = (last - first + 1) * 2

    def add(weights: FloatArray) -> FloatArray:
        return np.bincount(cell, weights=weights, minlength=size).reshape(-1, 2).astype(np.float64)

    return WeeklyCells(
        np.arange(first, last + 1), add(np.ones_like(number)), add(number), add(number**2), outcome
    )


def channel_cells(
    frame: pd.DataFrame,
    done_on: pd.Timestamp | str,
    *,
    before_weeks: int,
    washout_weeks: int = 0,
    skip: Sequence[int] = (),
    outcome: Outcome = Outcome.NPS,
    score: str = "nps",
    touched: str = "touched",
    at: str = "at",
    channel: str = "channel",
) -> ChannelCells:
    """Add up a frame of items per channel, before and after.

    Args:
        frame: as for `weekly_cells`, with a column of channels; rows without a channel count as ``-``.
        done_on: the day from which customers met the improvement.
        before_weeks: weeks before it that count.
        washout_weeks: weeks after it that do not count.
        skip: weeks that do not count, relative to `done_on`.
        outcome: what the score is.
        score: column with the answers.
        touched: column with the booleans.
        at: column with the moments.
        channel: column with the channels.

    Returns:
        The cells.

    Raises:
        MeasureError: a column is missing or an answer is off its scale.
    """
    need_columns(frame, (score, touched, at, channel), "the channel mix")
    numbers = outcome.numbers(frame[score].to_numpy(dtype=np.float64))
    days = (moments(frame, at) - pd.Timestamp(done_on)) / pd.Timedelta(days=1)
    week = np.floor(days.to_numpy(dtype=np.float64) / 7.0)
    with np.errstate(invalid="ignore"):
        before = (week >= -before_weeks) & (week < 0) & ~np.isin(week, list(skip))
        there = ~np.isnan(numbers) & (before | (week >= washout_weeks))
    codes, names = pd.factorize(
        frame[channel].astype("object").where(frame[channel].notna(), "-")[there], sort=True
    )
    group = yes_or_no(frame, touched)[there].astype(np.int64)
    phase = (week[there] >= 0).astype(np.int64)
    k = len(names)
    cell = (phase * 2 + group) * k + codes
    n = np.bincount(cell, minlength=4 * k).astype(np.float64).reshape(2, 2, k)
    total = np.bincount(cell, weights=numbers[there], minlength=4 * k).astype(np.float64).reshape(2, 2, k)
    return ChannelCells(tuple(map(str, names)), n, total)
