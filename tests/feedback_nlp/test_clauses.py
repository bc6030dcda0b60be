from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.clauses import split_clauses


def clauses(text: str) -> list[str]:
    claused = split_clauses(text)
    return [text[slice(*claused.span(clause))] for clause in claused.clauses]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("!!!", []),
        ("Prima geholpen", ["Prima geholpen"]),
        ("Snel, duidelijk, vriendelijk", ["Snel", "duidelijk", "vriendelijk"]),
        ("Lang gewacht maar goed geholpen.", ["Lang gewacht", "maar goed geholpen"]),
        ("Goed. Snel!", ["Goed", "Snel"]),
        ("Goed geholpen\nLang gewacht", ["Goed geholpen", "Lang gewacht"]),
        ("Maar goed", ["Maar goed"]),
    ],
)
def test_where_the_seams_are(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


@pytest.mark.parametrize(
    ("text", "sentences"),
    [("", 0), ("Goed, snel.", 1), ("Goed. Snel!", 2), ("Goed... snel", 2), ("Goed\n\nSnel\n", 2)],
)
def test_sentences_are_counted(text: str, sentences: int) -> None:
    assert split_clauses(text).sentences == sentences


@given(st.text(st.characters()))
def test_clauses_of_any_string_lie_in_it_one_after_another(text: str) -> None:
    claused = split_clauses(text)
    end = sentence = 0
    for clause in claused.clauses:
        assert end <= clause.first < clause.last <= len(claused.tokens)
        start, stop = claused.span(clause)
        assert 0 <= start < stop <= len(text)
        assert clause.sentence in (sentence, sentence + 1)
        end, sentence = clause.last, clause.sentence
    for token in claused.tokens:
        assert text[token.start : token.end] == token.text
