"""Why did the score change: contributions of themes, by mix and by level, that add up to the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, IntArray, answers_on_scale, need_columns
from feedback_nlp.metrics.frames import NEUTRAL, polarity_matrix
from feedback_nlp.metrics.intervals import Estimate
from feedback_nlp.metrics.patterns import Patterns, pack, percentile_bounds, resamples

__all__ = ["NO_THEME", "Change", "Contribution", "contributions", "decompose_change", "decompose_patterns"]

NO_THEME = "-"
"""Stands for the items that mention no theme."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one theme contributed to the change.

    Attributes:
        theme: its code, or `NO_THEME`.
        polarity: ``positive``, ``neutral`` or ``negative``; None when not split, or for `NO_THEME`.
        mix: points of NPS because it was spoken of more or less than before.
        level: points of NPS because those who speak of it score otherwise than before.
        share_before: its part of all speaking in the first period, percent.
        share_after: the same in the second period.
        nps_before: score of those who speak of it in the first period; None when nobody did.
        nps_after: the same in the second period.
    """

    theme: str
    polarity: str | None
    mix: Estimate
    level: Estimate
    share_before: float
    share_after: float
    nps_before: float | None
    nps_after: float | None

    @property
    def total(self) -> float:
        """Mix and level together, in points of NPS."""
        return self.mix.value + self.level.value


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the score and what it is made of.

    Attributes:
        before: NPS of the first period.
        after: NPS of the second period.
        contributions: the largest total first; their totals add up to the difference.
        n_before: number of scores in the first period.
        n_after: number of scores in the second period.
    """

    before: float
    after: float
    contributions: tuple[Contribution, ...]
    n_before: int
    n_after: int

    @property
    def difference(self) -> float:
        """NPS of the second period minus NPS of the first."""
        return self.after - self.before


def contributions(
    share_before: FloatArray, sum_before: FloatArray, share_after: FloatArray, sum_after: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mix and level contributions of the parts of a mean, for many samples at once.

    With shares s and levels L of the parts, the change of the mean is the sum of ``(s1 - s0) * ((L0 + L1) / 2 -
    M)`` (mix) and ``(s0 + s1) / 2 * (L1 - L0)`` (level), whatever the reference M, since the shares add up to
    1 in both periods; M is the mean of the two overall scores, so that speaking more of what stands below
    the average lowers the score. A part that is absent in one period keeps its level of the other one.
    Source: E. Kitagawa, "Components of a difference between two rates", JASA 50, 1955 (midpoint weights).

    Args:
        share_before: shares of the parts in the first period, shape (..., k).
        sum_before: share times level, same shape.
        share_after: shares in the second period, same shape.
        sum_after: share times level, same shape.

    Returns:
        Mix and level contributions, shape (..., k), in the unit of the level.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        before = np.where(share_before > 0, sum_before / share_before, np.nan)
        after = np.where(share_after > 0, sum_after / share_after, np.nan)
    before, after = np.where(np.isnan(before), after, before), np.where(np.isnan(after), before, after)
    before, after = np.nan_to_num(before), np.nan_to_num(after)
    middle = (sum_before.sum(axis=-1, keepdims=True) + sum_after.sum(axis=-1, keepdims=True)) / 2.0
    mix = (share_after - share_before) * ((before + after) / 2.0 - middle)
    return mix, (share_before + share_after) / 2.0 * (after - before)


def decompose_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    score: str = "nps",
    *,
    by_polarity: bool = False,
    level: float = 0.95,
    rounds: int = 500,
    seed: int = 0,
) -> Change:
    """Share out the change of the NPS between two periods over themes.

    An item that mentions k themes counts for 1/k in each; an item without themes counts under `NO_THEME`.
    Intervals come from a bootstrap of the items within each period.

    Args:
        before: analysed items of the first period (see `frames`); rows without a score are left out.
        after: analysed items of the second period, with the same themes.
        score: column with answers 0-10.
        by_polarity: whether positive, neutral and negative mentions of a theme are parts of their own.
        level: confidence level, 0-1.
        rounds: bootstrap samples, at least 100.
        seed: of the bootstrap.

    Returns:
        The change with its contributions.

    Raises:
        MeasureError: a period has no scores, themes differ between the frames, or an answer is not 0-10.
    """
    codes = polarity_matrix(before)[0]
    if codes != polarity_matrix(after)[0]:
        raise MeasureError("the two periods must have the same theme columns in the same order")
    packed = [_packed(frame, score) for frame in (before, after)]
    return decompose_patterns(
        codes, packed[0], packed[1], by_polarity=by_polarity, level=level, rounds=rounds, seed=seed
    )


def decompose_patterns(
    codes: Sequence[str],
    before: Patterns,
    after: Patterns,
    *,
    by_polarity: bool = False,
    level: float = 0.95,
    rounds: int = 500,
    seed: int = 0,
) -> Change:
    """As `decompose_change`, from items that are packed already.

    Args:
        codes: codes of t themes.
        before: the first period; rows of shape (m, 1 + t): the answer 0-10, then the polarity of each theme, NaN where
            not mentioned.
        after: the second period, likewise.
        by_polarity: as for `decompose_change`, like the arguments that follow.
        level: confidence level, 0-1.
        rounds: bootstrap samples, at least 100.
        seed: of the bootstrap.

    Returns:
        The change with its contributions.

    Raises:
        MeasureError: a period has no scores, or not one column for each theme.
    """
    for period in (before, after):
        if period.rows.shape[1] != 1 + len(codes):
            raise MeasureError(
                f"{len(codes)} themes need {1 + len(codes)} columns, got {period.rows.shape[1]}"
            )
        if period.n < 1:
            raise MeasureError("the decomposition needs at least one score in each period")
    names = [
        (code, part)
        for code in codes
        for part in (("positive", "neutral", "negative") if by_polarity else (None,))
    ]
    names.append((NO_THEME, None))
    rng = np.random.default_rng(seed)
    one, two = (_Period.of(period, by_polarity) for period in (before, after))
    mix, moved = contributions(*one.parts(one.own), *two.parts(two.own))
    drawn = contributions(*one.resampled(rounds, rng), *two.resampled(rounds, rng))
    bounds = [percentile_bounds(samples, level) for samples in drawn]
    n = one.n + two.n
    method = f"bootstrap percentile, {rounds} rounds"
    (share_0, sum_0), (share_1, sum_1) = one.parts(one.own), two.parts(two.own)

    def estimate(kind: int, values: FloatArray, i: int) -> Estimate:
        label = f"{('mix', 'level')[kind]} of {names[i][0]}"
        return Estimate(
            label, float(values[0, i]), float(bounds[kind][0][i]), float(bounds[kind][1][i]), n, level, method
        )

    made = [
        Contribution(
            theme=theme,
            polarity=part,
            mix=estimate(0, mix, i),
            level=estimate(1, moved, i),
            share_before=100.0 * float(share_0[0, i]),
            share_after=100.0 * float(share_1[0, i]),
            nps_before=float(sum_0[0, i] / share_0[0, i]) if share_0[0, i] > 0 else None,
            nps_after=float(sum_1[0, i] / share_1[0, i]) if share_1[0, i] > 0 else None,
        )
        for i, (theme, part) in enumerate(names)
        if share_0[0, i] > 0 or share_1[0, i] > 0
    ]
    made.sort(key=lambda one: -abs(one.total))
    return Change(float(sum_0.sum()), float(sum_1.sum()), tuple(made), one.n, two.n)


def _packed(frame: pd.DataFrame, score: str) -> Patterns:
    need_columns(frame, [score], "the decomposition")
    answers_on_scale(frame[score], 0, 10, score)
    given = frame.loc[frame[score].notna()]
    return pack(np.column_stack([given[score].to_numpy(dtype=np.float64), polarity_matrix(given)[1]]))


@dataclass(frozen=True, slots=True)
class _Period:
    """The items of a period, packed: what each pattern gives to each part."""

    counts: IntArray
    allotted: FloatArray
    net: FloatArray

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    @property
    def own(self) -> FloatArray:
        result: FloatArray = self.counts[None, :].astype(np.float64)
        return result

    @classmethod
    def of(cls, given: Patterns, by_polarity: bool) -> _Period:
        answer, said = given.rows[:, 0], given.rows[:, 1:]
        net = np.where(answer >= 8.5, 100.0, np.where(answer < 6.5, -100.0, 0.0))
        with np.errstate(invalid="ignore"):
            side = np.where(
                np.isnan(said), np.nan, np.where(said > NEUTRAL, 1.0, np.where(said < -NEUTRAL, -1.0, 0.0))
            )
        packed = pack(
            np.column_stack([net, side if by_polarity else np.where(np.isnan(said), np.nan, 1.0)]),
            given.counts,
        )
        parts = packed.rows[:, 1:]
        if by_polarity:
            belongs = (parts[:, :, None] == np.array([1.0, 0.0, -1.0])).reshape(len(parts), -1)
        else:
            belongs = ~np.isnan(parts)
        whole = np.column_stack([belongs, ~belongs.any(axis=1)]).astype(np.float64)
        return cls(packed.counts, whole / whole.sum(axis=1, keepdims=True), packed.rows[:, 0])

    def parts(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shares, and shares times levels, of shape (b, k)."""
        n = weights.sum(axis=1, keepdims=True)
        return weights @ self.allotted / n, weights @ (self.allotted * self.net[:, None]) / n

    def resampled(self, rounds: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """The parts of bootstrap samples of the items, shape (rounds, k)."""
        pairs = [self.parts(sample) for sample in resamples(self.counts, rounds, rng)]
        return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])
