"""How far annotators agree beyond chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Agreement", "krippendorff_alpha", "theme_agreement"]

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha of one label.

    Attributes:
        code: The label.
        alpha: 1 is perfect, 0 what chance gives; None where all say the same everywhere, so that there is nothing
        to agree on.
        low: Lower end of the 95 % bootstrap interval over items, or None.
        high: Upper end, or None.
        items: Items with two or more annotators.
    """

    code: str
    alpha: float | None
    low: float | None
    high: float | None
    items: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        rounded = {
            name: None if (value := getattr(self, name)) is None else round(value, 4)
            for name in ("alpha", "low", "high")
        }
        return {"code": self.code, **rounded, "items": self.items}


def krippendorff_alpha(values: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> float:
    """Krippendorff's alpha for nominal data (K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011).

    alpha = 1 - observed / expected disagreement, from the coincidences of values within items; items with fewer
    than two values are left out.

    Args:
        values: (annotators, items); NaN where an annotator gave none.
        weights: How often each item counts, (items,); None for once.

    Returns:
        Alpha; NaN where it is not defined: fewer than two values in every item, or one value everywhere.
    """
    weight = np.ones(values.shape[1]) if weights is None else weights
    levels = np.unique(values[~np.isnan(values)])
    if not levels.size:
        return float("nan")
    counts = np.stack([(values == level).sum(axis=0) for level in levels], axis=1).astype(float)
    size = counts.sum(axis=1)
    pairable = size >= 2
    counts, size, weight = counts[pairable], size[pairable], weight[pairable]
    if not size.size:
        return float("nan")
    share = weight / (size - 1)
    observed = float((share * (size**2 - (counts**2).sum(axis=1))).sum())
    totals = weight @ counts
    n = float(totals.sum())
    expected = float(n**2 - (totals**2).sum()) / (n - 1) if n > 1 else 0.0
    return 1 - observed / expected if expected > 0 else float("nan")


def theme_agreement(
    labels: Sequence[Mapping[str, Mapping[str, int]]], codes: Sequence[str], seed: int = 0
) -> list[Agreement]:
    """Agreement per theme on whether it is spoken of, then `polarity` over all themes that two or more assigned.

    Args:
        labels: Per item the annotators' themes: annotator to theme code to polarity. Items with one annotator count
        for nothing.
        codes: Theme codes.
        seed: For the bootstrap.

    Returns:
        One entry a theme, in the order of `codes`, and last one for `polarity`.
    """
    people = sorted({person for item in labels for person in item})
    place = {person: row for row, person in enumerate(people)}
    presence = np.full((len(codes), len(people), len(labels)), np.nan)
    tones: list[NDArray[np.float64]] = []
    for column, item in enumerate(labels):
        for person, themes in item.items():
            presence[:, place[person], column] = [code in themes for code in codes]
        for code in codes:
            given = np.full(len(people), np.nan)
            for person, themes in item.items():
                if code in themes:
                    given[place[person]] = themes[code]
            if (~np.isnan(given)).sum() >= 2:
                tones.append(given)
    result = [_with_interval(code, presence[k], seed) for k, code in enumerate(codes)]
    polarity = np.stack(tones, axis=1) if tones else np.full((1, 1), np.nan)
    return [*result, _with_interval("polarity", polarity, seed)]


def _with_interval(code: str, values: NDArray[np.float64], seed: int) -> Agreement:
    items = int(((~np.isnan(values)).sum(axis=0) >= 2).sum())
    alpha = krippendorff_alpha(values)
    if np.isnan(alpha):
        return Agreement(code, None, None, None, items)
    generator = np.random.default_rng(seed)
    n = values.shape[1]
    draws = [
        krippendorff_alpha(values, generator.multinomial(n, np.full(n, 1 / n)).astype(float))
        for _ in range(_RESAMPLES)
    ]
    defined = np.array(draws)[~np.isnan(draws)]
    low, high = np.quantile(defined, [0.025, 0.975]) if defined.size else (alpha, alpha)
    return Agreement(code, float(alpha), float(low), float(high), items)
