from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from training.near import near_pairs, plain

WORDS = [
    "de",
    "het",
    "een",
    "brief",
    "rekening",
    "weken",
    "bellen",
    "duurde",
    "iemand",
    "nooit",
    "mijn",
    "snel",
]


@given(st.lists(st.sampled_from(WORDS), min_size=20, max_size=60, unique=False), st.integers(0, 10_000))
def test_the_same_text_in_other_dress_is_always_found(words: list[str], seed: int) -> None:
    text = " ".join(words)
    dressed = (
        "".join(c.upper() if random.Random(seed + i).random() < 0.3 else c for i, c in enumerate(text))
        + " !!"
    )
    assert near_pairs([text, "iets anders", dressed]) == [(0, 2, 1.0)]


def test_a_word_changed_in_a_long_text_is_found_and_another_text_is_not() -> None:
    draw = random.Random(0)
    texts = [" ".join(f"woord{draw.randrange(10_000)}" for _ in range(50)) for _ in range(40)]
    changed = [text.replace(text.split()[25], "anders", 1) for text in texts]
    pairs = near_pairs([*texts, *changed])
    assert [(first, second) for first, second, _ in pairs] == [(number, number + 40) for number in range(40)]


def test_short_answers_are_the_same_only_when_they_say_exactly_the_same() -> None:
    assert near_pairs(["Prima geholpen", "prima geholpen!", "Prima geholpen hoor"]) == [(0, 1, 1.0)]


def test_accents_signs_and_case_do_not_matter() -> None:
    assert plain("Eén  Café, HÉ?") == "een cafe he"
