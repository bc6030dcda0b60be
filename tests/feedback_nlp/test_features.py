from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from feedback_nlp.clauses import split_clauses
from feedback_nlp.features import NgramFeatures, normalise

TEXTS = [
    "Lang in de wacht gestaan, maar vriendelijk geholpen.",
    "Lang gewacht. Vriendelijk geholpen!",
    "Snel en vriendelijk, top",
    "In de wacht gestaan en niemand nam op",
]
FITTED = NgramFeatures(min_words=1, min_letters=1).fit(TEXTS)


@pytest.mark.parametrize(
    ("token", "seen"),
    [
        ("Geïrriteerd", "geirriteerd"),
        ("2.500", "0.0"),
        ("Zoooooo", "zoo"),
        ("…", ""),
        (",", ""),
        ("ﬁjn", "fijn"),
    ],
)
def test_a_token_is_seen_without_case_accents_numbers_and_drawl(token: str, seen: str) -> None:
    assert normalise(token) == seen


@given(st.text(st.characters(), max_size=80))
def test_no_token_is_seen_as_longer_than_a_word(token: str) -> None:
    assert len(normalise(token)) <= 32


def test_a_text_is_the_sum_of_its_clauses_and_of_its_sentences() -> None:
    counts = FITTED.count([split_clauses(text) for text in TEXTS])
    sentences, owner = counts.per_sentence()
    for row in range(len(TEXTS)):
        whole = counts.per_text()[row].toarray()
        assert (whole == counts.counts[counts.owner == row].sum(axis=0)).all()
        assert (whole == sentences[owner == row].sum(axis=0)).all()


@given(st.lists(st.text(st.characters(), max_size=200), max_size=5))
def test_any_texts_become_rows_of_length_one_at_most(texts: list[str]) -> None:
    matrix = FITTED.transform(texts)
    assert matrix.shape == (len(texts), len(FITTED.vocabulary_))
    assert np.isfinite(matrix.data).all()
    assert (np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))) <= 1 + 1e-5).all()


def test_words_pairs_and_letters_are_told_apart_in_the_names() -> None:
    names = set(FITTED.get_feature_names_out())
    assert {"vriendelijk", "vriendelijk geholpen", "letters:<vri"} <= names
    assert "gestaan maar" not in names, "a pair lies within a clause"


def test_what_is_too_rare_does_not_count() -> None:
    rare = NgramFeatures(min_words=2, min_letters=3).fit(TEXTS)
    assert "vriendelijk" in rare.vocabulary_
    assert "niemand" not in rare.vocabulary_


def test_known_words_are_counted_per_text() -> None:
    counts = FITTED.count(
        [split_clauses("vriendelijk, geholpen"), split_clauses("vriendelijk kwrstl"), split_clauses("")]
    )
    assert counts.words.tolist() == [2, 2, 0]
    assert counts.known.tolist() == [2, 1, 0]


def test_a_pickled_copy_gives_the_same_and_carries_no_remembered_words() -> None:
    FITTED.transform(["mevrouw Janssen"])
    stored = pickle.dumps(FITTED)
    assert b"janssen" not in stored
    copy = pickle.loads(stored)
    assert (copy.transform(TEXTS) != FITTED.transform(TEXTS)).nnz == 0


def test_it_follows_the_conventions_of_estimators() -> None:
    fresh = clone(NgramFeatures(min_words=4, longest=3))
    assert fresh.get_params() == {"min_words": 4, "min_letters": 3, "shortest": 2, "longest": 3}
    with pytest.raises(NotFittedError):
        fresh.transform(TEXTS)
