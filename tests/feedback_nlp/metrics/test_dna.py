from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import dna_index, ranks
from feedback_nlp.metrics.dna import DNA_PILLARS

THEMES = [theme for themes in DNA_PILLARS.values() for theme in themes]


def branch(name: str, mood: float, n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    said = rng.random((n, 8)) < 0.4
    happy = np.where(rng.random((n, 8)) < (1 + mood) / 2, 1.0, -1.0)
    frame = pd.DataFrame(np.where(said, happy, np.nan), columns=[f"theme:{theme}" for theme in THEMES])
    return frame.assign(organisation=name)


def test_the_index_weighs_every_theme_alike_whatever_customers_write_about() -> None:
    frame = branch("een", 0.2, 300, 1)
    one = dna_index(frame)[0]
    means = {theme: 50 + 50 * frame[f"theme:{theme}"].mean() for theme in THEMES}
    assert one.index is not None
    assert one.index.value == pytest.approx(np.mean(list(means.values())), abs=1e-9)
    for pillar, themes in DNA_PILLARS.items():
        found = one.pillars[pillar]
        assert found is not None
        assert found.value == pytest.approx(np.mean([means[theme] for theme in themes]), abs=1e-9)


def test_a_rank_is_given_only_where_the_data_carry_it() -> None:
    frame = pd.concat(
        [branch("goed", 0.8, 400, 1), branch("matig", 0.02, 60, 2), branch("ook matig", 0.0, 60, 3)]
    )
    first, *others = dna_index(frame)
    assert first.name == "goed"
    assert first.rank is not None
    assert first.rank.place == 1
    for other in others:
        assert other.rank is not None
        assert (other.rank.place, other.rank.best, other.rank.worst) == (None, 2, 3)


def test_an_organisation_with_a_thin_theme_has_no_index() -> None:
    thin = branch("dun", 0.5, 200, 4)
    thin["theme:maatwerk"] = np.nan
    found = {one.name: one for one in dna_index(pd.concat([thin, branch("dik", 0.1, 200, 5)]))}
    assert found["dun"].index is None
    assert found["dun"].rank is None
    assert found["dun"].thin == ("maatwerk",)
    assert found["dun"].pillars["processen"] is not None
    rank = found["dik"].rank
    assert rank is not None
    assert rank.place == 1


def test_ten_like_verdicts_are_not_certainty() -> None:
    frame = pd.DataFrame({f"theme:{theme}": np.ones(10) for theme in THEMES}).assign(organisation="kort")
    index = dna_index(frame)[0].index
    assert index is not None
    assert index.value == 100
    assert index.low < 99


def test_simultaneous_ranks_hold_the_true_places() -> None:
    rng = np.random.default_rng(6)
    truth = np.array([60.0, 58.0, 55.0, 55.0, 50.0, 40.0])
    best = np.array([1 + (truth > value).sum() for value in truth])
    worst = np.array([(truth >= value).sum() for value in truth])
    wrong = 0
    for _ in range(500):
        found = ranks(rng.normal(truth, 2.0), np.full(6, 2.0))
        wrong += any(
            one.best > top or one.worst < bottom for one, top, bottom in zip(found, best, worst, strict=True)
        )
    assert wrong / 500 <= 0.05


def test_a_missing_theme_is_named() -> None:
    with pytest.raises(MeasureError, match="theme 'maatwerk'"):
        dna_index(branch("een", 0, 20, 1).drop(columns="theme:maatwerk"))
    with pytest.raises(MeasureError, match="'vestiging'"):
        dna_index(branch("een", 0, 20, 1), by="vestiging")
