from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from training.adapt.vocabulary import SPECIAL, build_tokenizer


def letters() -> Tokenizer:
    signs = "▁abcdefghijklmnopqrstuvwxyzé.,!'\"😡1"
    return build_tokenizer(
        [*((name, 0.0) for name in SPECIAL), *((sign, -3.0) for sign in signs), ("▁de", -2.0)]
    )


@given(st.text(max_size=60))
def test_tokens_lie_inside_the_text_and_in_order(text: str) -> None:
    offsets = letters().encode(text, add_special_tokens=False).offsets

    assert all(0 <= start <= end <= len(text) for start, end in offsets)
    assert [start for start, _ in offsets] == sorted(start for start, _ in offsets)


@pytest.mark.parametrize("text", ["a\u0000b", "a\u200bb", "a\ufe0fb"])
def test_invisible_signs_are_passed_over(text: str) -> None:
    encoding = letters().encode(text, add_special_tokens=False)

    assert encoding.tokens == ["▁", "a", "b"]
    assert encoding.offsets[-1] == (2, 3)


def test_typographic_quotation_marks_are_read_as_plain_ones() -> None:
    assert letters().encode("“de”", add_special_tokens=False).tokens == ["▁", '"', "d", "e", '"']


def test_a_sign_outside_the_basic_plane_is_one_code_point() -> None:
    encoding = letters().encode("😡 de", add_special_tokens=False)

    assert encoding.offsets[-1] == (2, 4)
