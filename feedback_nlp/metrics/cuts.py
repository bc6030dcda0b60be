"""Every measure over every cut: journey, channel, segment, product, organisation, theme, period, or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.cas import CasScale
from feedback_nlp.metrics.ces import CesVariant
from feedback_nlp.metrics.checks import FloatArray, answers_on_scale, check_level, need_columns
from feedback_nlp.metrics.frames import one_row_a_theme
from feedback_nlp.metrics.intervals import t_bounds, wilson_bounds
from feedback_nlp.metrics.nps import nps_bounds

__all__ = ["MEASURES", "cut"]

EMPLOYEE = "medewerker"
MEASURES = ("NPS", "CES", "CAS", "EPS", "FCR")
"""NPS, CES and CAS are of everybody but employees; EPS is of employees alone (``segment`` says who is one);
FCR is of the boolean column ``first_contact``."""

COLUMN = {"NPS": "nps", "CES": "ces", "CAS": "cas", "EPS": "nps", "FCR": "first_contact"}


def cut(
    frame: pd.DataFrame,
    by: Sequence[str],
    measures: Sequence[str] = ("NPS", "CES", "CAS", "EPS"),
    *,
    ces_variant: CesVariant = CesVariant.AGREE_1_7,
    cas_scale: CasScale = CasScale.ZERO_TO_TEN,
    level: float = 0.95,
) -> pd.DataFrame:
    """Measures per group, each with its n and interval, in one pass over the frame.

    Args:
        frame: analysed items (see `frames`).
        by: columns to group by; ``theme`` stands for the themes that an item mentions, so that an item then
            counts once in each of its themes. An empty sequence gives one row a measure.
        measures: which of `MEASURES`; one whose column the frame lacks is refused.
        ces_variant: which effort question was asked.
        cas_scale: which scale the advocacy question had.
        level: confidence level, 0-1.

    Returns:
        The `by` columns, then ``measure`` (CES and CAS with their variant), ``n``, ``value``, ``low``,
        ``high``. Groups without an answer have no row; groups come in sorted order.

    Raises:
        MeasureError: a column is missing, a measure unknown, or an answer off its scale.
    """
    check_level(level)
    unknown = [measure for measure in measures if measure not in MEASURES]
    if unknown:
        raise MeasureError(f"no measure is called {unknown[0]!r}; there are {', '.join(MEASURES)}")
    need_columns(frame, [COLUMN[measure] for measure in measures], "cut")
    need_columns(frame, [name for name in by if name != "theme"], "cut")
    rows = one_row_a_theme(frame) if "theme" in by else frame
    employee = (
        rows["segment"].eq(EMPLOYEE).to_numpy(dtype=bool)
        if "segment" in rows.columns
        else np.zeros(len(rows), dtype=bool)
    )
    tables: list[pd.DataFrame] = []
    for measure in measures:
        who = employee if measure == "EPS" else ~employee if measure != "FCR" else np.ones(len(rows), bool)
        answers = rows.loc[who, COLUMN[measure]]
        given = rows.loc[who].loc[answers.notna().to_numpy()]
        label, low, high, score = _rule(measure, ces_variant, cas_scale)
        values = answers_on_scale(answers, low, high, label)
        if values.size:
            tables.append(score(_groups(given, by, values), level).assign(measure=label))
    columns = [*by, "measure", "n", "value", "low", "high"]
    if not tables:
        return pd.DataFrame(columns=columns)
    whole = pd.concat(tables, ignore_index=True)
    return whole.sort_values([*by, "measure"], kind="stable", ignore_index=True)[columns]


def _groups(given: pd.DataFrame, by: Sequence[str], values: FloatArray) -> pd.DataFrame:
    """Sums per group from which every measure follows: a row per group, sorted."""
    table = given[list(by)].reset_index(drop=True)
    table["one"] = 1
    table["sum"] = values
    table["top"] = values >= 8.5
    table["bottom"] = values < 6.5
    table["agree_10"] = values >= CasScale.ZERO_TO_TEN.agrees_from
    table["agree_5"] = values >= CasScale.ONE_TO_FIVE.agrees_from
    if not by:
        total = table.sum().to_frame().T
        return total.assign(variance=values.var(ddof=1) if values.size > 1 else np.nan)
    grouped = table.groupby(list(by), sort=True, observed=True, dropna=False)
    return grouped.sum().assign(variance=grouped["sum"].var(ddof=1)).reset_index()


def _rule(
    measure: str, ces_variant: CesVariant, cas_scale: CasScale
) -> tuple[str, float, float, Callable[[pd.DataFrame, float], pd.DataFrame]]:
    """Label, scale and formula of a measure over the sums of `_groups`."""
    if measure in ("NPS", "EPS"):
        return measure, 0, 10, _net
    if measure == "CES":
        return ces_variant.label, ces_variant.low, ces_variant.high, _mean(ces_variant.low, ces_variant.high)
    if measure == "CAS":
        column = "agree_10" if cas_scale is CasScale.ZERO_TO_TEN else "agree_5"
        return cas_scale.label, cas_scale.low, cas_scale.high, _share(column)
    return "First-contact resolution", 0, 1, _share("sum")


def _net(sums: pd.DataFrame, level: float) -> pd.DataFrame:
    n, up, down = (_numbers(sums[name]) for name in ("one", "top", "bottom"))
    low, high = nps_bounds(up, n - up - down, down, level)
    return sums.assign(n=n.astype(int), value=100.0 * (up - down) / n, low=low, high=high)


def _share(column: str) -> Callable[[pd.DataFrame, float], pd.DataFrame]:
    def score(sums: pd.DataFrame, level: float) -> pd.DataFrame:
        n, yes = _numbers(sums["one"]), _numbers(sums[column])
        low, high = wilson_bounds(yes, n, level)
        return sums.assign(n=n.astype(int), value=100.0 * yes / n, low=100.0 * low, high=100.0 * high)

    return score


def _mean(lowest: float, highest: float) -> Callable[[pd.DataFrame, float], pd.DataFrame]:
    def score(sums: pd.DataFrame, level: float) -> pd.DataFrame:
        n = _numbers(sums["one"])
        mean = _numbers(sums["sum"]) / n
        low, high = t_bounds(mean, _numbers(sums["variance"]), n, level)
        alone = n < 2
        low = np.where(alone, lowest, np.maximum(lowest, low))
        high = np.where(alone, highest, np.minimum(highest, high))
        return sums.assign(n=n.astype(int), value=mean, low=low, high=high)

    return score


def _numbers(column: pd.Series[Any]) -> FloatArray:
    return column.to_numpy(dtype=np.float64)
