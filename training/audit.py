"""Labels that are probably wrong, texts that contradict each other, themes that run into each other.

Confident learning (C. Northcutt, L. Jiang and I. Chuang, "Confident learning: estimating uncertainty in dataset
labels", JAIR 70, 2021), one theme at a time: a label is suspect when held-out probabilities put the item on the
other side, where "the other side" begins at the mean probability of the items that carry that label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.corpus import LabelledItem
from training.near import near_pairs

__all__ = [
    "Contradiction",
    "Noise",
    "Overlap",
    "Suspicion",
    "contradictions",
    "noise_per_theme",
    "overlaps",
    "suspicions",
]

OVERLAP = 0.5
"""Share of a theme's items that carry another theme too, from which on the two are reported."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A label that may be wrong.

    Attributes:
        id: The item.
        theme: The theme.
        labelled: Whether the item carries it.
        probability: Held-out probability that it should.
        score: How suspect, 0-1; for ranking.
        confident: Whether confident learning counts it as an error, not merely as doubtful.
    """

    id: str
    theme: str
    labelled: bool
    probability: float
    score: float
    confident: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "theme": self.theme,
            "labelled": self.labelled,
            "probability": round(self.probability, 4),
            "score": round(self.score, 4),
            "confident": self.confident,
        }


@dataclass(frozen=True, slots=True)
class Noise:
    """Errors that confident learning counts for a theme.

    Attributes:
        theme: The theme.
        labelled: Items that carry it.
        wrongly: Of those, the ones that probably should not.
        missing: Items without it that probably should carry it.
    """

    theme: str
    labelled: int
    wrongly: int
    missing: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two items whose texts are (nearly) the same and whose themes or polarities are not."""

    first: str
    second: str
    likeness: float
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two themes that go together: `share` of the `items` of `theme` carry `other`; `phi` is their correlation."""

    theme: str
    other: str
    share: float
    items: int
    phi: float


def suspicions(
    ids: Sequence[str], labels: NDArray[np.bool_], probability: NDArray[np.float64], themes: Sequence[str]
) -> list[Suspicion]:
    """Every label by how suspect it is, the most suspect first.

    Args:
        ids: Ids of the n items.
        labels: Whether they carry the themes, (n, themes).
        probability: Held-out probabilities, (n, themes).
        themes: Theme codes.

    Returns:
        n x themes entries. The score is the probability of the other label, relative to how sure the model is of
        that label where it is given, so that a hard theme does not crowd out the rest.
    """
    scores = np.zeros(labels.shape)
    sure = np.zeros(labels.shape, dtype=bool)
    for k in range(labels.shape[1]):
        scores[:, k], sure[:, k] = _one_theme(labels[:, k], probability[:, k])
    order = np.argsort(-scores, axis=None, kind="stable")
    rows, columns = np.unravel_index(order, scores.shape)
    return [
        Suspicion(
            ids[i],
            themes[k],
            bool(labels[i, k]),
            float(probability[i, k]),
            float(scores[i, k]),
            bool(sure[i, k]),
        )
        for i, k in zip(rows.tolist(), columns.tolist(), strict=True)
    ]


def noise_per_theme(found: Sequence[Suspicion], themes: Sequence[str]) -> list[Noise]:
    """How many labels of each theme confident learning counts as errors."""
    return [
        Noise(
            theme,
            sum(one.labelled for one in found if one.theme == theme),
            sum(one.labelled and one.confident for one in found if one.theme == theme),
            sum(not one.labelled and one.confident for one in found if one.theme == theme),
        )
        for theme in themes
    ]


def contradictions(items: Sequence[LabelledItem]) -> list[Contradiction]:
    """Pairs of near-duplicates whose labels differ, the most alike first."""
    found = []
    for first, second, likeness in near_pairs([item.text for item in items]):
        one, other = items[first].themes, items[second].themes
        differing = tuple(
            sorted(code for code in one.keys() | other.keys() if one.get(code) != other.get(code))
        )
        if differing:
            found.append(Contradiction(items[first].id, items[second].id, likeness, differing))
    return sorted(found, key=lambda pair: -pair.likeness)


def overlaps(labels: NDArray[np.bool_], themes: Sequence[str], least: float = OVERLAP) -> list[Overlap]:
    """Themes of whose items at least the share `least` carries another theme too, the largest share first."""
    together = labels.T.astype(np.int64) @ labels
    found = []
    for i, theme in enumerate(themes):
        own = int(together[i, i])
        for j, other in enumerate(themes):
            if i != j and own and together[i, j] / own >= least:
                with np.errstate(invalid="ignore"):
                    phi = np.corrcoef(labels[:, i], labels[:, j])[0, 1]
                found.append(
                    Overlap(theme, other, float(together[i, j] / own), own, float(np.nan_to_num(phi)))
                )
    return sorted(found, key=lambda one: -one.share)


def _one_theme(
    label: NDArray[np.bool_], probability: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if label.all() or not label.any():
        return np.where(label, 1 - probability, probability), np.zeros(label.size, dtype=bool)
    usual_yes = float(probability[label].mean())
    usual_no = float((1 - probability[~label]).mean())
    other = np.where(label, 1 - probability, probability)
    usual = np.where(label, usual_no, usual_yes)
    # relative to the other label's usual probability, and to how little the given label is believed
    score = other / (other + usual * (1 - other))
    return score, other >= usual
