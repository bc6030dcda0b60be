"""What people write about that no theme covers: groups of like texts, with phrases that say what they share.

Texts are grouped in the order in which they came, each with the group whose words it shares most of, or as the first of
a new one ("leader clustering"; J. Hartigan, "Clustering Algorithms", 1975, ch. 3). A later text never moves an earlier
one, so that a group keeps its name, which is the id of its first text, from week to week for as long as that text is
looked at. Words are compared by their first letters, so that a plural or an inflection is the same word. Where texts
come with points of a sentence encoder, a text also joins the group that it is nearest to in meaning, in other words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from spacy.lang.nl.stop_words import STOP_WORDS

from feedback_nlp.language import tokenize

__all__ = ["Topic", "TopicText", "emerging_topics"]

NEAR: Final = 0.3
"""Cosine from which on a text joins a group."""

NEAR_IN_MEANING: Final = 0.30
"""Cosine of the encoder's points from which on a text joins a group whatever its words; of the texts without a theme in
the project's corpus, three pairs in two hundred are as near."""

COMMON: Final = 0.25
"""A word that more than this share of the texts so far have says nothing of a topic."""

_ENOUGH: Final = 40
_STEM: Final = 6
"""First letters by which words are compared."""

_FURTHER_STOP_WORDS: Final = frozenset(
    """alle altijd beetje bent beste beter bijna blij daarom dag dank echt eens eigenlijk elke enkel erg even fijn gaat
    geachte gedaan geen gewoon goed goede goedemiddag goedemorgen graag groet groeten groetjes hallo heel heer hele
    helemaal hoi hoogachtend iets jammer jullie keer kom komt krijg krijgt laat leuk maak maakt mag mee meneer mensen
    met mevrouw mijnheer minder misschien moest moet mvg nee niks nodig nooit nvt ooit paar prima slecht snap soms staat
    steeds super tevreden top vaak veel verder vind vindt vond vriendelijk vriendelijke waarom wel weet wil wilde zeg
    zegt zeker zelf zit zou""".split()  # noqa: SIM905
)
_PHRASES: Final = 3


@dataclass(frozen=True, slots=True)
class TopicText:
    """A text that no theme covers; texts are given in the order in which they came.

    Attributes:
        id: The caller's id of it.
        text: What it says, redacted.
        recent: Whether it is of the time in which something new is looked for.
    """

    id: str
    text: str
    recent: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of like texts that has grown of late.

    Attributes:
        id: The id of its first text, which is the group's name.
        phrases: What its texts share, the most telling first.
        size: Number of texts.
        recent: Number of recent ones among them.
        expected: Number of recent ones to be expected if the group were as old as the rest.
        p_value: Chance of at least so many recent ones in that case.
        texts: Ids of its texts, in order.
    """

    id: str
    phrases: tuple[str, ...]
    size: int
    recent: int
    expected: float
    p_value: float
    texts: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """Texts so far, how many of them have which term, and the sum of squares of that."""

    members: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    square: int = 0

    def add(self, member: int, terms: Iterable[str]) -> None:
        self.members.append(member)
        for term in terms:
            self.square += 2 * self.counts[term] + 1
            self.counts[term] += 1


def emerging_topics(
    texts: Sequence[TopicText],
    points: NDArray[np.floating] | None = None,
    *,
    least: int = 5,
    error: float = 0.05,
    near: float = NEAR,
    near_in_meaning: float = NEAR_IN_MEANING,
) -> tuple[Topic, ...]:
    """Find groups of texts that are more recent than texts without a theme are as a whole.

    Args:
        texts: In the order in which they came.
        points: Where an encoder that reads each text by itself places them (`Encoder.points`): of unit length,
            (texts, width). None compares words alone.
        least: Recent texts that a topic has at least, at least 2.
        error: Chance that anything at all is called emerging when nothing is, 0-1 (Bonferroni over the groups).
        near: Cosine of the words from which on a text joins a group, 0-1.
        near_in_meaning: Cosine of the points from which on it does.

    Returns:
        The topics, the least likely by chance first.

    Raises:
        ValueError: There are not as many points as texts.
    """
    if points is not None and len(points) != len(texts):
        raise ValueError(f"as many points as texts are needed, got {len(points)} for {len(texts)}")
    words = [list(_words(text.text)) for text in texts]
    said = [tuple(dict.fromkeys(_stem(word) for word in own if word)) for own in words]
    meaning = None if points is None else _Meaning(points, near_in_meaning)
    groups = [group for group in _grouped(said, near, meaning) if len(group.members) >= least]
    recent = sum(text.recent for text in texts)
    phrases = [{_stem(phrase): phrase for phrase in _said(own)} for own in words]
    whole = Counter(stem for own in phrases for stem in own)
    found: list[Topic] = []
    for group in groups:
        size, late = len(group.members), sum(texts[member].recent for member in group.members)
        chance = float(stats.hypergeom.sf(late - 1, len(texts), recent, size))
        if late >= max(2, least) and chance <= error / len(groups):
            found.append(
                Topic(
                    id=texts[group.members[0]].id,
                    phrases=_phrases([phrases[member] for member in group.members], whole, len(texts)),
                    size=size,
                    recent=late,
                    expected=size * recent / len(texts),
                    p_value=chance,
                    texts=tuple(texts[member].id for member in group.members),
                )
            )
    return tuple(sorted(found, key=lambda topic: topic.p_value))


class _Meaning:
    """How near each text is to the middle of each group so far, as a part of what is near enough."""

    def __init__(self, points: NDArray[np.floating], near: float) -> None:
        points = points.astype(np.float64)
        self._alike = points @ points.T
        self._near = near
        self._sums = np.zeros_like(self._alike)
        self._square = np.zeros(len(points))

    def of(self, member: int, groups: int) -> NDArray[np.float64]:
        """Of one text to all groups."""
        length = np.sqrt(np.maximum(self._square[:groups], 1e-12))
        return np.asarray(self._sums[:groups, member] / length / self._near)

    def add(self, member: int, group: int) -> None:
        """The text is one of the group's from here on."""
        self._square[group] += 2 * self._sums[group, member] + self._alike[member, member]
        self._sums[group] += self._alike[member]


def _grouped(said: Sequence[tuple[str, ...]], near: float, meaning: _Meaning | None = None) -> list[_Group]:
    groups: list[_Group] = []
    having: dict[str, list[int]] = {}
    seen: Counter[str] = Counter()
    for member, every in enumerate(said):
        most = max(_ENOUGH * COMMON, COMMON * member)
        terms = [term for term in every if seen[term] <= most]
        seen.update(every)
        if not terms:
            continue
        shared: Counter[int] = Counter()
        for term in terms:
            for place in having.get(term, ()):
                shared[place] += groups[place].counts[term]
        closeness = np.zeros(len(groups)) if meaning is None else meaning.of(member, len(groups))
        for place, together in shared.items():
            by_words = together / sqrt(len(terms) * groups[place].square) / near
            closeness[place] = max(closeness[place], by_words)
        best = int(closeness.argmax()) if len(groups) else 0
        if not groups or closeness[best] <= 1.0:
            best = len(groups)
            groups.append(_Group())
        for term in terms:
            if term not in groups[best].counts:
                having.setdefault(term, []).append(best)
        groups[best].add(member, terms)
        if meaning is not None:
            meaning.add(member, best)
    return groups


def _words(text: str) -> Iterator[str]:
    """Words that say something, in lower case; empty at punctuation and numbers."""
    for token in tokenize(text):
        word = token.text.lower()
        if not word.isalpha():
            yield ""
        elif len(word) > 2 and word not in STOP_WORDS and word not in _FURTHER_STOP_WORDS:
            yield word


def _said(words: Sequence[str]) -> Iterator[str]:
    """The words, and each two that follow each other."""
    for before, word in zip(("", *words), words, strict=False):
        if word:
            yield word
            if before:
                yield f"{before} {word}"


def _stem(phrase: str) -> str:
    return " ".join(word[:_STEM] for word in phrase.split())


def _phrases(members: Sequence[Mapping[str, str]], whole: Counter[str], texts: int) -> tuple[str, ...]:
    """What the group says more often than the rest, in its most frequent form.

    Two words together take the place of each alone.

    Args:
        members: What each text says, by its stem.
        whole: How many of all texts say each stem.
        texts: How many there are.
    """
    size, rest = len(members), max(1, texts - len(members))
    counts = Counter(stem for own in members for stem in own)
    telling = {
        stem: (n / size - (whole[stem] - n) / rest) * (1.3 if " " in stem else 1.0)
        for stem, n in counts.items()
    }
    chosen: list[str] = []
    used: set[str] = set()
    for stem in sorted(telling, key=lambda one: (-telling[one], one)):
        often = counts[stem] >= max(2, size // 5)
        if (often or not chosen) and used.isdisjoint(stem.split()):
            forms = Counter(own[stem] for own in members if stem in own)
            chosen.append(min(forms, key=lambda form: (-forms[form], form)))
            used.update(stem.split())
    return tuple(chosen[:_PHRASES])
