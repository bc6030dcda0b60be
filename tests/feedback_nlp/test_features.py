from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
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
PHRASES = st.lists(
    st.sampled_from([*" ".join(TEXTS).split(), "´", "wacht´", "\n", "-", "vriendelijk geholpen maar"])
    | st.text(st.characters(), max_size=6),
    max_size=12,
).map(" ".join)


def plainly(text: str) -> list[Counter[int]]:
    """A text's features clause by clause, looked up one by one and with nothing remembered."""
    claused = split_clauses(text)
    found = []
    for clause in claused.clauses:
        words = [word for token in claused.words[clause.first : clause.last] if (word := normalise(token))]
        features = [*words, *map(" ".join, pairwise(words))]
        for word in words:
            bordered = f"<{word}>"
            features += [
                "\0" + bordered[start : start + size]
                for size in range(2, 6)
                for start in range(len(bordered) - size + 1)
            ]
        found.append(Counter(FITTED.vocabulary_[f] for f in features if f in FITTED.vocabulary_))
    return found


def summed(counters: Sequence[Counter[int]], group: Sequence[int], groups: int) -> list[dict[int, float]]:
    total: list[Counter[int]] = [Counter() for _ in range(groups)]
    for counter, place in zip(counters, group, strict=True):
        total[place] += counter
    return [dict(counter) for counter in total]


def rows(matrix: sparse.csr_matrix) -> list[dict[int, float]]:
    assert matrix.has_canonical_format
    assert (matrix.data > 0).all()
    pieces = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    return [
        dict(zip(matrix.indices[a:b].tolist(), matrix.data[a:b].tolist(), strict=True)) for a, b in pieces
    ]


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


@given(st.lists(PHRASES, max_size=5))
def test_features_are_those_found_one_by_one_for_clauses_sentences_and_texts(texts: list[str]) -> None:
    counts = FITTED.count([split_clauses(text) for text in texts])
    clauses = [counter for text in texts for counter in plainly(text)]
    owner, sentence = counts.owner.tolist(), counts.sentence.tolist()
    per_sentence, sentence_owner = counts.per_sentence()
    assert rows(counts.counts) == [dict(counter) for counter in clauses]
    assert rows(counts.per_text()) == summed(clauses, owner, len(texts))
    assert rows(per_sentence) == summed(clauses, sentence, len(sentence_owner))

    levels = counts.levels()
    assert (levels.counts[: levels.clauses] != counts.counts).nnz == 0
    assert (levels.counts[levels.sentence] != per_sentence).nnz == 0
    assert (levels.counts[levels.text] != counts.per_text()).nnz == 0
    assert levels.owner.tolist() == sentence_owner.tolist()


def test_only_sentences_of_several_clauses_and_texts_of_several_sentences_have_a_row_of_their_own() -> None:
    levels = FITTED.count(
        [split_clauses(text) for text in ["Snel", "Lang, vriendelijk", "Snel. Lang", ""]]
    ).levels()
    assert levels.clauses == 5
    assert levels.sentence.tolist() == [0, 5, 3, 4]
    assert levels.text.tolist() == [0, 5, 6, 7]


def test_very_many_rows_are_counted_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    few = FITTED.count([split_clauses(text) for text in TEXTS])
    counts, rows = few.per_text(), few.levels().counts
    monkeypatch.setattr("feedback_nlp.features._WIDE", 0)
    assert (few.per_text() != counts).nnz == 0
    assert (few.levels().counts != rows).nnz == 0


def test_what_was_remembered_of_words_may_be_forgotten_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = FITTED.transform(TEXTS)
    monkeypatch.setattr("feedback_nlp.features._MAX_REMEMBERED", 3)
    for row, text in enumerate(TEXTS):
        assert (FITTED.transform([text]) != remembered[row]).nnz == 0


def test_many_threads_that_meet_the_same_new_words_count_the_same() -> None:
    fresh = pickle.loads(pickle.dumps(FITTED))
    texts = [
        f"{first}{second} {first}wacht geholpen" for first in TEXTS[0].split() for second in TEXTS[2].split()
    ]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fresh.transform, [texts] * 16))
    assert [(each != FITTED.transform(texts)).nnz for each in found] == [0] * 16


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
