from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.corpus import CORPUS, SUPPLEMENT, load_corpus
from training.splits import FOLDS, HELD_OUT_DOMAINS, TEST_SHARE, fold_of, is_test

IDS = [f"item-{number}" for number in range(10_000)]


def digest(words: list[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def test_the_split_is_the_same_for_ever() -> None:
    assert digest([name for name in IDS if is_test(name)]).startswith("4c39e56d59a88988")
    assert [name for name in ("a1-0001", "a1-0002", "a1-0003", "a1-0004") if is_test(name)] == [
        "a1-0002",
        "a1-0003",
    ]


def test_about_fifteen_in_a_hundred_are_for_testing() -> None:
    assert TEST_SHARE == 0.15
    assert sum(map(is_test, IDS)) / len(IDS) == pytest.approx(0.15, abs=0.01)
    ids = [line.split('"id": "')[1].split('"')[0] for line in CORPUS.read_text("utf-8").splitlines()]
    assert sum(map(is_test, ids)) / len(ids) == pytest.approx(0.15, abs=0.01)


def test_the_supplement_is_for_training_alone() -> None:
    tested = {" ".join(item.text.casefold().split()) for item in load_corpus(CORPUS) if is_test(item.id)}
    supplement = load_corpus(SUPPLEMENT)
    assert [item.id for item in supplement if is_test(item.id)] == []
    assert [item.id for item in supplement if " ".join(item.text.casefold().split()) in tested] == []


@pytest.mark.parametrize(("fold", "domain"), list(enumerate(HELD_OUT_DOMAINS)))
def test_a_held_out_domain_is_a_fold_of_its_own(fold: int, domain: str) -> None:
    assert {fold_of(name, domain) for name in IDS[:100]} == {fold}


def test_other_domains_are_spread_evenly_over_the_folds() -> None:
    counts = [0] * FOLDS
    for name in IDS:
        counts[fold_of(name, "verzekering")] += 1
    assert counts == pytest.approx([len(IDS) / FOLDS] * FOLDS, rel=0.06)


@given(st.text(), st.text())
def test_any_item_has_a_fold(name: str, domain: str) -> None:
    assert 0 <= fold_of(name, domain) < FOLDS
