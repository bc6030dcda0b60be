from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import (
    CesVariant,
    analysis_frame,
    cas,
    ces,
    cut,
    eps,
    first_contact_resolution,
    nps,
    period,
)


@pytest.fixture(scope="module")
def items() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 600
    frame = pd.DataFrame(
        {
            "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 120, n), "D"),
            "journey": rng.choice(["betalen", "klacht", "wijzigen"], n),
            "channel": rng.choice(["telefoon", "web"], n),
            "segment": rng.choice(["klant", "adviseur", "medewerker"], n, p=[0.7, 0.1, 0.2]),
            "nps": np.where(rng.random(n) < 0.3, np.nan, rng.integers(0, 11, n)),
            "cas": rng.integers(0, 11, n),
            "ces": np.where(rng.random(n) < 0.5, np.nan, rng.integers(1, 8, n)),
            "first_contact": rng.random(n) < 0.8,
            "theme:gemak": np.where(rng.random(n) < 0.4, rng.uniform(-1, 1, n), np.nan),
            "theme:kosten": np.where(rng.random(n) < 0.2, rng.uniform(-1, 1, n), np.nan),
        }
    )
    frame["month"] = period(frame["at"], "month")
    return frame


MEASURES = ("NPS", "CES", "CAS", "EPS", "FCR")


@pytest.mark.parametrize("by", [[], ["journey"], ["month"], ["journey", "channel"], ["segment"]])
def test_a_cut_gives_what_each_measure_gives_over_its_group(items: pd.DataFrame, by: list[str]) -> None:
    table = cut(items, by, MEASURES)
    groups = items.groupby(by) if by else [((), items)]
    expected: dict[tuple[Any, ...], Any] = {}
    for key, rows in groups:
        staff = rows["segment"] == "medewerker"
        for measured, subset in (
            (lambda r: nps(r["nps"]), rows[~staff]),
            (lambda r: ces(r["ces"], CesVariant.AGREE_1_7), rows[~staff]),
            (lambda r: cas(r["cas"]), rows[~staff]),
            (lambda r: eps(r["nps"]), rows[staff]),
            (lambda r: first_contact_resolution(r["first_contact"]), rows),
        ):
            if len(subset):
                one = measured(subset)
                expected[(*key, one.measure)] = one
    assert len(table) == len(expected)
    for row in table.itertuples(index=False):
        one = expected[(*row[: len(by)], row.measure)]
        assert (row.value, row.low, row.high, row.n) == pytest.approx(
            (one.value, one.low, one.high, one.n), abs=1e-9
        )


def test_an_item_counts_in_each_of_its_themes(items: pd.DataFrame) -> None:
    table = cut(items, ["theme"], ["CAS"]).set_index("theme")
    customers = items[items["segment"] != "medewerker"]
    for theme in ("gemak", "kosten"):
        rows = customers[customers[f"theme:{theme}"].notna()]
        assert table.loc[theme, "value"] == pytest.approx(cas(rows["cas"]).value, abs=1e-9)
        assert table.loc[theme, "n"] == len(rows)


def test_groups_without_answers_have_no_row(items: pd.DataFrame) -> None:
    silent = items.assign(nps=items["nps"].where(items["journey"] != "klacht"))
    assert set(cut(silent, ["journey"], ["NPS"])["journey"]) == {"betalen", "wijzigen"}
    assert cut(items.assign(nps=np.nan), ["journey"], ["NPS"]).empty


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"by": ["land"]}, "needs the column 'land'"),
        (
            {"by": ["theme"], "measures": ["FCR"]},
            "First-contact resolution must be a number, got 'soms' at position 0",
        ),
        ({"by": [], "measures": ["XYZ"]}, "no measure is called 'XYZ'"),
        (
            {"by": [], "measures": ["CES"], "ces_variant": CesVariant.EFFORT_1_5},
            r"CES 1-5 .* must be 1-5, got [67]",
        ),
    ],
)
def test_a_wrong_cut_is_refused(items: pd.DataFrame, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(MeasureError, match=message):
        cut(
            items.assign(**({"first_contact": "soms"} if arguments.get("measures") == ["FCR"] else {})),
            **arguments,
        )


def test_analyses_become_rows_with_their_assigned_themes_only() -> None:
    themes = [
        {"code": "gemak", "score": 0.9, "assigned": True, "polarity": -0.8, "evidence": []},
        {"code": "kosten", "score": 0.1, "assigned": False, "polarity": 0.3, "evidence": []},
    ]
    advocacy = {"promoter": 0.2, "passive": 0.3, "detractor": 0.5, "nps": {"value": 5, "low": 2, "high": 8}}
    frame = analysis_frame(
        [{"id": "1", "themes": themes, "advocacy": advocacy, "nps": 4, "journey": "klacht"}]
    )
    row = frame.iloc[0]
    assert row["theme:gemak"] == -0.8
    assert np.isnan(row["theme:kosten"])
    assert (row["p_promoter"], row["p_passive"], row["p_detractor"]) == (0.2, 0.3, 0.5)
    assert (row["nps"], row["journey"]) == (4, "klacht")
    with pytest.raises(MeasureError, match="row 0 has no 'themes'"):
        analysis_frame([{"id": "1"}])


def test_periods_begin_on_their_first_day() -> None:
    at = pd.Series(["2026-05-17 23:59", None])  # a Sunday
    starts = {unit: str(period(at, unit).iloc[0].date()) for unit in ("week", "month", "quarter", "year")}
    assert starts == {
        "week": "2026-05-11",
        "month": "2026-05-01",
        "quarter": "2026-04-01",
        "year": "2026-01-01",
    }
    assert pd.isna(period(at, "week").iloc[1])
    with pytest.raises(MeasureError, match="'dag'"):
        period(at, "dag")
