"""The Dutch pipelines, and whether a text is Dutch at all.

What models see always comes from spaCy's blank Dutch tokenizer, so that a model means the same on every machine. The
trained pipeline `nl_core_news_sm` is optional: where it is installed, redaction can ask it for further names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

import spacy

from feedback_nlp.memo import Memo

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline
    from spacy.tokenizer import Tokenizer

__all__ = [
    "CHUNK",
    "LONGEST_CHUNK",
    "PIPELINE_NAME",
    "PipelineStatus",
    "Token",
    "detect_language",
    "pipeline_status",
    "split_chunk",
    "tokenize",
    "trained_pipeline",
]

PIPELINE_NAME = "nl_core_news_sm"

LONGEST_CHUNK = 64
"""Most characters that are split into tokens together."""

CHUNK = re.compile(rf"\S{{1,{LONGEST_CHUNK}}}")
"""What is split into tokens by itself: a run of at most 64 characters without a space."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[^\W\d_]+")
_MIN_WORDS = 3
_LONE_SUFFIXES = frozenset(",!?")


class Token(NamedTuple):
    """A token as it stands in the text: `text[start:end]`, in code points."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PipelineStatus:
    """Whether the trained Dutch pipeline is there, and in which version (None when it is not)."""

    installed: bool
    version: str | None


@cache
def _tokenizer() -> Tokenizer:
    return spacy.blank("nl").tokenizer


@lru_cache(maxsize=100_000)
def split_chunk(chunk: str) -> tuple[tuple[int, int], ...]:
    """Where the tokens of a run of non-space characters stand in it."""
    # Letters with at most one mark behind them need no search; that this is what spaCy does too is tested.
    if chunk not in _tokenizer().rules:
        if chunk.isalpha():
            return ((0, len(chunk)),)
        if chunk[-1] in _LONE_SUFFIXES and chunk[:-1].isalpha() and chunk[:-1] not in _tokenizer().rules:
            return ((0, len(chunk) - 1), (len(chunk) - 1, len(chunk)))
    doc = _tokenizer()(_SURROGATE.sub("\ufffd", chunk))
    return tuple((token.idx, token.idx + len(token.text)) for token in doc if not token.is_space)


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a text by the blank Dutch pipeline, white space left out.

    Runs of more than 64 characters without a space are cut, so that no text takes more than linear time.
    """
    for match in CHUNK.finditer(text):
        chunk, offset = match[0], match.start()
        for start, end in split_chunk(chunk):
            yield Token(chunk[start:end], offset + start, offset + end)


def pipeline_status(name: str = PIPELINE_NAME) -> PipelineStatus:
    """Look, without loading it, whether the trained pipeline is installed."""
    if not spacy.util.is_package(name):
        return PipelineStatus(installed=False, version=None)
    return PipelineStatus(installed=True, version=metadata.version(name))


@cache
def trained_pipeline(name: str = PIPELINE_NAME) -> Pipeline | None:
    """The trained pipeline, loaded once per process; None when it is not installed."""
    if not pipeline_status(name).installed:
        return None
    return spacy.load(name)


# The commonest function words of the languages that reach a Dutch service desk; words that two of them share are in
# neither. No two codes begin with the same letter.
_FUNCTION_WORDS = {
    "nl": """
        aan al als bij in is was we dan dat de deze die dit door een en er ge geen gij had hebben heb heeft het hij
        hoe iemand ik ja je jij jou jullie kan kon maar me mee meer mij mijn moet na naar nee niet niets niks nog
        nooit nu of om onder ons onze ook op over prima snel te toch toen uit uw u van veel voor waar want wat weer
        wel werd wie wij word worden wordt ze zeer zelf zich zijn zo zonder zou goed slecht altijd vriendelijk
        duidelijk geholpen wachten gewoon keer nvt alles
    """,
    "en": """
        about after all an and any are at be because been but by can could did do for from had has have he her him how
        i if it its just me my no not of on or our out she should so that the their them then there they this to up us
        very was we were what when which who why will with would you your good bad service
    """,
    "de": """
        aber als auch auf aus bei bin das dass dem den der des die doch ein eine einen einer er es für habe haben hat
        ich ihr im ist ja kann kein keine mich mir mit nach nicht noch nur oder schon sehr sich sie sind und uns von
        vor war waren wenn wie wir wird zu zum zur
    """,
    "fr": """
        à au aux avec c'est ce ces cette dans des du elle est et eux il ils je j'ai la le les leur lui ma mais mes moi
        mon même ne nous on ou où par pas pour qu que qui sa sans se ses son sont sur ta tes toi ton tu un une vos
        votre vous très été pourquoi bonne merci rien toute bien
    """,
}


@cache
def _language_of_word() -> dict[str, str]:
    """Function word to language; words that several languages share are left out."""
    languages: dict[str, set[str]] = {}
    for code, words in _FUNCTION_WORDS.items():
        for word in words.split():
            languages.setdefault(word, set()).add(code)
    return {word: next(iter(codes)) for word, codes in languages.items() if len(codes) == 1}


_DUTCH, _NO_LANGUAGE = "n", "-"


def _marks(chunk: str) -> str:
    """A mark for every word in a run without a space: the initial of the one language whose function word it is."""
    language_of = _language_of_word()
    return "".join(language_of.get(word, _NO_LANGUAGE)[0] for word in _WORD.findall(chunk.lower()))


_marks_of = Memo(_marks, LONGEST_CHUNK)


def detect_language(text: str) -> str:
    """Which language a text is in, by its function words.

    Returns:
        "nl", or "en", "de", "fr" when one of these clearly prevails, "und" when there are too few words to tell.
    """
    marks = "".join(map(_marks_of.__getitem__, text.split()))
    if len(marks) < _MIN_WORDS:
        return "und"
    dutch = marks.count(_DUTCH)
    if dutch + marks.count(_NO_LANGUAGE) == len(marks):
        return "nl" if dutch else "und"
    hits = {code: marks.count(code[0]) for code in _FUNCTION_WORDS}
    # of languages with as many hits Dutch, else the one that comes first in the text
    best = max(hits, key=lambda code: (hits[code], code == "nl", -marks.find(code[0])))
    clear = hits[best] > 2 * dutch and (hits[best] >= 3 or hits[best] >= 0.3 * len(marks))
    return best if clear else "nl"
