from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.clauses import Clause, split_clauses
from feedback_nlp.language import Token, tokenize

SEPARATORS = {",", ";", ":", "(", ")", "[", "]", "/", "•", "|", "-", "–", "—", "->", "=>", "+"}
CONJUNCTIONS = {
    *("maar", "echter", "alleen", "terwijl", "hoewel", "ondanks", "omdat", "doordat", "want", "waardoor"),
    *("daarentegen", "behalve", "tenzij"),
}
PIECES = [
    "goed",
    "Maar",
    "want",
    "wachten,",
    "snel.",
    "!?…",
    "…",
    "-",
    "a/b",
    "(ok)",
    "€",
    "m'n",
    "n.v.t.",
    "x" * 70,
]
SPACES = ["", " ", "  ", "\n", " \n\n ", "\t", "\u00a0", "\u2028", "\x1c"]
TEXT_LIKE = st.lists(st.tuples(st.sampled_from(PIECES) | st.text(max_size=5), st.sampled_from(SPACES))).map(
    lambda parts: "".join(map("".join, parts))
)


def plainly(text: str) -> tuple[list[Token], list[Clause]]:
    """What `split_clauses` does, token by token and with nothing remembered."""
    tokens = list(tokenize(text))
    clauses: list[Clause] = []
    start = sentence = 0

    def close(end: int) -> None:
        if end > start:
            clauses.append(Clause(start, end, sentence))

    for index, token in enumerate(tokens):
        ends = set(token.text) <= set(".!?…")
        breaks = index > 0 and "\n" in text[tokens[index - 1].end : token.start]
        if breaks:
            close(index)
            start = index
            sentence = clauses[-1].sentence + 1 if clauses else 0
        if ends or token.text in SEPARATORS:
            close(index)
            start = index + 1
            if ends and clauses:
                sentence = clauses[-1].sentence + 1
        elif token.text.lower() in CONJUNCTIONS and index - start >= 2:
            close(index)
            start = index
    close(len(tokens))
    return tokens, clauses


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


@given(TEXT_LIKE | st.text(st.characters()))
def test_tokens_and_clauses_are_those_found_without_a_memory(text: str) -> None:
    claused = split_clauses(text)
    tokens, found = plainly(text)
    assert list(claused.tokens) == tokens
    assert list(claused.clauses) == found
    assert [claused.span(clause) for clause in found] == [
        (tokens[clause.first].start, tokens[clause.last - 1].end) for clause in found
    ]
