from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.tables.formulas import guarded


@given(st.sampled_from("=+-@\t\r\n"), st.text(min_size=1))
def test_text_that_begins_like_a_formula_is_set_apart_unless_it_is_a_number(sign: str, rest: str) -> None:
    text = sign + rest
    try:
        float(text.replace(",", "."))
    except ValueError:
        assert guarded(text) == "'" + text
    else:
        assert guarded(text) == text


@pytest.mark.parametrize("value", ["tekst", "", "-3,5", "+31", 4, -2.5, None, True])
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert guarded(value) == value
