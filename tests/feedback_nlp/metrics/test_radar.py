from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import RadarRules, WeeklyCounts, radar, rises, weekly_counts
from feedback_nlp.metrics.alarm_level import WINDOWS, new_alarm_level, parts_of
from feedback_nlp.metrics.baseline import fit_baseline, moderate, seasonal_terms
from feedback_nlp.metrics.best_radar import best_chance
from feedback_nlp.metrics.limits import _Tail, limits

SHARES = np.linspace(0.02, 0.35, 12)


def flat(
    rng: np.random.Generator, weeks: int = 41, weekly: int = 200, shares: np.ndarray = SHARES
) -> WeeklyCounts:  # type: ignore[type-arg]
    n = np.repeat(rng.poisson(weekly, (1, weeks)), len(shares), axis=0)
    counts = rng.binomial(n, np.repeat(shares[:, None], weeks, axis=1))
    monday = np.datetime64("2025-01-06") + 7 * np.arange(weeks)
    keys = tuple((f"t{i}",) for i in range(len(shares)))
    return WeeklyCounts(("theme",), keys, monday, counts.astype(float), n.astype(float))


def test_false_alarms_stay_within_the_bound_on_flat_data() -> None:
    rng = np.random.default_rng(1)
    quarters = 20
    alarms = sum(
        rise.new
        for counts in (flat(rng) for _ in range(quarters))
        for week in range(28, 41)
        for rise in rises(counts.until(week))
    )
    # The bound is 1 a quarter. Were it only just kept, 20 quarters would bring 20 alarms, rarely over 28.
    assert alarms <= 28


def test_a_rise_of_30_percent_in_a_frequent_theme_is_found_within_two_weeks() -> None:
    rng = np.random.default_rng(2)
    shares = np.append(SHARES[:11], 0.30)
    found = 0
    for _ in range(60):
        calm = flat(rng, shares=shares)
        counts = calm.counts.copy()
        counts[11, -2:] = rng.binomial(calm.volumes[11, -2:].astype(int), 0.30 * 1.3)
        risen = WeeklyCounts(calm.names, calm.keys, calm.weeks, counts, calm.volumes)
        seen = [rise for stop in (-2, -1) for rise in rises(risen.until(stop)) if rise.key == ("t11",)]
        found += bool(seen)
    assert found / 60 >= 0.75
    assert found / 60 <= best_chance(0.30, 0.3, 400, 2 / 156) + 0.05


def test_no_radar_finds_more_than_the_most_powerful_test() -> None:
    n, share, size = 400, 0.2, 2 / 156
    limit = next(k for k in range(n) if stats.binom.sf(k, n, share) <= size)
    at_best = best_chance(share, 0.3, n, size)
    assert stats.binom.sf(limit, n, 1.3 * share) < at_best < stats.binom.sf(limit - 1, n, 1.3 * share)
    assert best_chance(share, 0.3, n, 0.1) > at_best
    assert best_chance(share, 0.3, 2 * n, size) > at_best
    with pytest.raises(MeasureError, match=r"the share must go up within 0-1, got 0\.8 and a rise of 0\.3"):
        best_chance(0.8, 0.3, n, size)
    with pytest.raises(MeasureError, match="items must be at least 1"):
        best_chance(share, 0.3, 0, size)


@pytest.mark.parametrize("windows", [(1, 2, 4), (1, 2, 4, 8)])
def test_windows_together_raise_as_many_new_alarms_as_is_wanted(windows: tuple[int, ...]) -> None:
    rng = np.random.default_rng(8)
    wanted, history = 0.01, 26
    limit = stats.norm.isf(new_alarm_level(wanted, windows, history) * parts_of(windows))
    weeks = rng.normal(size=(200_000, max(WINDOWS) + 1)) - rng.normal(size=(200_000, 1)) / history**0.5

    def stands(end: int) -> np.ndarray:  # type: ignore[type-arg]
        z = [weeks[:, end - w : end].sum(axis=1) / (w + w * w / history) ** 0.5 for w in windows]
        return np.any([one >= least for one, least in zip(z, limit, strict=True)], axis=0)

    end = weeks.shape[1]
    new = stands(end) & ~stands(end - 1)
    assert new.mean() == pytest.approx(wanted, rel=0.08)


def test_a_rise_that_goes_on_is_one_alarm_and_a_small_one_is_found_in_time() -> None:
    rng = np.random.default_rng(9)
    calm = flat(rng, weeks=46)
    counts = calm.counts.copy()
    counts[4, -6:] = np.round(calm.volumes[4, -6:] * SHARES[4] * 2)
    risen = WeeklyCounts(calm.names, calm.keys, calm.weeks, counts, calm.volumes)
    said = [rise for week in range(-6, 0) for rise in rises(risen.until(week)) if rise.key == ("t4",)]
    assert [rise.new for rise in said] == [True, False, False, False, False, False]
    counts[4, -6:] = np.round(calm.volumes[4, -6:] * SHARES[4] * 1.28)
    risen = WeeklyCounts(calm.names, calm.keys, calm.weeks, counts, calm.volumes)
    found = [rise for week in range(-6, 0) for rise in rises(risen.until(week)) if rise.key == ("t4",)]
    assert {rise.window for rise in found} == {4}


def test_the_smallest_rise_that_shows_is_raised_as_often_as_it_says() -> None:
    rng = np.random.default_rng(10)
    counts = flat(rng)
    judged = next(one for one in limits(counts) if one.window == 2)
    smallest = judged.smallest_rise(0.8)
    assert (np.diff(smallest) < 0).sum() >= 9  # the more a theme is spoken of, the smaller a rise that shows
    n = judged.volumes.astype(int)
    later = rng.binomial(n, judged.expected / judged.volumes * (1 + smallest), size=(4000, len(n)))
    # Where a mean is estimated too, the expectation is not the truth: that makes the promise a careful one.
    assert (later >= judged.limit).mean(axis=0) == pytest.approx(0.8, abs=0.05)
    with pytest.raises(MeasureError):
        judged.smallest_rise(1.0)


def test_a_busy_week_is_no_alarm() -> None:
    counts = flat(np.random.default_rng(3))
    busy = counts.volumes.copy()
    many = counts.counts.copy()
    busy[:, -1] *= 5
    many[:, -1] = np.round(busy[:, -1] * SHARES)
    assert rises(WeeklyCounts(counts.names, counts.keys, counts.weeks, many, busy)) == ()
    many[3, -1] *= 1.6
    found = rises(WeeklyCounts(counts.names, counts.keys, counts.weeks, many, busy))
    assert [rise.key for rise in found] == [("t3",)]
    assert found[0].ratio > 1.3
    assert found[0].count >= found[0].limit > found[0].expected
    assert found[0].week == counts.weeks[-1]


def test_the_baseline_is_the_regression_of_statsmodels() -> None:
    rng = np.random.default_rng(4)
    week = np.arange(120.0)
    terms = seasonal_terms(week, season=True)
    volume = rng.poisson(300, 120).astype(float)
    count = rng.binomial(volume.astype(int), 0.2 * (1 + 0.2 * np.sin(2 * np.pi * week / 52.1775))).astype(
        float
    )
    fitted = fit_baseline(count[None], volume[None], terms)
    adjusted = np.column_stack([count + 0.5 / 120, volume - count + 0.5 / 120])
    model = sm.GLM(adjusted, terms, family=sm.families.Binomial()).fit()
    residual = np.abs(model.resid_pearson) / np.sqrt(max(1.0, model.pearson_chi2 / 117))
    assert residual.max() < 3.5
    assert fitted.coefficients[0] == pytest.approx(model.params, abs=0.01)  # a past outlier may lose weight
    assert np.sqrt(np.diag(fitted.covariance[0])) == pytest.approx(model.bse, rel=0.02)
    assert fitted.dispersion[0] == pytest.approx(model.pearson_chi2 / 117, rel=0.1)


def test_a_season_that_repeats_is_no_alarm_but_a_rise_beside_it_is() -> None:
    week = np.arange(140)
    share = 0.2 * (1 + 0.3 * np.sin(2 * np.pi * week / 52.1775))
    volume = np.full((1, 140), 1000.0)
    counts = np.round(volume * share)
    monday = np.datetime64("2023-01-02") + 7 * week
    peak = 52 * 2 + 13
    one = WeeklyCounts(("theme",), (("snelheid",),), monday, counts, volume).until(peak)
    assert rises(one) == ()
    assert limits(one)[0].expected[0] == pytest.approx(counts[0, peak], rel=0.02)
    risen = one.counts.copy()
    risen[0, -1] *= 1.3
    assert len(rises(WeeklyCounts(one.names, one.keys, one.weeks, risen, one.volumes))) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.integers(5, 400), st.floats(0.01, 0.6), st.floats(1.001, 3.0), st.floats(0, 4), st.floats(0.0001, 0.05)
)
def test_the_tail_is_that_of_the_beta_binomial(
    n: int, share: float, inflation: float, sds: float, alpha: float
) -> None:
    inflation = min(inflation, 1 + 0.5 * (n - 1))
    rho = (inflation - 1) / (n - 1)
    law = stats.betabinom(n, share * (1 / rho - 1), (1 - share) * (1 / rho - 1))
    seen = min(n, int(np.ceil(law.mean() + sds * law.std())))
    tail = _Tail.of(*(np.array([float(v)]) for v in (seen, n, n * share, inflation)))
    limit = tail.limit(alpha)
    assert tail.p_value()[0] == pytest.approx(law.sf(seen - 1), abs=1e-7)
    assert law.sf(limit[0] - 1) <= alpha + 1e-9
    assert law.sf(limit[0] - 2) > alpha - 1e-9


def test_dispersions_are_drawn_together_when_they_differ_by_chance_only() -> None:
    rng = np.random.default_rng(5)
    alike = 1.5 * rng.chisquare(25, 200) / 25
    drawn, freedom = moderate(alike, 25, np.ones(200, bool))
    assert drawn.std() < 0.2 * alike.std()
    assert freedom.min() > 200
    unlike = np.exp(rng.normal(0.7, 0.6, 200)) * rng.chisquare(25, 200) / 25
    drawn, freedom = moderate(unlike, 25, np.ones(200, bool))
    assert drawn.std() > 0.5 * unlike.std()
    assert freedom.max() < 60


def test_weeks_that_are_not_over_are_left_out_and_journeys_have_their_own_volume() -> None:
    days = pd.date_range("2026-01-05", "2026-02-04", freq="D")  # Monday to Wednesday
    frame = pd.DataFrame({"at": days, "journey": np.where(days.day_of_week < 4, "betalen", "klacht")})
    frame["theme:gemak"] = np.where(days.day_of_week == 0, -0.9, np.where(days.day_of_week == 4, 0.9, np.nan))
    counts = weekly_counts(frame, ("theme", "journey"))
    assert counts.keys == (("gemak", "betalen"),)
    assert counts.counts.tolist() == [[1, 1, 1, 1]]
    assert counts.volumes.tolist() == [[4, 4, 4, 4]]
    whole = weekly_counts(frame, ("theme",), negative_only=False)
    assert whole.counts.tolist() == [[2, 2, 2, 2]]
    assert whole.volumes.tolist() == [[7, 7, 7, 7]]
    assert len(weekly_counts(frame, until="2026-02-08").weeks) == 5


def test_a_spike_in_one_journey_is_found_from_the_items() -> None:
    rng = np.random.default_rng(6)
    n = 30 * 300
    at = pd.Timestamp("2025-06-02") + pd.to_timedelta(np.arange(n) // 300 * 7 + rng.integers(0, 7, n), "D")
    journey = rng.choice(["betalen", "klacht"], n)
    chance = np.where((journey == "betalen") & (np.arange(n) >= 29 * 300), 0.5, 0.2)
    frame = pd.DataFrame(
        {"at": at, "journey": journey, "theme:gemak": np.where(rng.random(n) < chance, -0.8, np.nan)}
    )
    frame["theme:kosten"] = np.where(rng.random(n) < 0.2, -0.8, np.nan)
    found = radar(frame, until="2025-12-28")
    assert found[0].key == ("gemak", "betalen")
    assert {rise.key[0] for rise in found} == {"gemak"}


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"false_alarms_per_quarter": 0}, "must be above 0, got 0"),
        ({"baseline_weeks": 8}, "baseline_weeks must be at least 12, got 8"),
        ({"season_from": 60}, "season_from must be at least 104"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules: dict[str, int], message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        RadarRules(**rules)


def test_a_short_history_and_impossible_counts_are_refused() -> None:
    counts = flat(np.random.default_rng(7), weeks=10)
    with pytest.raises(MeasureError, match="at least 12 weeks before the last 2, got 8"):
        rises(counts)
    with pytest.raises(MeasureError, match="cannot exceed its volume"):
        WeeklyCounts(counts.names, counts.keys, counts.weeks, counts.volumes + 1, counts.volumes)
    with pytest.raises(MeasureError, match="'theme' is not among"):
        weekly_counts(pd.DataFrame({"at": []}), ["journey"])
