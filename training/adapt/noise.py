"""How people type: no capitals, no punctuation, slips of the finger. Evidence keeps its place."""

from __future__ import annotations

import random
from dataclasses import replace

from training.adapt.examples import Example, Spans

__all__ = ["typed_carelessly"]

_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "ax",
}  # fmt: skip

_Marked = list[tuple[str, int]]


def typed_carelessly(example: Example, rng: random.Random) -> Example:
    """The same example with some of: lower case, upper case, dropped signs and typing errors."""
    marked: _Marked = [(character, index) for index, character in enumerate(example.text)]
    if rng.random() < 0.35:
        marked = [
            (character.lower() if len(character.lower()) == 1 else character, at) for character, at in marked
        ]
    elif rng.random() < 0.04:
        marked = [
            (character.upper() if len(character.upper()) == 1 else character, at) for character, at in marked
        ]
    if rng.random() < 0.35:
        while len(marked) > 1 and marked[-1][0] in ".!?":
            marked.pop()
    if rng.random() < 0.15:
        marked = [pair for pair in marked if pair[0] not in ",.;:!?\"'"] or marked
    if rng.random() < 0.4:
        marked = _slips(marked, rng.uniform(0.005, 0.03), rng)
    return replace(
        example,
        text="".join(character for character, _ in marked),
        spans=_moved(example.spans, [index for _, index in marked]),
    )


def _slips(marked: _Marked, rate: float, rng: random.Random) -> _Marked:
    result: _Marked = []
    skip = False
    for place, (character, index) in enumerate(marked):
        if skip:
            skip = False
            continue
        if not character.isalpha() or rng.random() >= rate:
            result.append((character, index))
            continue
        kind = rng.randrange(4)
        following = marked[place + 1] if place + 1 < len(marked) else None
        if kind == 0 and following is not None and following[0].isalpha():
            result += [(following[0], index), (character, following[1])]
            skip = True
        elif kind == 1:
            result += [(character, index), (character, index)]
        elif kind == 2:
            near = _NEIGHBOURS.get(character.lower())
            result.append((rng.choice(near) if near else character, index))
        # the fourth kind leaves the letter out
    return result or marked


def _moved(spans: Spans, origin: list[int]) -> Spans:
    moved = []
    for start, end, theme in spans:
        inside = [place for place, index in enumerate(origin) if start <= index < end]
        if inside:
            moved.append((inside[0], inside[-1] + 1, theme))
    return tuple(moved)
