from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.tone import labelled


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.sampled_from((-1, 0, 1))), min_size=1),
    st.sampled_from((0.05, 0.25)),
)
def test_the_label_can_be_read_off_the_score_which_moves_no_further_than_needed(
    rows: list[tuple[float, int]], band: float
) -> None:
    score, label = np.array([s for s, _ in rows]), np.array([k for _, k in rows], dtype=np.int8)
    moved = labelled(score, label, band)
    assert (np.sign(moved) * (np.abs(moved) >= band) == label).all()
    agreed = np.sign(score) * (np.abs(score) >= band) == label
    assert (moved[agreed] == score[agreed]).all()
    assert (np.abs(moved[~agreed]) <= band).all()
