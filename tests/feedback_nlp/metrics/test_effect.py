from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import (
    CautionCode,
    EffectRules,
    Outcome,
    Reason,
    Verdict,
    WeeklyCells,
    effect_of,
    effect_of_weeks,
    weekly_cells,
)
from feedback_nlp.metrics.did import difference_in_differences
from feedback_nlp.metrics.power import power_to_see

DONE = pd.Timestamp("2026-03-02")


def world(
    lift: float, n: int = 4000, seed: int = 1, weeks: tuple[int, int] = (-26, 13), channel: bool = False
) -> pd.DataFrame:
    """Answers in two journeys; the touched one rises by `lift` on the answer once the improvement is there."""
    rng = np.random.default_rng(seed)
    day = rng.integers(weeks[0] * 7, weeks[1] * 7, n)
    touched = rng.random(n) < 0.4
    web = rng.random(n) < np.where(touched & (day >= 0) & channel, 0.9, 0.3)
    mood = 7 + lift * (touched & (day >= 0)) + (2.5 * web if channel else 0.0) + rng.normal(0, 2.5, n)
    return pd.DataFrame(
        {
            "at": DONE + pd.to_timedelta(day, "D"),
            "touched": touched,
            "nps": np.clip(np.round(mood), 0, 10),
            "channel": np.where(web, "web", "telefoon"),
        }
    )


def test_the_estimate_is_that_of_the_saturated_regression_with_hc2_errors() -> None:
    frame = world(0.5)
    cells = weekly_cells(frame, DONE)
    seen = difference_in_differences(cells, cells.week < 0, cells.week >= 0)
    assert seen is not None
    table = pd.DataFrame(
        {
            "y": Outcome.NPS.numbers(frame["nps"]),
            "touched": frame["touched"].astype(float),
            "after": (frame["at"] >= DONE).astype(float),
        }
    )
    fit = smf.ols("y ~ touched * after", table).fit(cov_type="HC2")
    assert seen.value == pytest.approx(fit.params["touched:after"], abs=1e-9)
    assert seen.sampling_error == pytest.approx(fit.bse["touched:after"], abs=1e-9)


def test_a_clear_improvement_is_better_and_a_clear_harm_is_worse() -> None:
    better, worse = effect_of(world(2.0), DONE), effect_of(world(-2.0), DONE)
    assert (better.verdict, better.reason) == (Verdict.BETTER, Reason.INTERVAL)
    assert worse.verdict is Verdict.WORSE
    assert better.effect is not None
    assert better.effect.low > 0
    assert better.needed is None
    assert better.n.sum() == 4000


def test_a_fall_is_an_improvement_where_low_is_good() -> None:
    frame = world(-2.0).assign(effort=lambda f: np.clip(np.round(f["nps"] / 2), 1, 5))
    found = effect_of(
        frame, DONE, outcome=Outcome.CES_EFFORT_1_5, score="effort", rules=EffectRules(worth_knowing=0.3)
    )
    assert found.verdict is Verdict.BETTER
    assert found.effect is not None
    assert found.effect.high < 0


def test_too_few_answers_say_nothing_yet_but_when() -> None:
    found = effect_of(world(2.0, n=400, weeks=(-26, 3)), DONE, rules=EffectRules(worth_knowing=40))
    assert (found.verdict, found.reason) == (Verdict.CANNOT_TELL_YET, Reason.TOO_FEW)
    assert found.needed is not None
    assert found.needed.weeks > 0
    assert found.needed.touched > 0
    last = world(2.0, n=400, weeks=(-26, 3))["at"].max()
    assert found.when == last.normalize() + pd.Timedelta(weeks=found.needed.weeks)


def test_without_any_answer_after_it_one_is_told_to_wait() -> None:
    found = effect_of(world(0.0, weeks=(-26, 0)), DONE)
    assert found.effect is None
    assert found.needed is not None
    assert found.needed.weeks == 1


def test_the_answers_needed_do_give_the_power_asked() -> None:
    week = np.arange(-26, 4)
    n = np.full((30, 2), 30.0)
    up, down = np.full((30, 2), 12.0), np.full((30, 2), 9.0)
    cells = WeeklyCells(week, n, 100 * (up - down), 1e4 * (up + down))
    rules = EffectRules(worth_knowing=20)
    found = effect_of_weeks(cells, rules=rules)
    assert found.reason is Reason.HOLDS_ZERO
    assert found.needed is not None
    seen = difference_in_differences(cells, week < 0, week >= 0)
    assert seen is not None

    def chance(weeks: int) -> float:
        after = seen.n[1] + 30 * weeks
        error = np.sqrt((seen.variance[0] / seen.n[0]).sum() + (seen.variance[1] / after).sum())
        return float(power_to_see(20, error, 30 + weeks, swing=seen.swing or 1.0))

    assert chance(found.needed.weeks) >= 0.8 > chance(found.needed.weeks - 1)
    assert found.needed.touched == 30 * found.needed.weeks


def test_a_trend_that_was_already_there_is_no_effect() -> None:
    week = np.arange(-26, 13)
    n = np.full((39, 2), 400.0)
    share = np.column_stack([np.full(39, 0.4), 0.3 + 0.005 * (week + 26)])
    up = np.round(n * share)
    down = np.round(n * 0.3)
    found = effect_of_weeks(WeeklyCells(week, n, 100 * (up - down), 1e4 * (up + down)))
    assert (found.verdict, found.reason) == (Verdict.CANNOT_TELL_YET, Reason.TRENDS)
    assert found.trend is not None
    assert found.trend.slope == pytest.approx(0.5, abs=0.05)
    assert found.needed is None


def test_a_season_that_moved_alike_last_year_is_named_and_withholds_the_verdict() -> None:
    week = np.arange(-78, 13)
    n = np.full((91, 2), 300.0)
    high_season = (week >= 0) | ((week >= -52) & (week < -39))
    up = np.round(n * np.column_stack([np.full(91, 0.4), np.where(high_season, 0.5, 0.4)]))
    down = np.round(n * 0.3)
    found = effect_of_weeks(WeeklyCells(week, n, 100 * (up - down), 1e4 * (up + down)))
    assert (found.verdict, found.reason) == (Verdict.CANNOT_TELL_YET, Reason.SEASON)
    assert [caution.code for caution in found.cautions] == [CautionCode.SEASON]
    assert found.cautions[0].points == pytest.approx(10.0)


def test_without_an_earlier_year_the_season_is_called_unchecked() -> None:
    assert CautionCode.SEASON_UNCHECKED in [caution.code for caution in effect_of(world(2.0), DONE).cautions]


def test_a_shift_to_a_happier_channel_is_named_and_withholds_the_verdict() -> None:
    found = effect_of(world(0.0, channel=True), DONE)
    assert (found.verdict, found.reason) == (Verdict.CANNOT_TELL_YET, Reason.CHANNELS)
    caution = next(caution for caution in found.cautions if caution.code is CautionCode.CHANNEL_MIX)
    assert caution.points is not None
    assert found.effect is not None
    assert caution.points > 0.25 * found.effect.value
    assert effect_of(world(0.0, channel=True), DONE, channel=None).verdict is Verdict.BETTER


def test_an_improvement_worth_knowing_can_be_ruled_out() -> None:
    found = effect_of(world(0.0, n=40_000, seed=2), DONE)
    assert (found.verdict, found.reason, found.needed) == (Verdict.CANNOT_TELL_YET, Reason.TOO_SMALL, None)


def test_more_looks_ask_for_a_wider_interval() -> None:
    once, often = (effect_of(world(0.5), DONE, rules=EffectRules(looks=looks)) for looks in (1, 10))
    assert once.effect is not None
    assert often.effect is not None
    assert often.effect.half_width > 1.3 * once.effect.half_width
    assert often.effect.level == pytest.approx(0.995)


def test_moments_with_a_time_zone_are_taken_as_local_time() -> None:
    frame = world(1.0)
    there = frame.assign(at=frame["at"].dt.tz_localize("Europe/Amsterdam", nonexistent="shift_forward"))
    here, zoned = effect_of(frame, DONE), effect_of(there, DONE)
    assert here.effect == zoned.effect


def test_skipped_and_unknown_weeks_do_not_count() -> None:
    frame = world(1.0)
    found = effect_of(frame, DONE, skip=(-2, -1), until="2026-04-01")
    day = (frame["at"] - DONE).dt.days
    assert found.n.sum() == ((day < -14) | ((day >= 0) & (frame["at"] <= "2026-04-01"))).sum()


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"least": 1}, "least must be 2"),
        ({"before_weeks": 60}, "before_weeks must be 4-52, got 60"),
        ({"worth_knowing": 0}, "worth_knowing must be above 0"),
        ({"looks": 0}, "looks must be 1"),
        ({"level": 95}, "confidence level"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules: dict[str, float], message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        EffectRules(**rules)  # type: ignore[arg-type]


def test_a_frame_without_the_column_is_refused() -> None:
    with pytest.raises(MeasureError, match="needs the column 'touched'"):
        effect_of(world(0.0).drop(columns="touched"), DONE)
    with pytest.raises(MeasureError, match="touched must be true or false, got nan at position 0"):
        effect_of(world(0.0).assign(touched=np.nan), DONE)
    with pytest.raises(MeasureError, match="at must hold moments"):
        effect_of(world(0.0).assign(at="gisteren"), DONE)
    with pytest.raises(MeasureError, match="NPS must be 0-10, got 12"):
        effect_of(world(0.0).assign(nps=12), DONE)
