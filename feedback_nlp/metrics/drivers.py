"""What drives the score: the impact of each theme, its share in explaining the score, and what to take up first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, answers_on_scale, need_columns
from feedback_nlp.metrics.frames import NEUTRAL, polarity_matrix
from feedback_nlp.metrics.intervals import Estimate
from feedback_nlp.metrics.lmg import ridge_shares
from feedback_nlp.metrics.patterns import Patterns, pack, percentile_bounds, resamples

__all__ = ["Driver", "Quadrant", "Side", "drivers", "drivers_of_patterns", "impacts"]

LEAST_MENTIONS = 10
"""Mentions below which a theme gets no place in the priority matrix: a bootstrap of a few items is too sure."""


class Side(Enum):
    """Which mentions of a theme are meant."""

    ANY = "any"
    NEGATIVE = "negative"
    POSITIVE = "positive"


class Quadrant(Enum):
    """Where a theme stands in the matrix of impact and volume."""

    FIX_FIRST = "fix first"
    """Drags the score down, and many speak of it."""
    FIX_NEXT = "fix next"
    """Drags the score down, but few speak of it."""
    KEEP = "keep"
    """Lifts the score, and many speak of it."""
    BUILD_ON = "build on"
    """Lifts the score, and few speak of it."""
    UNCLEAR = "unclear"
    """The interval of its impact holds 0, or too few mention it, or do not, for a bootstrap to be trusted."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A theme as a driver of the score.

    Attributes:
        theme: its code.
        mentions: items with a score that mention it.
        volume: percentage of items with a score that mention it.
        impact: NPS(all) - NPS(without the theme), in points of NPS; None when no item, or every item, has it.
        share: percentage of the variance of the answer 0-10 that it explains; None when it never varies.
        slope: points on the answer 0-10 for a whole step of polarity, the other themes held equal.
        quadrant: its place in the priority matrix.
    """

    theme: str
    mentions: int
    volume: float
    impact: Estimate | None
    share: Estimate | None
    slope: float
    quadrant: Quadrant


def impacts(weights: FloatArray, net: FloatArray, mentioned: FloatArray) -> FloatArray:
    """NPS(all) - NPS(without the theme), for many samples and themes at once.

    Below 0: without those who mention the theme the score would be higher, hence the theme drags it down.

    Args:
        weights: occurrences per pattern, shape (b, m), for b samples.
        net: 1 promoter, 0 passive, -1 detractor, shape (m,).
        mentioned: 1 where a pattern mentions the theme, else 0, shape (m, t).

    Returns:
        Shape (b, t), in points of NPS; NaN where nobody or everybody mentions the theme.
    """
    n = weights.sum(axis=1, keepdims=True)
    total = (weights @ net)[:, None]
    without_n = n - weights @ mentioned
    without = total - weights @ (mentioned * net[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        result: FloatArray = np.where(
            (without_n > 0) & (without_n < n), total / n - without / without_n, np.nan
        )
    return 100.0 * result


def drivers(
    frame: pd.DataFrame,
    score: str = "nps",
    *,
    side: Side = Side.ANY,
    level: float = 0.95,
    rounds: int = 1000,
    penalty: float = 0.05,
    seed: int = 0,
) -> tuple[Driver, ...]:
    """Impact, regression share and priority of every theme, with bootstrap intervals.

    The priority matrix splits volume at the median of the themes that are mentioned at all, and impact by
    whether its interval lies below or above 0. The regression share is explained in `lmg`; polarities are
    rounded to a tenth for it, so that like items can be packed together.

    Args:
        frame: analysed items (see `frames`); rows without a score are left out.
        score: column with answers 0-10.
        side: which mentions count for impact and volume; the regression always uses the whole polarity.
        level: confidence level, 0-1.
        rounds: bootstrap samples, at least 100.
        penalty: ridge penalty on standardised themes, at least 0 (see `lmg.ridge_shares`).
        seed: of the bootstrap.

    Returns:
        One driver a theme, the most harmful impact first; those without an impact last.

    Raises:
        MeasureError: a column is missing, an answer not 0-10, or fewer than 2 items have a score.
    """
    need_columns(frame, [score], "drivers")
    answers_on_scale(frame[score], 0, 10, score)
    given = frame.loc[frame[score].notna()]
    if len(given) < 2:
        raise MeasureError(f"drivers need at least 2 items with a score, got {len(given)}")
    codes, polarity = polarity_matrix(given)
    answers = given[score].to_numpy(dtype=np.float64)
    packed = pack(np.column_stack([answers, np.round(polarity, 1)]))
    return drivers_of_patterns(
        codes, packed, side=side, level=level, rounds=rounds, penalty=penalty, seed=seed
    )


def drivers_of_patterns(
    codes: Sequence[str],
    packed: Patterns,
    *,
    side: Side = Side.ANY,
    level: float = 0.95,
    rounds: int = 1000,
    penalty: float = 0.05,
    seed: int = 0,
) -> tuple[Driver, ...]:
    """As `drivers`, from items that are packed already.

    Args:
        codes: codes of t themes.
        packed: rows of shape (m, 1 + t): the answer 0-10, then the polarity of each theme, NaN where not mentioned.
        side: as for `drivers`, like the arguments that follow.
        level: confidence level, 0-1.
        rounds: bootstrap samples, at least 100.
        penalty: ridge penalty.
        seed: of the bootstrap.

    Returns:
        As `drivers`.

    Raises:
        MeasureError: fewer than 2 items, or not one column for each theme.
    """
    if packed.n < 2:
        raise MeasureError(f"drivers need at least 2 items with a score, got {packed.n}")
    if packed.rows.shape[1] != 1 + len(codes):
        raise MeasureError(f"{len(codes)} themes need {1 + len(codes)} columns, got {packed.rows.shape[1]}")
    answer, said = packed.rows[:, 0], packed.rows[:, 1:]
    net = np.where(answer >= 8.5, 1.0, np.where(answer < 6.5, -1.0, 0.0))
    mentioned = _mentioned(said, side)
    design = np.where(np.isnan(said), 0.0, said)

    own = packed.counts[None, :].astype(np.float64)
    impact = impacts(own, net, mentioned)[0]
    share, slope = (part[0] for part in ridge_shares(own, design, answer, penalty))
    drawn: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for sample in resamples(packed.counts, rounds, np.random.default_rng(seed)):
        drawn[0].append(impacts(sample, net, mentioned))
        drawn[1].append(ridge_shares(sample, design, answer, penalty)[0])
    impact_low, impact_high = percentile_bounds(np.concatenate(drawn[0]), level)
    share_low, share_high = percentile_bounds(np.concatenate(drawn[1]), level)

    n = packed.n
    counts = own[0] @ mentioned
    usual = float(np.median(counts[counts > 0])) if (counts > 0).any() else 0.0
    method = f"bootstrap percentile, {rounds} rounds"
    made: list[Driver] = []
    for i, code in enumerate(codes):
        effect = None
        if not np.isnan(impact[i]):
            bounds = float(impact_low[i]), float(impact_high[i])
            effect = Estimate(f"NPS impact of {code}", float(impact[i]), *bounds, n, level, method)
        part = None
        if np.ptp(design[:, i]) > 0:
            bounds = 100.0 * float(share_low[i]), 100.0 * float(share_high[i])
            part = Estimate(
                f"share of {code} in the score", 100.0 * float(share[i]), *bounds, n, level, method
            )
        made.append(
            Driver(
                theme=code,
                mentions=int(counts[i]),
                volume=100.0 * float(counts[i]) / n,
                impact=effect,
                share=part,
                slope=float(slope[i]),
                quadrant=_quadrant(
                    effect if LEAST_MENTIONS <= counts[i] <= n - LEAST_MENTIONS else None, counts[i] >= usual
                ),
            )
        )
    return tuple(sorted(made, key=lambda one: (one.impact is None, one.impact.value if one.impact else 0.0)))


def _mentioned(said: FloatArray, side: Side) -> FloatArray:
    if side is Side.ANY:
        return (~np.isnan(said)).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return (said < -NEUTRAL if side is Side.NEGATIVE else said > NEUTRAL).astype(np.float64)


def _quadrant(impact: Estimate | None, many: bool) -> Quadrant:
    if impact is None or impact.low <= 0.0 <= impact.high:
        return Quadrant.UNCLEAR
    if impact.high < 0.0:
        return Quadrant.FIX_FIRST if many else Quadrant.FIX_NEXT
    return Quadrant.KEEP if many else Quadrant.BUILD_ON
