from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from training.adapt.examples import PART_SENTIMENT, UNKNOWN, Example, Labels, from_item, joined, part
from training.adapt.noise import typed_carelessly

LABELS = Labels(("snelheid", "kosten", "empathie"), ("klacht",))


def example(text: str = "Snel geholpen, maar de premie is te hoog. Wel een lieve dame.") -> Example:
    return from_item(
        LABELS,
        text,
        {"snelheid": 1, "kosten": -1, "empathie": 1},
        {"snelheid": ["Snel geholpen"], "kosten": ["de premie is te hoog"], "empathie": ["lieve dame"]},
        0, 7, 7, None, [],
    )  # fmt: skip


def test_an_item_knows_where_its_evidence_is() -> None:
    item = example()

    assert {item.text[a:b] for a, b, theme in item.spans if theme == 1} == {"de premie is te hoog"}
    assert item.themes == (1, 1, 1)
    assert item.polarity == (2, 0, 2)
    assert item.tagged == (1, 1, 1)
    assert item.scalars == (0.0, 0.4, 0.4, None)
    assert item.signals == (0,)


def test_a_quote_that_is_not_in_the_text_leaves_its_theme_untagged() -> None:
    item = from_item(
        LABELS, "Te duur", {"kosten": -1}, {"kosten": ["veel te duur"]}, None, None, None, None, []
    )

    assert item.tagged == (1, 0, 1)
    assert item.spans == ()


@given(st.integers(0, 10_000))
def test_a_part_keeps_only_the_themes_it_shows(seed: int) -> None:
    item = example()
    piece = part(item, random.Random(seed))

    assert piece is not None
    assert piece.text in item.text
    assert all(value is None for value in piece.scalars[1:])
    for a, b, theme in piece.spans:
        assert 0 <= a < b <= len(piece.text)
        assert piece.themes[theme] in (1, UNKNOWN)
    for theme, quote in enumerate(("Snel geholpen", "de premie is te hoog", "lieve dame")):
        if quote in piece.text:
            assert piece.themes[theme] == 1
        elif not any(number == theme for _, _, number in piece.spans):
            assert piece.themes[theme] == 0
            assert piece.polarity[theme] == UNKNOWN


def test_the_sentiment_of_a_part_follows_from_its_themes_and_leans_no_further_than_the_whole_text_allows() -> (
    None
):
    item = example()
    sentiments = {
        piece.text: piece.scalars[0]
        for piece in (part(item, random.Random(seed)) for seed in range(60))
        if piece is not None
    }

    assert sentiments["Snel geholpen"] == PART_SENTIMENT
    assert sentiments["de premie is te hoog"] == -PART_SENTIMENT
    angry = from_item(
        LABELS, "Veel te duur, nooit meer", {"kosten": -1}, {"kosten": ["Veel te duur"]}, -2, 0, 0, None, []
    )
    short = {
        piece.text: piece.scalars[0]
        for piece in (part(angry, random.Random(seed)) for seed in range(60))
        if piece is not None
    }
    assert short["Veel te duur"] == (-PART_SENTIMENT - 1) / 2
    assert short["nooit meer"] is None


def test_a_single_clause_without_evidence_has_no_parts() -> None:
    plain = from_item(LABELS, "Prima", {}, {}, 1, 7, 7, None, [])

    assert part(plain, random.Random(1)) is None


def test_the_polarity_of_a_quote_is_not_learned_from_a_mixed_theme() -> None:
    mixed = from_item(
        LABELS, "Soms duur, soms niet", {"kosten": 0}, {"kosten": ["Soms duur"]}, 0, 6, 6, None, []
    )
    pieces = [part(mixed, random.Random(seed)) for seed in range(30)]

    assert mixed.polarity[1] == 1
    assert {piece.polarity[1] for piece in pieces if piece is not None} == {UNKNOWN}


def test_two_items_in_one_text_keep_the_places_of_their_evidence() -> None:
    both = joined(example(), example(), "\n")

    quotes = sorted(both.text[a:b] for a, b, theme in both.spans if theme == 2)
    assert quotes == ["lieve dame", "lieve dame"]


def test_opposite_polarities_in_two_items_are_masked() -> None:
    cheap = from_item(LABELS, "Lekker goedkoop", {"kosten": 1}, {"kosten": ["goedkoop"]}, 2, 9, 9, None, [])
    both = joined(example(), cheap, " ")

    assert both.polarity[1] == UNKNOWN
    assert both.themes[1] == 1
    assert both.scalars[0] is None


@given(st.integers(0, 10_000))
def test_careless_typing_keeps_evidence_where_it_was(seed: int) -> None:
    item = example()
    noisy = typed_carelessly(item, random.Random(seed))

    assert [theme for _, _, theme in noisy.spans] == [theme for _, _, theme in item.spans]
    for (a, b, _), (c, d, _) in zip(item.spans, noisy.spans, strict=True):
        before = {letter for letter in item.text[a:b].lower() if letter.isalpha()}
        after = {letter for letter in noisy.text[c:d].lower() if letter.isalpha()}
        assert len(before & after) >= 0.6 * len(before)
    assert noisy.themes == item.themes
