"""From what count on the last weeks are more than noise: limits that allow for volume, season and chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.alarm_level import WINDOWS, new_alarm_level, parts_of
from feedback_nlp.metrics.baseline import fit_baseline, moderate, seasonal_terms
from feedback_nlp.metrics.checks import BoolArray, FloatArray, check_level
from feedback_nlp.metrics.counts import WeeklyCounts

__all__ = ["Limits", "RadarRules", "limits"]

WEEKS_A_QUARTER = 13
DEALT_OUT = 0.85
"""Part of the bound that is dealt out; the rest is for limits that rest on estimated dispersions and seasons, by which
in simulation (`training.simulate_radar`) up to a seventh more false alarms come than reckoned."""
LEAST_HISTORY = 12
LONGEST = max(WINDOWS)
UNSEASONED = 4
"""Weeks judged together at most while the season cannot be estimated: over more of them a season looks like a rise."""


@dataclass(frozen=True, slots=True)
class RadarRules:
    """By what rules the radar raises an alarm.

    Attributes:
        false_alarms_per_quarter: expected number of false alarms a quarter, of all series together, above 0. An
            alarm that stands for some weeks is one alarm.
        baseline_weeks: weeks to compare with while the season cannot be estimated, at least 12.
        season_from: weeks of history from which a yearly season is estimated, at least 104.
        most_weeks: weeks of history used at most.
        least_count: count below which nothing is raised.
    """

    false_alarms_per_quarter: float = 1.0
    baseline_weeks: int = 26
    season_from: int = 104
    most_weeks: int = 156
    least_count: int = 5

    def __post_init__(self) -> None:
        if not self.false_alarms_per_quarter > 0:
            raise MeasureError(
                f"false_alarms_per_quarter must be above 0, got {self.false_alarms_per_quarter}"
            )
        for name, least in (
            ("baseline_weeks", LEAST_HISTORY),
            ("season_from", 104),
            ("most_weeks", self.season_from),
        ):
            if getattr(self, name) < least:
                raise MeasureError(f"{name} must be at least {least}, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the last weeks were, what was expected, and from what count on it is more than noise.

    Attributes:
        window: weeks judged together.
        counts: shape (s,), summed over the window.
        volumes: shape (s,), summed over the window.
        expected: shape (s,).
        inflation: shape (s,), variance of the count over the binomial one, at least 1.
        limit: shape (s,), the smallest count that raises an alarm.
        p_value: shape (s,), chance of a count at least this high if nothing changed.
        alarm: booleans of shape (s,).
    """

    window: int
    counts: FloatArray
    volumes: FloatArray
    expected: FloatArray
    inflation: FloatArray
    limit: FloatArray
    p_value: FloatArray
    alarm: BoolArray

    def smallest_rise(self, power: float = 0.8) -> FloatArray:
        """From which rise on this window raises an alarm with a chance of at least `power`, at this volume.

        Args:
            power: that chance, 0-1.

        Returns:
            Rises as a part of the expected count, 0.3 being 30 %, shape (s,); NaN where even the whole volume
            would be too little. Normal approximation.

        Raises:
            MeasureError: the power is outside (0, 1).
        """
        z = float(stats.norm.ppf(check_level(power)))
        n, least = np.maximum(self.volumes, 1e-9), self.limit - 0.5
        low, high = np.minimum(least, n), n.copy()
        reached = high - z * np.sqrt(self.inflation * high * (1.0 - high / n)) >= least
        for _ in range(50):
            middle = (low + high) / 2.0
            spread = np.sqrt(np.maximum(self.inflation * middle * (1.0 - middle / n), 0.0))
            enough = middle - z * spread >= least
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(reached & (self.expected > 0), high / self.expected - 1.0, np.nan)


def limits(counts: WeeklyCounts, rules: RadarRules | None = None) -> tuple[Limits, ...]:
    """Judge the last week, and the last 2, 4 and, where the season is known, 8 together, against the weeks before.

    The count given the volume is taken as beta-binomial around the fitted share (`baseline.fit_baseline`); its
    variance has the moderated dispersion (`baseline.moderate`, widened by Student's t for being estimated) and
    the uncertainty of the share itself. All series and windows are tested at one level, the highest at which the new
    alarms that are to be expected together stay within the bound (`alarm_level`). Counts being whole numbers, most
    limits are a little stricter than the level; what that leaves of the bound goes to all series.

    Args:
        counts: weekly counts; only weeks that are over.
        rules: by what rules; None takes the defaults.

    Returns:
        The limits of each window that leaves at least 12 weeks to compare with.

    Raises:
        MeasureError: the history is shorter than 12 weeks before the two last.
    """
    used = rules or RadarRules()
    weeks = len(counts.weeks)
    longest = LONGEST if weeks - LONGEST >= used.season_from else UNSEASONED
    windows = tuple(one for one in WINDOWS if one <= 2 or (one <= longest and weeks - one >= LEAST_HISTORY))
    last = max(windows)
    history = weeks - last
    if history < LEAST_HISTORY:
        raise MeasureError(
            f"the radar needs at least {LEAST_HISTORY} weeks before the last {last}, got {history}"
        )
    season = history >= used.season_from
    length = min(history, used.most_weeks if season else used.baseline_weeks)
    number = (counts.weeks - np.datetime64("2000-01-03")).astype("timedelta64[D]").astype(np.float64) / 7.0
    terms = seasonal_terms(number, season)
    past = slice(history - length, history)
    fitted = fit_baseline(counts.counts[:, past], counts.volumes[:, past], terms[past])
    dispersion, freedom = moderate(fitted.dispersion, fitted.freedom, fitted.expected >= 1.0)
    bound = DEALT_OUT * used.false_alarms_per_quarter / WEEKS_A_QUARTER
    level = new_alarm_level(bound / max(1, len(counts.keys)), windows, length)
    parts = parts_of(windows)
    tails: list[_Tail] = []
    for window, part in zip(windows, parts, strict=True):
        recent = slice(weeks - window, None)
        volumes = counts.volumes[:, recent]
        share = special.expit(fitted.coefficients @ terms[recent].T)
        spread = volumes * share * (1.0 - share)
        binomial = np.maximum(spread.sum(axis=1), 1e-12)
        lever = spread @ terms[recent]
        doubt = np.einsum("si,sij,sj->s", lever, fitted.covariance, lever)
        alpha = level * part
        widened = dispersion * (stats.t.ppf(1.0 - alpha, freedom) / stats.norm.ppf(1.0 - alpha)) ** 2
        seen, trials = counts.counts[:, recent].sum(axis=1), volumes.sum(axis=1)
        inflation = np.where(trials > 0, widened * (1.0 + doubt / binomial), 1.0)
        tails.append(_Tail.of(seen, trials, (volumes * share).sum(axis=1), inflation))
    # Overlapping windows raise fewer new alarms than their levels add up to, in the ratio of `wanted` to `level`.
    ratio = bound / max(1, len(counts.keys)) / level
    level = _common_level(tails, parts, bound / ratio, level, used.least_count)
    made: list[Limits] = []
    for window, part, tail in zip(windows, parts, tails, strict=True):
        limit = np.maximum(tail.limit(level * part), used.least_count)
        alarm = (tail.seen >= limit) & (tail.trials > 0)
        made.append(
            Limits(
                window, tail.seen, tail.trials, tail.expected, tail.inflation, limit, tail.p_value(), alarm
            )
        )
    return tuple(made)


def _common_level(
    tails: list[_Tail], parts: FloatArray, budget: float, least: float, least_count: int
) -> float:
    """The highest level at which the chances of an alarm, as whole numbers allow them, add up to the budget."""

    def spent(level: float) -> float:
        return sum(
            float(tail.chance(np.maximum(tail.limit(level * part), least_count)).sum())
            for tail, part in zip(tails, parts, strict=True)
        )

    low, high = np.log(least / 2.0), np.log(min(4.0 * least, 0.4))
    for _ in range(16):
        middle = (low + high) / 2.0
        low, high = (middle, high) if spent(float(np.exp(middle))) <= budget else (low, middle)
    return float(np.exp(low))


@dataclass(frozen=True, slots=True)
class _Tail:
    """Beta-binomial chances of at least so many, from `start` on, of s series.

    With intra-class correlation r the variance is the binomial one times 1 + (n - 1) r.
    """

    seen: FloatArray
    trials: FloatArray
    expected: FloatArray
    inflation: FloatArray
    start: FloatArray
    above: FloatArray

    @classmethod
    def of(cls, seen: FloatArray, trials: FloatArray, expected: FloatArray, inflation: FloatArray) -> _Tail:
        n = np.maximum(trials, 1.0)
        share = np.clip(expected / n, 1e-9, 1.0 - 1e-9)
        with np.errstate(divide="ignore", invalid="ignore"):
            rho = np.where(n > 1, (inflation - 1.0) / (n - 1.0), 0.0)
        rho = np.clip(rho, 1e-9, 0.95)
        strength = 1.0 / rho - 1.0
        a, b = share * strength, (1.0 - share) * strength
        deviation = np.sqrt(n * share * (1.0 - share) * inflation)
        start = np.floor(np.maximum(0.0, expected - deviation))
        reach = np.ceil(np.maximum(expected + 12.0 * deviation + 25.0, seen + 1.0)) - start
        offset = np.arange(int(reach.max(initial=1.0)) + 1)
        k = start[:, None] + offset
        valid = k <= n[:, None]
        k = np.minimum(k, n[:, None])
        size, a, b = n[:, None], a[:, None], b[:, None]
        log = (
            special.gammaln(size + 1.0) - special.gammaln(k + 1.0) - special.gammaln(size - k + 1.0)
            + special.betaln(k + a, size - k + b) - special.betaln(a, b)
        )  # fmt: skip
        chance = np.where(valid, np.exp(log), 0.0)
        above = np.cumsum(chance[:, ::-1], axis=1)[:, ::-1]
        return cls(seen, trials, expected, inflation, start, above)

    def chance(self, count: FloatArray) -> FloatArray:
        """Of at least so many; 1 below `start`."""
        place = np.clip(count - self.start, 0, self.above.shape[1] - 1).astype(np.int64)
        found = self.above[np.arange(len(count)), place]
        return np.where(count <= self.start, 1.0, np.minimum(1.0, found))

    def p_value(self) -> FloatArray:
        """Chance of at least as many as were seen."""
        return self.chance(self.seen)

    def limit(self, alpha: float) -> FloatArray:
        """The smallest count whose chance is at most `alpha`."""
        limit: FloatArray = self.start + np.argmax(self.above <= alpha, axis=1)
        return limit
