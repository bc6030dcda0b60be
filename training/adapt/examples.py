"""What the network learns from: texts with targets per token and per text.

An item gives one example as it is, and on demand others: a part of it (a run of its clauses, or one quote), two items
in one text, and the same text typed carelessly. Targets follow along: a quote's place in the text is the target of the
token tags, a part without evidence of a theme is a negative example of it, a part's sentiment follows from the polarity
of the themes in it, and what a part cannot tell (the scores given, the signals) is masked.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

__all__ = ["Example", "Labels", "Spans", "from_item", "joined", "part"]

Spans = tuple[tuple[int, int, int], ...]
"""Start, end (code points) and number of the theme."""

UNKNOWN = -1

PART_SENTIMENT = 0.65
"""Sentiment of a part whose themes all have one polarity, as a share of the most extreme: about the mean of the corpus'
short items with one theme (-1.16 and 1.37 on a scale of -2 to 2)."""

_BREAK = re.compile(r"(?<=[.!?;:\n])\s+|,\s+|\s+(?=maar\s|alleen\s|wel\s|toch\s|terwijl\s|en\s)")


@dataclass(frozen=True)
class Labels:
    """The order of themes and signals, which is the order of the network's outputs."""

    themes: tuple[str, ...]
    signals: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """One text with its targets; `UNKNOWN` masks a target.

    Attributes:
        text: The text.
        spans: Where a theme's evidence is.
        themes: Per theme 1, 0 or `UNKNOWN`.
        tagged: Per theme 1 where ``spans`` is complete for it, else 0.
        polarity: Per theme 0 negative, 1 mixed or neutral, 2 positive, or `UNKNOWN`.
        scalars: Sentiment, NPS, CAS, CES scaled to -1..1; None masks.
        signals: Per signal 1, 0 or `UNKNOWN`.
    """

    text: str
    spans: Spans
    themes: tuple[int, ...]
    tagged: tuple[int, ...]
    polarity: tuple[int, ...]
    scalars: tuple[float | None, ...]
    signals: tuple[int, ...]


def from_item(
    labels: Labels,
    text: str,
    themes: Mapping[str, int],
    evidence: Mapping[str, Sequence[str]],
    sentiment: float | None,
    nps: float | None,
    cas: float | None,
    ces: float | None,
    signals: Sequence[str],
) -> Example:
    """The example an item is as it stands. A quote that is not in the text leaves its theme untagged."""
    spans = []
    tagged = []
    for number, code in enumerate(labels.themes):
        found = [(text.find(quote), len(quote)) for quote in evidence.get(code, ()) if quote]
        complete = all(start >= 0 for start, _ in found) and bool(found) == (code in themes)
        tagged.append(int(complete))
        spans += [(start, start + size, number) for start, size in found if start >= 0]
    return Example(
        text,
        tuple(spans),
        tuple(int(code in themes) for code in labels.themes),
        tuple(tagged),
        tuple(themes[code] + 1 if code in themes else UNKNOWN for code in labels.themes),
        (
            None if sentiment is None else sentiment / 2,
            None if nps is None else (nps - 5) / 5,
            None if cas is None else (cas - 5) / 5,
            None if ces is None else (ces - 4) / 3,
        ),
        tuple(int(code in signals) for code in labels.signals),
    )


def part(example: Example, rng: random.Random) -> Example | None:
    """A run of one or two clauses, or one quote; None where the text is a single clause and has no quote."""
    if example.spans and rng.random() < 0.4:
        start, end, _ = rng.choice(example.spans)
        return _cut(example, start, end)
    bounds = _clauses(example.text)
    if len(bounds) < 2:
        return None
    first = rng.randrange(len(bounds))
    last = min(first + rng.choice((0, 0, 1)), len(bounds) - 1)
    if first == 0 and last == len(bounds) - 1:
        return None
    return _cut(example, bounds[first][0], bounds[last][1])


def joined(one: Example, two: Example, glue: str) -> Example:
    """Both texts in one; targets that the two disagree on are masked."""
    shift = len(one.text) + len(glue)
    pairs = list(zip(one.scalars, two.scalars, strict=True))
    far = pairs[0][0] is None or pairs[0][1] is None or abs(pairs[0][0] - pairs[0][1]) > 0.5
    return Example(
        one.text + glue + two.text,
        one.spans + tuple((start + shift, end + shift, theme) for start, end, theme in two.spans),
        tuple(_either(a, b) for a, b in zip(one.themes, two.themes, strict=True)),
        tuple(a & b for a, b in zip(one.tagged, two.tagged, strict=True)),
        tuple(
            b if a == UNKNOWN else a if b in (UNKNOWN, a) else UNKNOWN
            for a, b in zip(one.polarity, two.polarity, strict=True)
        ),
        tuple(None if far or a is None or b is None else (a + b) / 2 for a, b in pairs),
        tuple(_either(a, b) for a, b in zip(one.signals, two.signals, strict=True)),
    )


def _either(one: int, two: int) -> int:
    if 1 in (one, two):
        return 1
    return UNKNOWN if UNKNOWN in (one, two) else 0


def _clauses(text: str) -> list[tuple[int, int]]:
    bounds = []
    at = 0
    for match in _BREAK.finditer(text):
        if match.start() - at >= 8:
            bounds.append((at, match.start()))
            at = match.end()
    if at < len(text):
        bounds.append((at, len(text)))
    return bounds


def _cut(example: Example, start: int, end: int) -> Example:
    """The text from ``start`` to ``end``: half a quote leaves its theme unknown, less than that makes it absent."""
    spans = []
    themes = list(example.themes)
    polarity = list(example.polarity)
    tagged = list(example.tagged)
    for number, present in enumerate(example.themes):
        if present != 1:
            continue
        shares = []
        for a, b, theme in example.spans:
            if theme == number:
                low, high = max(a, start), min(b, end)
                share = max(0, high - low) / (b - a)
                shares.append(share)
                if share > 0:
                    spans.append((low - start, high - start, number))
        best = max(shares, default=0.5)
        themes[number] = 1 if best >= 0.7 else UNKNOWN if best > 0.1 or not example.tagged[number] else 0
        if themes[number] != 1 or polarity[number] == 1:
            polarity[number] = UNKNOWN
        if themes[number] == UNKNOWN:
            tagged[number] = 0
    return replace(
        example,
        text=example.text[start:end],
        spans=tuple(spans),
        themes=tuple(themes),
        tagged=tuple(tagged),
        polarity=tuple(polarity),
        scalars=(
            _sentiment_of_part(themes, polarity, example.scalars[0]),
            *(None,) * (len(example.scalars) - 1),
        ),
        signals=(UNKNOWN,) * len(example.signals),
    )


def _sentiment_of_part(themes: Sequence[int], polarity: Sequence[int], whole: float | None) -> float | None:
    """Sentiment -1 to 1 of a part, or None where the polarity of a theme in it is not known for sure.

    Where the whole text leans the same way, its sentiment says how strongly.
    """
    signs = [sign - 1 for theme, sign in zip(themes, polarity, strict=True) if theme == 1 and sign != UNKNOWN]
    if not signs or len(signs) < sum(theme != 0 for theme in themes):
        return None
    sentiment = PART_SENTIMENT * sum(signs) / len(signs)
    return (sentiment + whole) / 2 if whole is not None and sentiment * whole > 0 else sentiment
