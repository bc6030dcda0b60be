"""From daily counts to figures, each with its n and interval; nothing here knows of pages or SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import (
    CasScale,
    CesVariant,
    Estimate,
    Moments,
    Patterns,
    Quantifier,
    ces_from_counts,
    nps_from_counts,
    overall_nps_of_moments,
    wilson,
)

__all__ = [
    "Figure",
    "Scores",
    "added",
    "figure",
    "maybe",
    "merged",
    "packed",
    "quantifier_of",
    "scores_of",
    "share",
    "theme_nps",
]

LEVEL: Final = 0.95
_SIDES: Final = {"-": -1.0, "=": 0.0, "+": 1.0}
_NOBODY: Final = Moments(0, np.zeros(3), np.zeros((3, 3)))


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure with its 95 % interval and what it rests on.

    Attributes:
        measure: What it is, always with its variant.
        value: In the measure's own unit.
        low: Lower bound of the interval.
        high: Upper bound of the interval.
        n: How many answers, or items, carry it.
        n_given: How many of them customers gave themselves.
        n_estimated: How many were estimated from their words.
        method: How the interval was made.
    """

    measure: str
    value: float
    low: float
    high: float
    n: int
    n_given: int
    n_estimated: int
    method: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of some feedback; None where nobody gave any.

    Attributes:
        items: How many items there are.
        nps: Of the customers who gave a score.
        nps_all: Of all customers; the scores that nobody gave are estimated from their words by quantification. None
            also when there are too few given scores to learn from.
        ces: Customer effort.
        cas: Customer advocacy.
        eps: Employees.
        fcr: First-contact resolution.
    """

    items: int
    nps: Figure | None
    nps_all: Figure | None
    ces: Figure | None
    cas: Figure | None
    eps: Figure | None
    fcr: Figure | None


def maybe(estimate: Estimate | None) -> Figure | None:
    """An estimate as a figure; None of None."""
    return None if estimate is None else figure(estimate)


def figure(estimate: Estimate) -> Figure:
    """An estimate of the library as a figure."""
    return Figure(
        estimate.measure,
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.n,
        estimate.n_given,
        estimate.n_estimated,
        estimate.method,
    )


def share(part: int, whole: int, measure: str) -> Figure | None:
    """A share in per cent; None of nothing."""
    return figure(wilson(part, whole, measure, LEVEL)) if whole else None


def theme_nps(groups: tuple[int, int, int]) -> Figure | None:
    """The NPS of promoters, passives and detractors; None without any."""
    return figure(nps_from_counts(*groups, LEVEL)) if sum(groups) else None


def scores_of(
    counts: Mapping[str, int], guesses: Mapping[int, Moments], quantifier: Quantifier | None
) -> Scores:
    """All scores of some feedback.

    Args:
        counts: How the scores are spread, by the columns of `ScoreCount`; none of nothing.
        guesses: What the model thought of customers, by the group of the score that they gave; -1: none.
        quantifier: What given scores teach; None when there were too few.
    """
    if not counts:
        return Scores(0, None, None, None, None, None, None)
    groups = counts["promoters"], counts["passives"], counts["detractors"]
    praise, doubt, blame = (counts[f"employee_{name}"] for name in ("promoters", "passives", "detractors"))
    silent = guesses.get(-1, _NOBODY)
    together = None
    if quantifier is not None and (silent.n or any(groups)):
        together = figure(overall_nps_of_moments(groups, silent, quantifier, LEVEL))
    variant, scale = CesVariant.AGREE_1_7, CasScale.ZERO_TO_TEN
    effort = [counts[f"ces_{answer}"] for answer in range(variant.low, variant.high + 1)]
    return Scores(
        items=counts["items"],
        nps=theme_nps(groups),
        nps_all=together,
        ces=figure(ces_from_counts(effort, variant, LEVEL)) if any(effort) else None,
        cas=share(counts["cas_agree"], counts["cas_agree"] + counts["cas_other"], scale.label),
        eps=figure(nps_from_counts(praise, doubt, blame, LEVEL, "EPS")) if praise + doubt + blame else None,
        fcr=share(counts["solved"], counts["solved"] + counts["unsolved"], "First-contact resolution"),
    )


def added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts added up, column by column; nothing of nothing."""
    total: dict[str, int] = {}
    for part in parts:
        for name, n in part.items():
            total[name] = total.get(name, 0) + n
    return total


def quantifier_of(guesses: Iterable[Mapping[int, Moments]]) -> Quantifier | None:
    """What the customers who gave a score teach about those who gave none; None when they are too few."""
    held = merged(guesses)
    try:
        return Quantifier.of_moments([held[group] for group in range(3)])
    except MeasureError:
        return None


def merged(parts: Iterable[Mapping[int, Moments]]) -> dict[int, Moments]:
    """What the model thought of several sets of customers together, by the group of the score that they gave."""
    held = list(parts)
    return {group: _added(one[group] for one in held if group in one) for group in (-1, 0, 1, 2)}


def packed(counts: Mapping[tuple[Any, ...], int], codes: Sequence[str], *, scored: bool) -> Patterns:
    """Patterns of the counts as the measures want them.

    Args:
        counts: How many items have a pattern (and an answer, with `scored`).
        codes: The themes, in the order of the columns; others are left out.
        scored: Whether the answer stands in the first column.
    """
    place = {code: index + scored for index, code in enumerate(codes)}
    rows = np.full((len(counts), len(codes) + scored), np.nan)
    for row, key in zip(rows, counts, strict=True):
        for said in str(key[0]).split():
            column = place.get(said[:-1])
            if column is not None:
                row[column] = _SIDES[said[-1]]
        if scored:
            row[0] = float(key[1])
    return Patterns(rows, np.fromiter(counts.values(), dtype=np.int64, count=len(counts)))


def _added(parts: Iterable[Moments]) -> Moments:
    total = _NOBODY
    for part in parts:
        total = Moments(total.n + part.n, total.total + part.total, total.products + part.products)
    return total
