from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from feedback_nlp.labels import LabelledTexts, Quote
from feedback_nlp.records import Analysis, Span, ThemeMention
from feedback_nlp.taxonomy import Taxonomy
from tests.fakes import FakeAnalyzer
from training.evidence import evidence_f1

TEXT = "Lang gewacht maar heel begripvol geholpen"
THEMES = ("bereikbaarheid", "empathie")


def data(*quotes: tuple[int, str]) -> LabelledTexts:
    """One text, with quotes as theme number and words."""
    zero = np.zeros(1)
    themes = np.zeros((1, 2), dtype=bool)
    for theme, _ in quotes:
        themes[0, theme] = True
    return LabelledTexts(
        texts=(TEXT,),
        themes=themes,
        polarity=themes.astype(np.int8),
        quotes=tuple(Quote(0, theme, TEXT.index(w), TEXT.index(w) + len(w)) for theme, w in quotes),
        sentiment=zero,
        nps=zero,
        cas=zero,
        signals=np.zeros((1, 1), dtype=bool),
        weight=zero,
    )


def shown(*words: str | None) -> Analysis:
    """An analysis that shows these words for the themes, in order."""
    mentions = []
    for code, piece in zip(THEMES, words, strict=True):
        spans = () if piece is None else (Span(TEXT.index(piece), TEXT.index(piece) + len(piece), 0.5),)
        mentions.append(ThemeMention(code, code, 0.5, bool(spans), 0.0, spans))
    return replace(FakeAnalyzer(Taxonomy.default()).analyze(TEXT), themes=tuple(mentions))


def test_the_same_words_are_a_full_hit() -> None:
    figures = evidence_f1(
        data((0, "Lang gewacht"), (1, "begripvol")), [shown("Lang gewacht", "begripvol")], THEMES
    )
    assert figures == {"macro": 1.0, "end_to_end": 1.0, "themes": {"bereikbaarheid": 1.0, "empathie": 1.0}}


def test_words_too_many_and_too_few_cost_alike() -> None:
    figures = evidence_f1(
        data((0, "Lang gewacht"), (1, "heel begripvol geholpen")),
        [shown("gewacht maar", "begripvol")],
        THEMES,
    )
    assert figures["themes"] == {
        "bereikbaarheid": pytest.approx(2 * 1 / (2 + 2)),
        "empathie": pytest.approx(2 * 1 / (1 + 3)),
    }


def test_a_missed_and_a_wrong_theme_count_end_to_end_only() -> None:
    gold = data((0, "Lang gewacht"))
    assert evidence_f1(gold, [shown("Lang gewacht", "begripvol")], THEMES)["end_to_end"] == 0.5
    figures = evidence_f1(gold, [shown(None, None)], THEMES)
    assert (figures["macro"], figures["end_to_end"]) == (0.0, 0.0)
