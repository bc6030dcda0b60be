"""The hint on plain Dutch."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.backlog.readability import readability

PLAIN = "U belt ons met een vraag. Wij nemen nu sneller op. U wacht nog maar één minuut."
STIFF = (
    "Teneinde de telefonische bereikbaarheid te optimaliseren heeft de organisatie besloten de openingstijden van de "
    "klantenserviceafdeling structureel uit te breiden, hetgeen tevens de doorlooptijden ten goede komt."
)


def test_plain_dutch_is_plain_and_officialese_is_not() -> None:
    plain, stiff = readability(PLAIN), readability(STIFF)
    assert plain is not None
    assert stiff is not None
    assert plain.plain
    assert plain.hints == ()
    assert not stiff.plain
    assert plain.score > 80 > 40 > stiff.score
    assert next(hint.kind for hint in stiff.hints) == "sentence"
    assert ("Teneinde", "om") in [(hint.text, hint.instead) for hint in stiff.hints]
    assert "klantenserviceafdeling" in [hint.text for hint in stiff.hints if hint.kind == "word"]


def test_the_score_is_doumas() -> None:
    found = readability("Wij komen snel. Dat is fijn.")  # 6 words, 7 syllables, 2 sentences
    assert found is not None
    assert found.score == round(206.84 - 93 * 7 / 6 - 0.77 * 3, 1)
    assert found.words == 3.0


def test_a_passive_is_a_hint_and_no_obstacle() -> None:
    found = readability("Uw brief wordt snel gelezen.")
    assert found is not None
    assert [hint.kind for hint in found.hints] == ["passive"]
    assert found.plain


@given(st.text())
def test_any_text_can_be_judged(text: str) -> None:
    found = readability(text)
    assert found is None or found.words >= 1


def test_a_text_without_words_says_nothing() -> None:
    assert readability("… 12 !") is None
