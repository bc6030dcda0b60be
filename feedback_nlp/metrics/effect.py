"""Did an improvement work: better, worse, or not to be told yet, and then when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import pandas as pd
from scipy import stats

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import BoolArray, FloatArray, check_level, moments
from feedback_nlp.metrics.did import Differences, Trend, difference_in_differences, pre_trend, two_sided
from feedback_nlp.metrics.intervals import Estimate
from feedback_nlp.metrics.power import Needed, answers_needed
from feedback_nlp.metrics.weekly import (
    CONTROL,
    TOUCHED,
    ChannelCells,
    Outcome,
    WeeklyCells,
    channel_cells,
    weekly_cells,
)

__all__ = [
    "Caution",
    "CautionCode",
    "Effect",
    "EffectRules",
    "Reason",
    "Verdict",
    "effect_of",
    "effect_of_weeks",
]

YEAR = 52


class Verdict(Enum):
    """What can be said of an improvement."""

    BETTER = "better"
    WORSE = "worse"
    CANNOT_TELL_YET = "cannot tell yet"


class Reason(Enum):
    """Why the verdict is what it is."""

    INTERVAL = "the interval leaves out 0"
    TOO_FEW = "a cell has fewer answers than the minimum"
    TRENDS = "the gap between touched and untouched already moved before"
    HOLDS_ZERO = "the interval holds 0"
    TOO_SMALL = "an improvement worth knowing is ruled out"
    SEASON = "the same weeks of last year moved alike"
    CHANNELS = "the change in channel mix can explain it"


class CautionCode(Enum):
    """What else could lie behind a change."""

    SEASON = "season"
    """Last year the gap moved in the same weeks, without the improvement."""
    SEASON_UNCHECKED = "season unchecked"
    """Before and after lie in other parts of the year, and there is no earlier year to compare with."""
    CHANNEL_MIX = "channel mix"
    """Customers come through other channels than before."""
    FEW_WEEKS = "few weeks"
    """Too few weeks to see whether weeks swing more than sampling explains."""
    TREND_UNCHECKED = "trend unchecked"
    """Too few weeks before to see whether trends ran parallel."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Something else that may lie behind a change.

    Attributes:
        code: what it is.
        points: how much of the effect it can account for, in the outcome's unit; None when unknown.
        p_value: how unlikely its trace is if there were nothing; None when not tested.
    """

    code: CautionCode
    points: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class EffectRules:
    """By what rules an effect is judged.

    Attributes:
        level: confidence level of the interval, 0-1.
        least: answers that each of the four cells must have, at least 2.
        worth_knowing: smallest effect worth knowing, in the outcome's unit, above 0.
        power: chance asked of seeing it, 0-1.
        before_weeks: weeks before the improvement that count, at least 4 and at most 52.
        washout_weeks: weeks right after it that do not count.
        looks: how often one means to look in all; the level is shared out over the looks (Bonferroni), since
            who looks every week until it says "better" will be told so sooner or later.
        trend_alpha: level of the test of parallel trends.
    """

    level: float = 0.95
    least: int = 30
    worth_knowing: float = 10.0
    power: float = 0.8
    before_weeks: int = 26
    washout_weeks: int = 0
    looks: int = 1
    trend_alpha: float = 0.05

    def __post_init__(self) -> None:
        check_level(self.level)
        check_level(self.power)
        for name, low, high in (
            ("least", 2, np.inf), ("before_weeks", 4, YEAR), ("washout_weeks", 0, np.inf), ("looks", 1, np.inf)
        ):  # fmt: skip
            if not low <= getattr(self, name) <= high:
                raise MeasureError(f"{name} must be {low:g}-{high:g}, got {getattr(self, name)}")
        if not self.worth_knowing > 0:
            raise MeasureError(f"worth_knowing must be above 0, got {self.worth_knowing}")

    @property
    def level_per_look(self) -> float:
        """Confidence level of the interval at one look."""
        return 1.0 - (1.0 - self.level) / self.looks


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of an improvement.

    Attributes:
        verdict: better, worse, or cannot tell yet.
        reason: why.
        effect: difference in differences with its interval, in the outcome's unit (a rise is positive, be it
            good or bad); None when a cell has fewer than 2 answers.
        n: answers, shape (2, 2): before / after, control / touched.
        mean: means of the four cells, same shape; NaN in an empty cell.
        trend: how the gap moved before; None when it cannot be seen.
        swing: variance of weekly gaps over what sampling explains; None when it cannot be seen.
        cautions: what else could lie behind it.
        needed: what is lacking until an effect worth knowing would be seen; None when nothing more is needed for
            the verdict, or when waiting will not help.
        when: date when that is there at the present rate; None when `needed` is None.
    """

    verdict: Verdict
    reason: Reason
    effect: Estimate | None
    n: FloatArray
    mean: FloatArray
    trend: Trend | None
    swing: float | None
    cautions: tuple[Caution, ...]
    needed: Needed | None
    when: pd.Timestamp | None = None


def effect_of(
    frame: pd.DataFrame,
    done_on: pd.Timestamp | str,
    *,
    outcome: Outcome = Outcome.NPS,
    score: str = "nps",
    touched: str = "touched",
    at: str = "at",
    channel: str | None = "channel",
    skip: Sequence[int] = (),
    until: pd.Timestamp | str | None = None,
    rules: EffectRules | None = None,
) -> Effect:
    """The effect of an improvement from the items themselves.

    Args:
        frame: items with a score, a moment, a boolean that says whether the improvement touched them, and if
            there is one a channel. Untouched items should come from journeys that the improvement left alone.
        done_on: the day from which customers met the improvement.
        outcome: what the score is.
        score: column with the answers.
        touched: column with the booleans.
        at: column with the moments, without a time zone.
        channel: column with the channels; None, or a column that is not there, leaves the mix unchecked.
        skip: weeks before it (negative, -1 the last) that do not count: those whose bad figures were the
            reason to choose this improvement, or they would be beaten by mere regression to the mean.
        until: the day up to which items are known; None takes the last one. A week that is not over is used.
        rules: by what rules; None takes the defaults.

    Returns:
        Verdict, effect, cautions, and what is lacking.

    Raises:
        MeasureError: a column is missing, an answer is off its scale, or there are no answers.
    """
    used = rules or EffectRules()
    end = pd.Timestamp(until) if until is not None else moments(frame, at).max() if at in frame else None
    known = frame if end is None or at not in frame else frame.loc[moments(frame, at) <= end]
    names = {"outcome": outcome, "score": score, "touched": touched, "at": at}
    cells = weekly_cells(known, done_on, **names)  # type: ignore[arg-type]
    mix = None
    if channel is not None and channel in known.columns:
        mix = channel_cells(
            known, done_on, before_weeks=used.before_weeks, washout_weeks=used.washout_weeks, skip=skip,
            channel=channel, **names,  # type: ignore[arg-type]
        )  # fmt: skip
    found = effect_of_weeks(cells, mix, skip=skip, rules=used)
    if found.needed is None or end is None:
        return found
    return replace(found, when=end.normalize() + pd.Timedelta(weeks=found.needed.weeks))


def effect_of_weeks(
    cells: WeeklyCells,
    channels: ChannelCells | None = None,
    *,
    skip: Sequence[int] = (),
    rules: EffectRules | None = None,
) -> Effect:
    """The effect of an improvement from weekly sums, as a database can keep them.

    Args:
        cells: weekly counts and sums; weeks from a year earlier serve to check for a season.
        channels: counts and sums per channel; None leaves the mix unchecked.
        skip: weeks that do not count (see `effect_of`).
        rules: by what rules; None takes the defaults.

    Returns:
        Verdict, effect, cautions, and what is lacking; `when` is None.
    """
    used = rules or EffectRules()
    kept = ~np.isin(cells.week, list(skip))
    before = (cells.week >= -used.before_weeks) & (cells.week < 0) & kept
    after = (cells.week >= used.washout_weeks) & kept
    seen = difference_in_differences(cells, before, after)
    n = np.array([cells.n[phase].sum(axis=0) for phase in (before, after)])
    if seen is None:
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.array([cells.total[phase].sum(axis=0) for phase in (before, after)]) / n
        needed = _until_least(n, _weekly(cells, before, after), used.least)
        return Effect(
            Verdict.CANNOT_TELL_YET, Reason.TOO_FEW, None, n, mean, pre_trend(cells, before), None, (), needed
        )
    trend = pre_trend(cells, before)
    cautions = [
        *_season(cells, seen, used, skip),
        *_channel_mix(channels, seen),
        *([Caution(CautionCode.FEW_WEEKS)] if seen.swing is None else []),
        *([Caution(CautionCode.TREND_UNCHECKED)] if trend is None else []),
    ]
    half = seen.quantile(used.level_per_look) * seen.error
    interval = Estimate(
        cells.outcome.label, seen.value, seen.value - half, seen.value + half, int(n.sum()), used.level_per_look,
        "difference in differences",
    )  # fmt: skip
    verdict, reason = _judge(interval, seen, trend, cautions, cells.outcome.high_is_good, used)
    needed = None
    if reason in (Reason.TOO_FEW, Reason.HOLDS_ZERO):
        weekly = _weekly(cells, before, after)
        needed = answers_needed(
            seen, weekly, used.worth_knowing, power=used.power, level=used.level_per_look, least=used.least,
            trend_alpha=used.trend_alpha,
        )  # fmt: skip
    return Effect(verdict, reason, interval, n, seen.mean, trend, seen.swing, tuple(cautions), needed)


def _judge(
    interval: Estimate, seen: Differences, trend: Trend | None, cautions: list[Caution], high_is_good: bool,
    rules: EffectRules,
) -> tuple[Verdict, Reason]:  # fmt: skip
    yet = Verdict.CANNOT_TELL_YET
    if (seen.n < rules.least).any():
        return yet, Reason.TOO_FEW
    if trend is not None and trend.p_value < rules.trend_alpha:
        return yet, Reason.TRENDS
    if interval.low <= 0.0 <= interval.high:
        gain = interval.high if high_is_good else -interval.low
        return yet, Reason.TOO_SMALL if gain < rules.worth_knowing else Reason.HOLDS_ZERO
    for code, reason in ((CautionCode.SEASON, Reason.SEASON), (CautionCode.CHANNEL_MIX, Reason.CHANNELS)):
        for caution in cautions:
            if caution.code is code and caution.points is not None:
                rest = interval.low - caution.points, interval.high - caution.points
                if rest[0] <= 0.0 <= rest[1]:
                    return yet, reason
    return Verdict.BETTER if (interval.value > 0) == high_is_good else Verdict.WORSE, Reason.INTERVAL


def _season(cells: WeeklyCells, seen: Differences, rules: EffectRules, skip: Sequence[int]) -> list[Caution]:
    """The same comparison a year (52 weeks) earlier, when nothing had been improved."""
    last = int(cells.week[-1])
    kept = ~np.isin(cells.week + YEAR, list(skip))
    before = (cells.week >= -rules.before_weeks - YEAR) & (cells.week < -YEAR) & kept
    after = (cells.week >= rules.washout_weeks - YEAR) & (cells.week <= last - YEAR) & (cells.week < 0)
    earlier = difference_in_differences(cells, before, after)
    if earlier is None or (earlier.n < rules.least).any():
        return [Caution(CautionCode.SEASON_UNCHECKED)]
    p_value = two_sided(earlier.value / earlier.error, earlier.df)
    if p_value < 0.05 and (earlier.value > 0) == (seen.value > 0):
        return [Caution(CautionCode.SEASON, earlier.value, p_value)]
    return []


def _channel_mix(channels: ChannelCells | None, seen: Differences) -> list[Caution]:
    """What the shift between channels accounts for (Kitagawa's mix part), when the shift is no accident."""
    if channels is None:
        return []
    used = channels.n[:, TOUCHED].sum(axis=0) > 0
    table = channels.n[:, TOUCHED][:, used]
    if table.shape[1] < 2 or (table.sum(axis=1) == 0).any():
        return []
    p_value = float(stats.chi2_contingency(table).pvalue)
    points = _mix_part(channels, TOUCHED) - _mix_part(channels, CONTROL)
    if p_value < 0.01 and (points > 0) == (seen.value > 0) and abs(points) >= 0.25 * abs(seen.value):
        return [Caution(CautionCode.CHANNEL_MIX, points, p_value)]
    return []


def _mix_part(channels: ChannelCells, group: int) -> float:
    n, total = channels.n[:, group], channels.total[:, group]
    if (n.sum(axis=1) == 0).any():
        return 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
    mean = np.where(np.isnan(mean), mean[::-1], mean)
    share = n / n.sum(axis=1, keepdims=True)
    return float(np.nan_to_num((share[1] - share[0]) * mean.mean(axis=0)).sum())


def _weekly(cells: WeeklyCells, before: BoolArray, after: BoolArray) -> FloatArray:
    """Answers a week to come: as since the improvement, or as before it when that is shorter than 2 weeks."""
    phase = after if after.sum() >= 2 else before
    result: FloatArray = cells.n[phase].sum(axis=0) / max(1, int(phase.sum()))
    return result


def _until_least(n: FloatArray, weekly: FloatArray, least: int) -> Needed | None:
    """The wait until each cell has its minimum; None when it never comes."""
    lacking = np.maximum(0.0, least - n[1])
    if (n[0] < least).any() or ((lacking > 0) & (weekly <= 0)).any():
        return None
    weeks = int(np.ceil((lacking / np.where(weekly > 0, weekly, 1.0)).max()))
    control, touched = np.ceil(weeks * weekly).astype(int)
    return Needed(weeks, int(touched), int(control))
