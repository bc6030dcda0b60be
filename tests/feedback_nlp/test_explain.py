from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.clauses import split_clauses
from feedback_nlp.encoder import TokenTags
from feedback_nlp.explain import CLAUSE_MARGIN, clause_evidence, token_evidence

TEXT = "Lang gewacht, vriendelijk geholpen, snel opgelost"
CLAUSED = split_clauses(TEXT)


def shown(*scores: float) -> list[str]:
    spans = clause_evidence(CLAUSED, np.array(scores, dtype=np.float32))
    return [TEXT[span.start : span.end] for span in spans]


def tags(*logits: float) -> TokenTags:
    """Of the first two words, for one theme."""
    return placed([(0, 4), (5, 12)][: len(logits)], logits)


def tags_of_the_second_clause(logit: float) -> TokenTags:
    return placed([(14, 25), (26, 34)], (logit, logit))


def placed(places: list[tuple[int, int]], logits: tuple[float, ...]) -> TokenTags:
    where = np.array(places, dtype=np.int32).reshape(-1, 2)
    return TokenTags(where[:, 0], where[:, 1], np.array(logits, dtype=np.float32).reshape(-1, 1))


def test_the_clauses_that_speak_of_a_theme_are_shown_in_reading_order() -> None:
    assert shown(1.0, -2.0, 0.5) == ["Lang gewacht", "snel opgelost"]


def test_the_best_clause_is_shown_even_when_none_reaches_the_margin() -> None:
    assert shown(-3.0, -2.0, -4.0) == ["vriendelijk geholpen"]


def test_the_better_clause_weighs_more_and_weights_lie_between_0_and_1() -> None:
    first, last = clause_evidence(CLAUSED, np.array([9.0, -9.0, CLAUSE_MARGIN], dtype=np.float32))
    assert 0 < last.weight < first.weight <= 1


def test_a_text_without_clauses_shows_nothing() -> None:
    assert clause_evidence(split_clauses("?!"), np.zeros(0, dtype=np.float32)) == ()


def test_words_that_the_encoder_tags_raise_their_clause() -> None:
    scores = np.array([0.0, -1.0, -1.4], dtype=np.float32)
    untagged = token_evidence(CLAUSED, scores, tags(-9.0, -9.0), theme=0)
    [first] = untagged
    raised = token_evidence(CLAUSED, scores, tags_of_the_second_clause(9.0), theme=0)
    assert TEXT[first.start : first.end] == "Lang gewacht"
    assert [TEXT[span.start : span.end] for span in raised] == ["Lang gewacht", "vriendelijk geholpen"]


def test_without_tags_the_scores_alone_decide() -> None:
    scores = np.array([1.0, 2.0, -3.0], dtype=np.float32)
    assert token_evidence(CLAUSED, scores, tags(), theme=0) == clause_evidence(CLAUSED, scores)


@given(st.text(st.characters()), st.integers(0, 1_000))
def test_evidence_always_lies_inside_the_text(text: str, seed: int) -> None:
    claused = split_clauses(text)
    scores = np.random.default_rng(seed).normal(0, 2, len(claused.clauses)).astype(np.float32)
    spans = clause_evidence(claused, scores)
    assert bool(spans) == bool(claused.clauses)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
