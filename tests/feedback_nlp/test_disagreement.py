from __future__ import annotations

import numpy as np
import pytest

from feedback_nlp.disagreement import DISAGREEMENT_SHARE, Disagreement
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.readings import Readings, column

THEMES = ("snelheid", "gemak")
N = 400


def readings(encoder: bool) -> tuple[Readings, LabelledTexts]:
    generator = np.random.default_rng(0)
    themes = generator.random((N, 2)) < 0.4
    seen = themes + generator.normal(scale=0.3, size=(N, 2))
    names = [column("theme", code, "text") for code in THEMES]
    values = [seen]
    if encoder:
        names += [column("theme", code, "encoder_theme") for code in THEMES]
        values.append(themes + generator.normal(scale=0.3, size=(N, 2)))
    zeros = np.zeros(N)
    data = LabelledTexts(
        texts=("",) * N, quotes=(), themes=themes, polarity=np.zeros((N, 2), dtype=np.int8),
        sentiment=zeros, nps=zeros, cas=zeros, signals=np.zeros((N, 0), dtype=bool), weight=np.ones(N),
    )  # fmt: skip
    return Readings(tuple(names), np.hstack(values).astype(np.float32)), data


def test_models_that_see_different_themes_are_far_apart_and_about_one_text_in_twenty_is_flagged() -> None:
    table, data = readings(encoder=True)
    models = Disagreement.fit(table, data, np.arange(N) % 5, THEMES)
    assert models is not None
    flagged = models.distance(table.values).max(axis=1) >= models.threshold
    assert flagged.mean() == pytest.approx(DISAGREEMENT_SHARE, abs=0.01)

    one_sees_it = np.array([[1, 0, 0, 0]], dtype=np.float32)
    both_see_it = np.array([[1, 0, 1, 0]], dtype=np.float32)
    apart, together = models.distance(one_sees_it)[0], models.distance(both_see_it)[0]
    assert apart[0] > models.threshold > together[0]
    assert apart[1] == together[1]


def test_one_kind_of_model_cannot_disagree_with_itself() -> None:
    table, data = readings(encoder=False)
    assert Disagreement.fit(table, data, np.arange(N) % 5, THEMES) is None
