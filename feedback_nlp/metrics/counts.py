"""Items per week and series, as the radar watches them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, moments, need_columns
from feedback_nlp.metrics.frames import NEUTRAL, one_row_a_theme, period

__all__ = ["WeeklyCounts", "weekly_counts"]


@dataclass(frozen=True, slots=True)
class WeeklyCounts:
    """Counts per series and week, each with the volume it is a part of.

    Attributes:
        names: what the parts of a key are, e.g. ``("theme", "journey")``.
        keys: one key a series, s of them.
        weeks: Mondays, shape (w,), without gaps.
        counts: items that mention the theme, shape (s, w).
        volumes: items among which they were counted, shape (s, w).
    """

    names: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    weeks: NDArray[np.datetime64]
    counts: FloatArray
    volumes: FloatArray

    def __post_init__(self) -> None:
        shape = (len(self.keys), len(self.weeks))
        for name in ("counts", "volumes"):
            if getattr(self, name).shape != shape:
                raise MeasureError(f"{name} must have shape {shape}, got {getattr(self, name).shape}")
        if (self.counts > self.volumes).any():
            row, column = (int(i) for i in np.argwhere(self.counts > self.volumes)[0])
            raise MeasureError(
                f"a count cannot exceed its volume: {self.counts[row, column]:g} of "
                f"{self.volumes[row, column]:g} for {self.keys[row]} in week {column}"
            )

    def until(self, week: int) -> WeeklyCounts:
        """The counts as they stood when a week had just ended.

        Args:
            week: position of the last week to keep; negative counts from the end.

        Returns:
            Counts of the weeks up to and including it.
        """
        stop = week % len(self.weeks) + 1
        return WeeklyCounts(
            self.names, self.keys, self.weeks[:stop], self.counts[:, :stop], self.volumes[:, :stop]
        )


def weekly_counts(
    frame: pd.DataFrame,
    by: Sequence[str] = ("theme", "journey"),
    *,
    at: str = "at",
    negative_only: bool = True,
    until: pd.Timestamp | str | None = None,
) -> WeeklyCounts:
    """Count the mentions of each theme per week and, if asked, per journey or any other column.

    Args:
        frame: analysed items (see `frames`) with a moment.
        by: ``theme`` and any further columns; a series' volume is all items that share the further columns.
        at: column with the moments.
        negative_only: count only dissatisfied mentions.
        until: up to when items are known; None takes the last item. A week that is not over by then is
            left out, since a part of a week looks like a fall.

    Returns:
        The counts; series in sorted order, only those that occur.

    Raises:
        MeasureError: a column is missing, ``theme`` is not among `by`, or no week is over.
    """
    if "theme" not in by:
        raise MeasureError(f"the radar counts themes; 'theme' is not among {list(by)}")
    further = [name for name in by if name != "theme"]
    need_columns(frame, [*further, at], "the radar")
    dated = frame.loc[frame[at].notna()].reset_index(drop=True)
    when = moments(dated, at)
    week = period(when, "week") if len(dated) else when
    end = pd.Timestamp(until) if until is not None else when.max()
    over = (week + pd.Timedelta(days=7)) <= end.normalize() + pd.Timedelta(days=1)
    dated = dated.assign(_week=week).loc[over]
    if dated.empty:
        raise MeasureError("the radar needs at least one week that is over, got none")
    weeks = pd.date_range(dated["_week"].min(), dated["_week"].max(), freq="7D")
    said = one_row_a_theme(dated)
    if negative_only:
        said = said.loc[said["polarity"] < -NEUTRAL]
    table = said.groupby([*by, "_week"], observed=True).size().unstack("_week", fill_value=0)
    table = table.reindex(columns=weeks, fill_value=0)
    if further:
        volume = dated.groupby([*further, "_week"], observed=True).size().unstack("_week", fill_value=0)
        volume = volume.reindex(columns=weeks, fill_value=0)
        position = [i for i, name in enumerate(by) if name != "theme"]
        rows = [_pick(key, position) for key in table.index]
        volumes = volume.loc[rows].to_numpy(dtype=np.float64)
    else:
        total = dated.groupby("_week").size().reindex(weeks, fill_value=0).to_numpy(dtype=np.float64)
        volumes = np.repeat(total[None, :], len(table), axis=0)
    keys = tuple(tuple(map(str, key)) if isinstance(key, tuple) else (str(key),) for key in table.index)
    return WeeklyCounts(
        tuple(by), keys, weeks.to_numpy().astype("datetime64[D]"), table.to_numpy(dtype=np.float64), volumes
    )


def _pick(key: tuple[object, ...], position: list[int]) -> object:
    picked = tuple(key[i] for i in position)
    return picked if len(picked) > 1 else picked[0]
