"""How plainly a Dutch text is written: a hint while writing for customers, at about the level B1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Hint", "Readability", "readability"]

_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]*")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS: Final = re.compile(
    r"aai|ooi|oei|eeuw|ieuw|aa|ee|oo|uu|ie|oe|eu|ui|ij|ei|ou|au|[aeiouyàâäéèêëíìîïóòôöúùûü]"
)
_PASSIVE: Final = re.compile(r"\b(?:word|wordt|worden|werd|werden)\b", re.IGNORECASE)
_LONG_SENTENCE: Final = 15
_LONG_WORD: Final = 4
_DOUMA_B1: Final = 60.0
_STIFF: Final = {
    "aangaande": "over",
    "alsmede": "en ook",
    "betreffende": "over",
    "conform": "volgens",
    "derhalve": "daarom",
    "desbetreffende": "deze",
    "dienen": "moeten",
    "dient": "moet",
    "echter": "maar",
    "geschieden": "gebeuren",
    "geïmplementeerd": "ingevoerd",
    "implementeren": "invoeren",
    "indien": "als",
    "inzake": "over",
    "middels": "met",
    "mits": "als",
    "momenteel": "nu",
    "omtrent": "over",
    "optimaliseren": "verbeteren",
    "geoptimaliseerd": "verbeterd",
    "reeds": "al",
    "teneinde": "om",
    "tevens": "ook",
    "trachten": "proberen",
    "verstrekken": "geven",
    "voornoemde": "deze",
    "zulks": "dat",
}


@dataclass(frozen=True, slots=True)
class Hint:
    """What could be plainer: `sentence` (too long), `word` (too long), `stiff` (a plainer word exists) or `passive`.

    Attributes:
        kind: Which of these.
        text: The words themselves.
        instead: A plainer word, for `stiff`.
    """

    kind: str
    text: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Readability:
    """How plainly a text is written.

    Attributes:
        score: Flesch's reading ease in Douma's adaptation to Dutch, about 0 (very hard) to 100 (very easy).
        words: Words a sentence, on average.
        hints: What could be plainer, in the order of the text.
    """

    score: float
    words: float
    hints: tuple[Hint, ...]

    @property
    def plain(self) -> bool:
        """Whether it is about as plain as B1 asks: easy enough, and nothing to mend but passives."""
        return self.score >= _DOUMA_B1 and all(hint.kind == "passive" for hint in self.hints)


def readability(text: str) -> Readability | None:
    """Judge a text.

    The score is 206.84 - 0.93 * (syllables per 100 words) - 0.77 * (words per sentence): W. H. Douma, "De leesbaarheid
    van landbouwbladen", Wageningen 1960. It knows nothing of what is said; the bounds for B1 (a score of 60, sentences
    of 15 words) are rules of thumb, as the European levels themselves describe readers and not texts.

    Args:
        text: Dutch prose.

    Returns:
        The judgement; None for a text without words.
    """
    sentences = [found.strip() for found in _SENTENCE.findall(text) if _WORD.search(found)]
    words = _WORD.findall(text)
    if not words:
        return None
    syllables = sum(max(1, _syllables(word)) for word in words)
    score = 206.84 - 93.0 * syllables / len(words) - 0.77 * len(words) / len(sentences)
    hints: list[Hint] = []
    for sentence in sentences:
        inside = _WORD.findall(sentence)
        if len(inside) > _LONG_SENTENCE:
            hints.append(Hint("sentence", sentence))
        for word in inside:
            plainer = _STIFF.get(word.lower())
            if plainer is not None:
                hints.append(Hint("stiff", word, plainer))
            elif _syllables(word) > _LONG_WORD:
                hints.append(Hint("word", word))
        if _PASSIVE.search(sentence):
            hints.append(Hint("passive", sentence))
    return Readability(round(score, 1), round(len(words) / len(sentences), 1), tuple(hints))


def _syllables(word: str) -> int:
    return len(_VOWELS.findall(word.lower()))
