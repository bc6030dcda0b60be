"""Which themes rise by more than noise: weekly counts against limits that allow for volume and season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special, stats

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.baseline import fit_baseline, moderate, seasonal_terms
from feedback_nlp.metrics.checks import BoolArray, FloatArray, moments
from feedback_nlp.metrics.counts import WeeklyCounts, weekly_counts

__all__ = ["Limits", "RadarRules", "Rise", "limits", "radar", "rises", "shared_out", "watch"]

WINDOWS = (1, 2)
"""Weeks that are judged together: a jump shows in one, a moderate rise only in two."""

WEEKS_A_QUARTER = 13


@dataclass(frozen=True, slots=True)
class RadarRules:
    """By what rules the radar raises an alarm.

    Attributes:
        false_alarms_per_quarter: expected number of false alarms a quarter, of all series together, above 0.
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
        for name, least in (("baseline_weeks", 12), ("season_from", 104), ("most_weeks", self.season_from)):
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
        limit: shape (s,), the smallest count that raises an alarm.
        p_value: shape (s,), chance of a count at least this high if nothing changed.
        alarm: booleans of shape (s,).
    """

    window: int
    counts: FloatArray
    volumes: FloatArray
    expected: FloatArray
    limit: FloatArray
    p_value: FloatArray
    alarm: BoolArray


@dataclass(frozen=True, slots=True)
class Rise:
    """A theme that rises by more than noise.

    Attributes:
        names: what the parts of the key are.
        key: the series, e.g. ``("snelheid", "betalen")``.
        week: Monday of the last week.
        window: weeks judged together, 1 or 2.
        count: mentions in the window.
        volume: items in the window.
        expected: mentions to be expected at this volume in this season.
        limit: the smallest count that raises an alarm.
        p_value: chance of a count at least this high if nothing changed.
    """

    names: tuple[str, ...]
    key: tuple[str, ...]
    week: np.datetime64
    window: int
    count: int
    volume: int
    expected: float
    limit: int
    p_value: float

    @property
    def ratio(self) -> float:
        """Count over expectation."""
        return self.count / self.expected


def limits(counts: WeeklyCounts, rules: RadarRules | None = None) -> tuple[Limits, ...]:
    """Judge the last week, and the last two together, against the weeks before them.

    The count given the volume is taken as beta-binomial around the fitted share (`baseline.fit_baseline`); its
    variance has the moderated dispersion (`baseline.moderate`, widened by Student's t for being estimated) and
    the uncertainty of the share itself. The bound on false alarms is shared out equally over 13 weeks, all
    series and both windows (Bonferroni), so that it holds however the series depend on each other.

    Args:
        counts: weekly counts; only weeks that are over.
        rules: by what rules; None takes the defaults.

    Returns:
        The limits of each window.

    Raises:
        MeasureError: the history is shorter than 12 weeks before the two last.
    """
    used = rules or RadarRules()
    last = max(WINDOWS)
    history = len(counts.weeks) - last
    if history < 12:
        raise MeasureError(f"the radar needs at least 12 weeks before the last {last}, got {history}")
    season = history >= used.season_from
    length = min(history, used.most_weeks if season else used.baseline_weeks)
    number = (counts.weeks - np.datetime64("2000-01-03")).astype("timedelta64[D]").astype(np.float64) / 7.0
    terms = seasonal_terms(number, season)
    past = slice(history - length, history)
    fitted = fit_baseline(counts.counts[:, past], counts.volumes[:, past], terms[past])
    dispersion, freedom = moderate(fitted.dispersion, fitted.freedom, fitted.expected >= 1.0)
    alpha = used.false_alarms_per_quarter / (WEEKS_A_QUARTER * max(1, len(counts.keys)) * len(WINDOWS))
    alpha = min(alpha, 0.5)
    widened = (
        dispersion * (stats.t.ppf(1.0 - alpha, freedom) / stats.norm.ppf(1.0 - alpha)) ** 2
        if alpha < 0.5
        else dispersion
    )
    made: list[Limits] = []
    for window in WINDOWS:
        recent = slice(len(counts.weeks) - window, None)
        volumes = counts.volumes[:, recent]
        trials = volumes.sum(axis=1)
        seen = counts.counts[:, recent].sum(axis=1)
        share = special.expit(fitted.coefficients @ terms[recent].T)
        expected = (volumes * share).sum(axis=1)
        binomial = np.maximum((volumes * share * (1.0 - share)).sum(axis=1), 1e-12)
        lever = (volumes * share * (1.0 - share)) @ terms[recent]
        doubt = np.einsum("si,sij,sj->s", lever, fitted.covariance, lever)
        inflation = widened * (1.0 + doubt / binomial)
        p_value, limit = _upper_tail(seen, trials, expected, inflation, alpha)
        limit = np.maximum(limit, used.least_count)
        made.append(Limits(window, seen, trials, expected, limit, p_value, (seen >= limit) & (trials > 0)))
    return tuple(made)


def _upper_tail(
    seen: FloatArray, trials: FloatArray, expected: FloatArray, inflation: FloatArray, alpha: float
) -> tuple[FloatArray, FloatArray]:
    """Beta-binomial chance of at least `seen`, and the smallest count whose chance is at most `alpha`.

    With intra-class correlation r the variance is the binomial one times 1 + (n - 1) r.
    """
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
    tail = np.cumsum(chance[:, ::-1], axis=1)[:, ::-1]
    at = np.clip(seen - start, 0, len(offset) - 1).astype(np.int64)
    p_value = np.where(seen <= start, 1.0, np.minimum(1.0, tail[np.arange(len(seen)), at]))
    limit = start + np.argmax(tail <= alpha, axis=1)
    return p_value, limit


def rises(counts: WeeklyCounts, rules: RadarRules | None = None) -> tuple[Rise, ...]:
    """The series that rise by more than noise at the end of the last week.

    Args:
        counts: weekly counts; only weeks that are over.
        rules: by what rules; None takes the defaults.

    Returns:
        At most one rise a series (its smaller p-value), the least likely first.

    Raises:
        MeasureError: the history is too short.
    """
    best: dict[int, Rise] = {}
    for judged in limits(counts, rules):
        for i in np.flatnonzero(judged.alarm).tolist():
            rise = Rise(
                names=counts.names,
                key=counts.keys[i],
                week=counts.weeks[-1],
                window=judged.window,
                count=int(judged.counts[i]),
                volume=int(judged.volumes[i]),
                expected=float(judged.expected[i]),
                limit=int(judged.limit[i]),
                p_value=float(judged.p_value[i]),
            )
            if i not in best or rise.p_value < best[i].p_value:
                best[i] = rise
    return tuple(sorted(best.values(), key=lambda rise: rise.p_value))


def radar(
    frame: pd.DataFrame,
    *,
    at: str = "at",
    journey: str = "journey",
    until: pd.Timestamp | str | None = None,
    rules: RadarRules | None = None,
) -> tuple[Rise, ...]:
    """Watch dissatisfied mentions per theme, and per theme and journey, half of the bound each.

    A theme as a whole is watched beside its journeys because the fewer the series, the smaller a rise that
    can be told from noise.

    Args:
        frame: analysed items (see `frames`) with a moment and a journey.
        at: column with the moments.
        journey: column with the journeys; rows without one count only in the whole.
        until: up to when items are known; None takes the last item.
        rules: by what rules; None takes the defaults.

    Returns:
        The rises, the least likely first.

    Raises:
        MeasureError: a column is missing or the history is too short.
    """
    placed = frame.loc[frame[journey].notna()] if journey in frame.columns else frame
    end = until if until is not None or at not in frame.columns else moments(frame, at).max()
    return watch(
        (
            weekly_counts(frame, ("theme",), at=at, until=end),
            weekly_counts(placed, ("theme", journey), at=at, until=end),
        ),
        rules,
    )


def shared_out(rules: RadarRules, parts: int) -> RadarRules:
    """The rules for each of several sets of series that are watched together: an equal part of the bound.

    Args:
        rules: the rules of all together.
        parts: how many sets there are, at least 1.

    Returns:
        The same rules with that part of the false alarms.
    """
    return replace(rules, false_alarms_per_quarter=rules.false_alarms_per_quarter / parts)


def watch(sets: Sequence[WeeklyCounts], rules: RadarRules | None = None) -> tuple[Rise, ...]:
    """Watch several sets of series, each with an equal part of the bound.

    Args:
        sets: weekly counts, such as those per theme and those per theme and journey; only weeks that are over.
        rules: by what rules; None takes the defaults.

    Returns:
        The rises, the least likely first.

    Raises:
        MeasureError: the history is too short.
    """
    part = shared_out(rules or RadarRules(), len(sets))
    found = [rise for counts in sets for rise in rises(counts, part)]
    return tuple(sorted(found, key=lambda rise: rise.p_value))
