from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.memo import Memo


@given(st.lists(st.text("ab", max_size=4)))
def test_it_says_what_its_function_says_and_never_holds_more_than_it_may(keys: list[str]) -> None:
    memo = Memo(str.upper, longest=2, limit=3)
    for key in keys:
        assert memo[key] == key.upper()
        assert len(memo) <= 3
        assert all(len(held) <= 2 for held in memo)


def test_what_it_holds_is_not_asked_for_again() -> None:
    asked: list[str] = []

    def function(key: str) -> int:
        asked.append(key)
        return len(key)

    memo = Memo(function, longest=4)
    assert [memo[key] for key in ("goed", "goed", "wachten", "wachten")] == [4, 4, 7, 7]
    assert asked == ["goed", "wachten", "wachten"]
