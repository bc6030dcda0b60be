"""Judging one case: the reasons why the analyses of its texts fail it.

Reasons name codes and numbers, never the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from feedback_nlp.records import Analysis
from training.behaviour.cases import (
    Aspect,
    Case,
    Direction,
    DirectionCase,
    Expectation,
    FunctionalityCase,
)

__all__ = ["NEAR_ZERO", "SAME_POLARITY", "reasons_of"]

NEAR_ZERO = 0.5
"""A theme expected at polarity 0 must have a polarity of at most this size, on the scale -1 to 1."""

SAME_POLARITY = 0.2
"""A polarity has turned when its sign differs and it moved by more than this, so that a tremble around 0 is no turn."""


def reasons_of(case: Case, analyses: Sequence[Analysis]) -> tuple[str, ...]:
    """Why the case fails; empty when it passes.

    Args:
        case: The case.
        analyses: One for each of `case.texts`, in that order.

    Raises:
        ValueError: There are more or fewer analyses than texts.
    """
    if len(analyses) != len(case.texts):
        raise ValueError(f"{case.id}: {len(case.texts)} texts but {len(analyses)} analyses")
    if isinstance(case, FunctionalityCase):
        return tuple(_unmet(case.expect, analyses[0]))
    if isinstance(case, DirectionCase):
        before, after = analyses
        moved = [reason for direction in case.directions for reason in _wrong_way(direction, before, after)]
        then = _unmet(case.then_expect, after) if case.then_expect else ()
        return (*moved, *(f"then: {reason}" for reason in then))
    original = analyses[0]
    return tuple(
        f"variant {number}: {reason}"
        for number, variant in enumerate(analyses[1:], start=1)
        for aspect in case.same
        for reason in _DIFFERENCES[aspect](original, variant)
    )


def _unmet(expect: Expectation, analysis: Analysis) -> Iterator[str]:
    themes = {theme.code: theme for theme in analysis.themes}
    for code, polarity in expect.themes.items():
        theme = themes[code]
        if not theme.assigned:
            yield f"{code} not assigned (score {theme.score:.2f})"
        elif not _polarity_is(polarity, theme.polarity):
            yield f"{code} has polarity {theme.polarity:+.2f}, expected {polarity:+d}"
    for theme in analysis.assigned_themes:
        if theme.code in expect.absent or ("*" in expect.absent and theme.code not in expect.themes):
            yield f"{theme.code} assigned (score {theme.score:.2f})"
    if expect.sentiment not in (None, analysis.sentiment.label):
        yield f"sentiment {analysis.sentiment.label} ({analysis.sentiment.score:+.2f}), expected {expect.sentiment}"
    signals = {signal.code: signal for signal in analysis.signals}
    for code in expect.signals:
        if not signals[code].assigned:
            yield f"signal {code} not assigned (score {signals[code].score:.2f})"
    for code in expect.absent_signals:
        if signals[code].assigned:
            yield f"signal {code} assigned (score {signals[code].score:.2f})"


def _polarity_is(expected: int, polarity: float) -> bool:
    return abs(polarity) <= NEAR_ZERO if expected == 0 else expected * polarity > 0


def _wrong_way(direction: Direction, before: Analysis, after: Analysis) -> Iterator[str]:
    old, new = _measure(direction.measure, before), _measure(direction.measure, after)
    rise = new - old
    kept = {
        "up": rise > direction.tolerance,
        "down": -rise > direction.tolerance,
        "not_up": rise <= direction.tolerance,
        "not_down": -rise <= direction.tolerance,
    }[direction.change]
    if not kept:
        wanted = f"{direction.change.replace('_', ' ')} (tolerance {direction.tolerance:g})"
        yield f"{direction.measure} went from {old:.2f} to {new:.2f}, expected {wanted}"


def _measure(name: str, analysis: Analysis) -> float:
    kind, _, code = name.partition(":")
    if kind == "signal":
        return next(signal.score for signal in analysis.signals if signal.code == code)
    if code:
        theme = next(theme for theme in analysis.themes if theme.code == code)
        return theme.score if kind == "theme" else theme.polarity
    if kind == "sentiment":
        return analysis.sentiment.score
    return analysis.advocacy.nps.value if kind == "nps" else analysis.advocacy.cas.value


def _different_themes(original: Analysis, variant: Analysis) -> Iterator[str]:
    yield from _set_change(
        "theme", *({t.code for t in analysis.assigned_themes} for analysis in (original, variant))
    )


def _different_signals(original: Analysis, variant: Analysis) -> Iterator[str]:
    yield from _set_change(
        "signal", *({s.code for s in analysis.signals if s.assigned} for analysis in (original, variant))
    )


def _set_change(kind: str, before: set[str], after: set[str]) -> Iterator[str]:
    yield from (f"{kind} {code} lost" for code in sorted(before - after))
    yield from (f"{kind} {code} gained" for code in sorted(after - before))


def _different_polarity(original: Analysis, variant: Analysis) -> Iterator[str]:
    after = {theme.code: theme.polarity for theme in variant.assigned_themes}
    for theme in original.assigned_themes:
        old, new = theme.polarity, after.get(theme.code, theme.polarity)
        if old * new < 0 and abs(old - new) > SAME_POLARITY:
            yield f"{theme.code} turned from {old:+.2f} to {new:+.2f}"


def _different_sentiment(original: Analysis, variant: Analysis) -> Iterator[str]:
    if original.sentiment.label != variant.sentiment.label:
        yield f"sentiment went from {original.sentiment.label} to {variant.sentiment.label}"


_DIFFERENCES: dict[Aspect, Callable[[Analysis, Analysis], Iterator[str]]] = {
    "themes": _different_themes,
    "polarity": _different_polarity,
    "sentiment": _different_sentiment,
    "signals": _different_signals,
}
