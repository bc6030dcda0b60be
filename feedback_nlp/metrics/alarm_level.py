"""At which level each window is tested, so that all of them together raise no more new alarms than is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import special, stats

from feedback_nlp.metrics.checks import FloatArray

__all__ = ["WINDOWS", "new_alarm_level", "parts_of"]

WINDOWS = {1: 0.10, 2: 0.60, 4: 0.15, 8: 0.15}
"""Weeks that are judged together, and the part of the level that each window gets.

A jump shows in one week, a moderate rise in two, a small one in four or eight only. Most goes to two weeks, within
which a rise is to be found: that costs the other windows a few per cent of their limit.
"""

_DRAWS = 8_000
_LARGEST = 0.4


def parts_of(windows: Sequence[int]) -> FloatArray:
    """The parts of the level of some of the windows, which add up to 1."""
    parts = np.array([WINDOWS[window] for window in windows])
    shared: FloatArray = parts / parts.sum()
    return shared


@lru_cache(maxsize=256)
def new_alarm_level(wanted: float, windows: tuple[int, ...], history: int) -> float:
    """The level, to be shared out over the windows, at which a series raises `wanted` new alarms a week.

    Windows overlap, with each other and from week to week, and are all compared with one estimated baseline, so that
    testing each at a part of `wanted` (Bonferroni) would allow too little. An alarm that also stood the week before
    is no new one. The chance is that of normal weeks around a mean estimated from `history` of them, by importance
    sampling: draws are pushed over the limit of one window each and weighted back (D. Naiman and C. Priebe,
    "Computing scan statistic p values using importance sampling", J. Comp. Graph. Stat. 10, 2001). Draws are the same
    each time.

    Args:
        wanted: expected new alarms of one series a week, above 0.
        windows: among `WINDOWS`, ascending.
        history: weeks of the baseline.

    Returns:
        A level between `wanted` and 0.4.
    """
    parts = parts_of(windows)
    most = max(windows)
    now, before = (_directions(windows, most, history, back) for back in (0, 1))
    rng = np.random.default_rng(20)
    draws = rng.standard_normal((_DRAWS, most + 2))
    pushed = rng.choice(len(windows), _DRAWS, p=parts)
    level = min(wanted, _LARGEST)
    for _ in range(12):
        limit = stats.norm.isf(level * parts)
        points = draws + limit[pushed, None] * now[pushed]
        z_now, z_before = points @ now.T, points @ before.T
        weight = np.exp(-special.logsumexp(limit * z_now - limit**2 / 2.0, b=parts, axis=1))
        new = (z_now >= limit).any(axis=1) & ~(z_before >= limit).any(axis=1)
        chance = float((weight * new).mean())
        following = min(level * wanted / chance, _LARGEST) if chance > 0 else _LARGEST
        if abs(following / level - 1.0) < 1e-3:
            break
        level = following
    return level


def _directions(windows: Sequence[int], most: int, history: int, back: int) -> FloatArray:
    """Each window as a combination, of length 1, of the last weeks and of the error of the baseline."""
    made = np.zeros((len(windows), most + 2))
    for row, window in enumerate(windows):
        made[row, most + 1 - back - window : most + 1 - back] = 1.0
        made[row, -1] = -window / np.sqrt(history)
    directions: FloatArray = made / np.linalg.norm(made, axis=1, keepdims=True)
    return directions
