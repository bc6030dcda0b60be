from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from feedback_nlp.encoder import document_columns
from feedback_nlp.encoder_readings import encoder_readings

THEMES = ("snelheid", "gemak", "kosten")
COLUMNS = document_columns(THEMES, ("klacht",))


def said(**values: float) -> dict[str, float]:
    """What is read where the encoder says this and, of everything else, that it is not there."""
    row = [values.get(name.replace(".", "_"), -9.0 if name.startswith("theme.") else 0.0) for name in COLUMNS]
    table = encoder_readings(COLUMNS, np.array([row], dtype=np.float32))
    return dict(zip(table.names, table.values[0].tolist(), strict=True))


def test_what_the_encoder_says_stands_under_the_families_of_the_second_level() -> None:
    read = said(theme_gemak=2.0, polarity_gemak=-0.5, sentiment=-1.0, signal_klacht=0.25)
    assert read["theme:gemak:encoder_theme"] == 2.0
    assert read["polarity:gemak:encoder_polarity"] == -0.5
    assert read["tone::encoder_sentiment"] == -1.0
    assert read["signal:klacht:encoder_signal"] == 0.25


def test_a_theme_hears_the_other_themes_and_not_itself() -> None:
    read = said(theme_gemak=9.0, polarity_gemak=-0.8, theme_kosten=9.0, polarity_kosten=0.6)
    assert read["polarity:gemak:encoder_others_up"] == pytest.approx(0.6, abs=1e-3)
    assert read["polarity:gemak:encoder_others_down"] == pytest.approx(0.0, abs=1e-3)
    assert read["polarity:snelheid:encoder_other_down"] == pytest.approx(0.8, abs=1e-3)
    assert read["tone::encoder_themes"] == pytest.approx(2.0, abs=1e-3)
    assert read["tone::encoder_both"] == pytest.approx(0.6, abs=1e-3)


@given(arrays(np.float32, (4, len(COLUMNS)), elements=st.floats(-1, 1, width=32)))
def test_the_balance_stays_within_its_scale_and_turns_with_the_signs(document: np.ndarray) -> None:
    table = encoder_readings(COLUMNS, document)
    balance = table.values[:, table.names.index("tone::encoder_balance")]
    assert (np.abs(balance) <= 1).all()
    turned = document.copy()
    turned[:, [name.startswith("polarity.") for name in COLUMNS]] *= -1
    assert encoder_readings(COLUMNS, turned).values[
        :, table.names.index("tone::encoder_balance")
    ] == pytest.approx(-balance, abs=1e-6)
