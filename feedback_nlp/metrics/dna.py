"""The Customer Centric DNA index: how customers speak of an organisation's processes and of its people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, need_columns
from feedback_nlp.metrics.frames import polarity_matrix
from feedback_nlp.metrics.intervals import Estimate, normal_quantile
from feedback_nlp.metrics.patterns import Patterns
from feedback_nlp.metrics.ranks import Rank, ranks

__all__ = ["DNA_PILLARS", "DnaIndex", "dna_index", "dna_of_patterns"]

DNA_PILLARS: Mapping[str, tuple[str, ...]] = {
    "processen": ("bereikbaarheid", "proces", "snelheid", "gemak"),
    "medewerkers": ("empathie", "deskundigheid", "eigenaarschap", "maatwerk"),
}
"""Pillar -> codes of its themes, as the codebook has them."""


@dataclass(frozen=True, slots=True)
class DnaIndex:
    """The index of one organisation or branch.

    Attributes:
        name: the organisation or branch.
        index: mean of the pillars, 0-100 (50: as much praise as blame); None when a theme is too thin.
        pillars: pillar -> mean of its themes; None when one of them is too thin.
        themes: theme -> mean polarity as 0-100; None when it has fewer mentions than asked.
        rank: places it can hold among those that have an index; None without an index.
        thin: themes with too few mentions.
    """

    name: str
    index: Estimate | None
    pillars: Mapping[str, Estimate | None]
    themes: Mapping[str, Estimate | None]
    rank: Rank | None
    thin: tuple[str, ...]


def dna_index(
    frame: pd.DataFrame,
    by: str = "organisation",
    *,
    pillars: Mapping[str, tuple[str, ...]] = DNA_PILLARS,
    min_mentions: int = 10,
    level: float = 0.95,
) -> tuple[DnaIndex, ...]:
    """Index, pillars and themes per organisation, ranked only where the intervals carry a rank.

    A theme's score is its mean polarity moved to 0-100. A pillar is the plain mean of its themes and the index
    the plain mean of the pillars, so that organisations are compared on the same mixture whatever their
    customers happen to write about; hence none without all its themes. Standard errors are linearised per
    item (an item that speaks of several themes counts once): for a mean of ratios sum(w x)/sum(w) the
    influence of an item is sum over its themes of (x - mean) / mentions; W. G. Cochran, "Sampling
    Techniques", 3rd ed., 1977, ch. 6. As in the adjusted-Wald interval, one full praise and one full blame are
    added to every theme's variance, so that ten like verdicts are not taken for certainty. Ranks: see `ranks`.

    Args:
        frame: analysed items (see `frames`) with the column `by`.
        by: column with the organisation or branch; rows without one are skipped.
        pillars: pillar -> codes of its themes.
        min_mentions: mentions below which a theme is too thin, at least 2.
        level: confidence level, 0-1.

    Returns:
        One index per organisation: those with one first, highest first; then the others by name.

    Raises:
        MeasureError: a column or theme is missing, or `min_mentions` is below 2.
    """
    need_columns(frame, [by], "the DNA index")
    codes, polarity = polarity_matrix(frame)
    groups = {
        str(name): Patterns(polarity[rows], np.ones(len(rows), dtype=np.int64))
        for name, rows in frame.groupby(by).indices.items()
    }
    return dna_of_patterns(codes, groups, pillars=pillars, min_mentions=min_mentions, level=level)


def dna_of_patterns(
    codes: Sequence[str],
    groups: Mapping[str, Patterns],
    *,
    pillars: Mapping[str, tuple[str, ...]] = DNA_PILLARS,
    min_mentions: int = 10,
    level: float = 0.95,
) -> tuple[DnaIndex, ...]:
    """As `dna_index`, from items that are packed already.

    Args:
        codes: codes of t themes.
        groups: name of an organisation -> its items; rows of shape (m, t), the polarity of each theme, NaN where not
            mentioned.
        pillars: as for `dna_index`, like the arguments that follow.
        min_mentions: mentions below which a theme is too thin, at least 2.
        level: confidence level, 0-1.

    Returns:
        As `dna_index`.

    Raises:
        MeasureError: a theme is missing, or `min_mentions` is below 2.
    """
    if min_mentions < 2:
        raise MeasureError(f"min_mentions must be at least 2, got {min_mentions}")
    wanted = [theme for themes in pillars.values() for theme in themes]
    absent = [theme for theme in wanted if theme not in codes]
    if absent:
        raise MeasureError(
            f"the DNA index needs the theme {absent[0]!r}; themes there are: {', '.join(codes)}"
        )
    columns = [list(codes).index(theme) for theme in wanted]
    weights = _weights(pillars)
    found: list[DnaIndex] = []
    for name, items in sorted(groups.items()):
        score = Patterns(50.0 + 50.0 * items.rows[:, columns], items.counts)
        found.append(_one(name, score, wanted, weights, min_mentions, level))
    z = normal_quantile(level)
    indexed = sorted((one for one in found if one.index), key=lambda one: -_value(one))
    places = ranks([_value(one) for one in indexed], [_error(one, z) for one in indexed], level)
    ranked = [
        DnaIndex(one.name, one.index, one.pillars, one.themes, place, one.thin)
        for one, place in zip(indexed, places, strict=True)
    ]
    return (*ranked, *(one for one in found if one.index is None))


def _weights(pillars: Mapping[str, tuple[str, ...]]) -> dict[str, FloatArray]:
    """Weights over all themes for each pillar, and under the key '' for the whole index."""
    size = sum(len(themes) for themes in pillars.values())
    made: dict[str, FloatArray] = {}
    start = 0
    for pillar, themes in pillars.items():
        row = np.zeros(size)
        row[start : start + len(themes)] = 1.0 / len(themes)
        made[pillar] = row
        start += len(themes)
    made[""] = np.mean(list(made.values()), axis=0)
    return made


def _one(
    name: str, items: Patterns, wanted: list[str], weights: dict[str, FloatArray], least: int, level: float
) -> DnaIndex:
    score, times = items.rows, items.counts
    said = ~np.isnan(score)
    mentions = times @ said
    enough = mentions >= least
    mean = times @ np.where(said, score, 0.0) / np.maximum(mentions, 1)
    influence = np.where(said, score - mean, 0.0) / np.maximum(mentions, 1)

    def estimate(label: str, row: FloatArray) -> Estimate | None:
        if not enough[row > 0].all():
            return None
        n = int(times[said[:, row > 0].any(axis=1)].sum())
        added = (row**2 * 2.0 * 50.0**2 / (mentions + 2.0) ** 2).sum()
        error = float(np.sqrt(times @ (influence @ row) ** 2 * n / (n - 1) + added))
        half = normal_quantile(level) * error
        value = float(mean @ row)
        return Estimate(label, value, value - half, value + half, n, level, "linearised, normal")

    single = np.eye(len(wanted))
    return DnaIndex(
        name=name,
        index=estimate("DNA index", weights[""]),
        pillars={key: estimate(f"DNA {key}", row) for key, row in weights.items() if key},
        themes={theme: estimate(f"DNA {theme}", single[i]) for i, theme in enumerate(wanted)},
        rank=None,
        thin=tuple(theme for i, theme in enumerate(wanted) if not enough[i]),
    )


def _value(one: DnaIndex) -> float:
    assert one.index is not None
    return one.index.value


def _error(one: DnaIndex, z: float) -> float:
    assert one.index is not None
    return one.index.half_width / z
