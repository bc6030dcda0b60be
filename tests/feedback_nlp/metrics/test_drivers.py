from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import Quadrant, Side, drivers, nps
from feedback_nlp.metrics.lmg import ridge_shares, shapley_of_r2


def survey(n: int, seed: int) -> pd.DataFrame:
    """Speed drags the score down, empathy lifts it, cost is spoken of without any bearing on it."""
    rng = np.random.default_rng(seed)
    speed = np.where(rng.random(n) < 0.4, np.where(rng.random(n) < 0.9, -0.9, 0.9), np.nan)
    empathy = np.where(rng.random(n) < 0.3, 0.8, np.nan)
    cost = np.where(rng.random(n) < 0.1, rng.choice([-0.8, 0.8], n), np.nan)
    mood = 7.5 + 2.5 * np.nan_to_num(speed) + 1.5 * np.nan_to_num(empathy) + rng.normal(0, 1.5, n)
    answers = np.clip(np.round(mood), 0, 10)
    return pd.DataFrame(
        {
            "nps": answers,
            "theme:snelheid": speed,
            "theme:empathie": empathy,
            "theme:kosten": cost,
            "theme:proces": np.nan,
        }
    )


def test_impact_is_the_score_of_all_minus_that_of_those_without_the_theme() -> None:
    frame = survey(800, 1)
    found = {one.theme: one for one in drivers(frame, rounds=100)}
    for theme in ("snelheid", "empathie", "kosten"):
        without = frame[frame[f"theme:{theme}"].isna()]
        impact = found[theme].impact
        assert impact is not None
        assert impact.value == pytest.approx(nps(frame["nps"]).value - nps(without["nps"]).value, abs=1e-9)
        assert found[theme].volume == pytest.approx(100 * frame[f"theme:{theme}"].notna().mean())
    negative = {one.theme: one for one in drivers(frame, side=Side.NEGATIVE, rounds=100)}
    assert negative["snelheid"].mentions == (frame["theme:snelheid"] < -1 / 3).sum()


def test_what_hurts_comes_first_and_what_is_unclear_is_called_so() -> None:
    ordered = drivers(survey(3000, 2), rounds=300)
    assert ordered[0].theme == "snelheid"
    by = {one.theme: one for one in ordered}
    assert by["snelheid"].quadrant is Quadrant.FIX_FIRST
    assert by["empathie"].quadrant is Quadrant.KEEP
    assert by["kosten"].quadrant is Quadrant.UNCLEAR
    assert by["proces"].impact is None
    assert by["proces"].share is None
    speed, empathy = by["snelheid"].share, by["empathie"].share
    assert speed is not None
    assert empathy is not None
    assert speed.value > empathy.value > 0
    assert speed.low > empathy.high
    assert by["snelheid"].slope == pytest.approx(2.5, abs=0.4)


def test_shares_are_the_mean_gain_over_all_orders_of_statsmodels_regressions() -> None:
    rng = np.random.default_rng(3)
    common = rng.normal(size=200)
    design = np.column_stack([common + 0.3 * rng.normal(size=200) for _ in range(3)] + [rng.normal(size=200)])
    score = design @ [1.0, 0.5, 0.0, -0.7] + rng.normal(size=200)

    def r2(columns: tuple[int, ...]) -> float:
        return float(sm.OLS(score, sm.add_constant(design[:, columns])).fit().rsquared) if columns else 0.0

    expected = np.zeros(4)
    for order in permutations(range(4)):
        for position, column in enumerate(order):
            expected[column] += r2(order[: position + 1]) - r2(order[:position])
    shares, slopes = ridge_shares(np.ones((1, 200)), design, score, penalty=0.0)
    assert shares[0] == pytest.approx(expected / 24, abs=1e-9)
    assert slopes[0] == pytest.approx(sm.OLS(score, sm.add_constant(design)).fit().params[1:], abs=1e-9)


def test_twins_share_alike_and_all_shares_add_up() -> None:
    rng = np.random.default_rng(4)
    twin = rng.normal(size=500)
    design = np.column_stack([twin, twin, rng.normal(size=500)])
    score = twin + rng.normal(size=500)
    shares, slopes = ridge_shares(np.ones((1, 500)), design, score, penalty=0.05)
    assert shares[0, 0] == pytest.approx(shares[0, 1])
    assert slopes[0, 0] == pytest.approx(slopes[0, 1])
    correlation = np.corrcoef(np.column_stack([design, score]), rowvar=False)
    inside, outside = correlation[:-1, :-1] + 0.05 * np.eye(3), correlation[:-1, -1]
    assert shares.sum() == pytest.approx(outside @ np.linalg.solve(inside, outside), abs=1e-9)


def test_too_many_themes_are_refused() -> None:
    with pytest.raises(MeasureError, match="at most 16 themes"):
        shapley_of_r2(np.eye(18)[None], 0.0)


def test_drivers_need_scores() -> None:
    with pytest.raises(MeasureError, match="at least 2 items with a score, got 0"):
        drivers(survey(5, 1).assign(nps=np.nan))
    with pytest.raises(MeasureError, match="at least 100 rounds, got 5"):
        drivers(survey(50, 1), rounds=5)
