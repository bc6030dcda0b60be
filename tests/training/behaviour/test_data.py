from __future__ import annotations

import re
from collections import Counter

import pytest

from feedback_nlp.taxonomy import Taxonomy
from training.behaviour.cases import GROUPS, Case, DirectionCase, FunctionalityCase, load_cases
from training.corpus import load_corpus


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases()


def test_there_are_enough_cases_for_each_reporting_group(cases: tuple[Case, ...]) -> None:
    per_group = Counter(case.group for case in cases)
    assert len(cases) >= 450
    assert set(per_group) == set(GROUPS)
    assert min(per_group.values()) >= 60


def test_every_theme_is_asked_for_at_both_polarities(cases: tuple[Case, ...]) -> None:
    asked: Counter[tuple[str, int]] = Counter(
        (theme, polarity)
        for case in cases
        if isinstance(case, FunctionalityCase)
        for theme, polarity in case.expect.themes.items()
    )
    wanted = [(theme, polarity) for theme in Taxonomy.default().theme_codes for polarity in (-1, 1)]
    assert [pair for pair in wanted if asked[pair] < 4] == []


def test_every_signal_is_asked_for_and_has_decoys(cases: tuple[Case, ...]) -> None:
    expectations = [case.expect for case in cases if isinstance(case, FunctionalityCase)]
    present = Counter(code for expect in expectations for code in expect.signals)
    absent = Counter(code for expect in expectations for code in expect.absent_signals)
    codes = Taxonomy.default().signal_codes
    assert [code for code in codes if present[code] < 8 or absent[code] < 6] == []


def test_all_three_test_types_occur_in_number(cases: tuple[Case, ...]) -> None:
    per_type = Counter(case.type for case in cases)
    assert min(per_type[kind] for kind in ("MFT", "INV", "DIR")) >= 30


def test_a_capability_belongs_to_one_group(cases: tuple[Case, ...]) -> None:
    groups: dict[str, set[str]] = {}
    for case in cases:
        groups.setdefault(case.capability, set()).add(case.group)
    assert {name for name, found in groups.items() if len(found) > 1} == set()


def test_no_text_stands_twice(cases: tuple[Case, ...]) -> None:
    texts = Counter(text for case in cases for text in case.texts)
    assert [text for text, count in texts.items() if count > 1] == []


def test_measures_that_must_move_both_ways_are_not_only_sentiment(cases: tuple[Case, ...]) -> None:
    moved = {
        (direction.measure.partition(":")[0], direction.change)
        for case in cases
        if isinstance(case, DirectionCase)
        for direction in case.directions
    }
    assert {("sentiment", "up"), ("sentiment", "down"), ("nps", "up"), ("nps", "down")} <= moved
    assert {("polarity", "up"), ("polarity", "down"), ("signal", "up"), ("theme", "up")} <= moved


def test_no_case_shares_six_words_in_a_row_with_what_is_learned_from(cases: tuple[Case, ...]) -> None:
    own = {run: case.id for case in cases for text in case.texts for run in _runs(_words(text))}
    whole = {tuple(_words(text)): case.id for case in cases for text in case.texts if _words(text)}
    shared: set[tuple[str, str]] = set()
    for item in load_corpus():
        words = _words(item.text)
        shared |= {(own[run], item.id) for run in _runs(words) if run in own}
        if tuple(words) in whole:
            shared.add((whole[tuple(words)], item.id))
    assert sorted(shared) == []


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[start : start + 6]) for start in range(len(words) - 5)}
