"""Is one model better than another: all figures on the same items, a verdict for each, and the items that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.errors import CorpusError
from feedback_nlp.estimators import Predictions
from training.behaviour import load_cases, run_cases
from training.corpus import LabelledItem, to_arrays
from training.paired import Difference, differences

__all__ = ["GATE_LEVEL", "Changed", "Comparison", "compare", "holm"]

GATE_LEVEL = 0.05
"""Chance, over all figures of the gate together, to find one worse that is not."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An item to which the two models assign different themes.

    Attributes:
        id: The item.
        text: Its text.
        gained: Themes that only the new model assigns.
        lost: Themes that only the old one assigns.
        harm: Wrong assignments of the new model minus those of the old one; above 0 the item got worse.
    """

    id: str
    text: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    harm: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "text": self.text,
            "gained": list(self.gained),
            "lost": list(self.lost),
            "harm": self.harm,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same items.

    Attributes:
        old: Name and version of the first model.
        new: Of the second.
        items: How many items they were compared on.
        rows: Every figure's difference.
        changed: Items that are assigned other themes, the worst first.
        missing: Themes and signals that the old model knows and the new one does not.
        added: The other way round.
        behaviour: Passed and total behavioural cases of both models by group, or None when a taxonomy is another one.
    """

    old: str
    new: str
    items: int
    rows: tuple[Difference, ...]
    changed: tuple[Changed, ...]
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    behaviour: dict[str, tuple[int, int, int]] | None = None

    @property
    def worse(self) -> tuple[Difference, ...]:
        """The gate's figures that got worse even when one allows for having looked at all of them (Holm, 1979)."""
        gate = [row for row in self.rows if row.gate]
        adjusted = holm([row.p for row in gate])
        return tuple(
            row for row, p in zip(gate, adjusted, strict=True) if p < GATE_LEVEL and row.verdict == "worse"
        )

    @property
    def doubtful(self) -> tuple[Difference, ...]:
        """The gate's figures whose own 95 % interval says worse, but which chance among so many may explain."""
        refused = self.worse
        return tuple(row for row in self.rows if row.gate and row.verdict == "worse" and row not in refused)

    @property
    def verdict(self) -> str:
        """In one word and for the whole: by the gate, then by macro-F1."""
        if self.worse or self.missing:
            return "worse"
        return next(row.verdict for row in self.rows if row.scope == "overall" and row.measure == "macro-F1")

    def to_dict(self, shown: int | None = None) -> dict[str, Any]:
        """As JSON, with the worst `shown` of the changed items, or all."""
        return {
            "old": self.old,
            "new": self.new,
            "items": self.items,
            "verdict": self.verdict,
            "worse": [row.to_dict() for row in self.worse],
            "missing": list(self.missing),
            "added": list(self.added),
            "differences": [row.to_dict() for row in self.rows],
            "changed_items": len(self.changed),
            "changed": [item.to_dict() for item in self.changed[:shown]],
            "behaviour": None
            if self.behaviour is None
            else {
                group: {"old": old, "new": new, "total": total}
                for group, (old, new, total) in self.behaviour.items()
            },
        }


def compare(
    old: FeedbackAnalyzer, new: FeedbackAnalyzer, items: Sequence[LabelledItem], *, behaviour: bool = True
) -> Comparison:
    """Judge both models on the same labelled items, over the themes and signals that both know.

    Args:
        old: The model in use.
        new: The candidate.
        items: Items that neither learned from.
        behaviour: Run the behavioural cases too, when both have the default taxonomy's codes.

    Raises:
        CorpusError: There are no items, or the models share no theme.
    """
    if not items:
        raise CorpusError("there are no items to compare the models on")
    themes = [code for code in old.taxonomy.theme_codes if code in new.taxonomy.theme_codes]
    signals = [code for code in old.taxonomy.signal_codes if code in new.taxonomy.signal_codes]
    if not themes:
        raise CorpusError("the two models share no theme, so there is nothing to compare")
    known = set(new.taxonomy.theme_codes) | set(old.taxonomy.theme_codes)
    shared = replace(
        old.taxonomy,
        themes=tuple(entry for entry in old.taxonomy.themes if entry.code in themes),
        signals=tuple(entry for entry in old.taxonomy.signals if entry.code in signals),
    )
    data = to_arrays([_restricted(item, set(themes), set(signals), known) for item in items], shared)
    both = [_columns(model, model.predict(data.texts), themes, signals) for model in (old, new)]
    names = [f"{model.info.name}/{model.info.version}" for model in (old, new)]
    codes_of = [(set(model.taxonomy.theme_codes), set(model.taxonomy.signal_codes)) for model in (old, new)]
    return Comparison(
        old=names[0],
        new=names[1],
        items=len(data),
        rows=tuple(differences(data, both[0], both[1], themes, signals)),
        changed=_changed(items, data.themes, both[0].theme_assigned, both[1].theme_assigned, themes),
        missing=tuple(sorted((codes_of[0][0] - codes_of[1][0]) | (codes_of[0][1] - codes_of[1][1]))),
        added=tuple(sorted((codes_of[1][0] - codes_of[0][0]) | (codes_of[1][1] - codes_of[0][1]))),
        behaviour=_behaviour(old, new) if behaviour and codes_of[0] == codes_of[1] else None,
    )


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p-values in the given order (S. Holm, "A simple sequentially rejective … procedure", 1979)."""
    order = np.argsort(p, kind="stable")
    adjusted = np.zeros(len(p))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = highest
    return [float(value) for value in adjusted]


def _restricted(item: LabelledItem, themes: set[str], signals: set[str], known: set[str]) -> LabelledItem:
    if unknown := item.themes.keys() - known:
        raise CorpusError(f"{item.id}: neither model knows the theme {sorted(unknown)[0]!r}")
    return replace(
        item,
        themes={code: value for code, value in item.themes.items() if code in themes},
        evidence={code: quotes for code, quotes in item.evidence.items() if code in themes},
        signals=tuple(code for code in item.signals if code in signals),
    )


def _columns(
    model: FeedbackAnalyzer, predictions: Predictions, themes: Sequence[str], signals: Sequence[str]
) -> Predictions:
    theme = [model.taxonomy.theme_codes.index(code) for code in themes]
    signal = [model.taxonomy.signal_codes.index(code) for code in signals]
    return replace(
        predictions,
        theme_probability=predictions.theme_probability[:, theme],
        theme_assigned=predictions.theme_assigned[:, theme],
        polarity=predictions.polarity[:, theme],
        signal_probability=predictions.signal_probability[:, signal],
        signal_assigned=predictions.signal_assigned[:, signal],
    )


def _changed(
    items: Sequence[LabelledItem],
    truth: np.ndarray[Any, Any],
    old: np.ndarray[Any, Any],
    new: np.ndarray[Any, Any],
    themes: Sequence[str],
) -> tuple[Changed, ...]:
    harm = (new != truth).sum(axis=1) - (old != truth).sum(axis=1)
    found = [
        Changed(
            items[row].id,
            items[row].text,
            tuple(themes[k] for k in map(int, np.flatnonzero(new[row] & ~old[row]))),
            tuple(themes[k] for k in map(int, np.flatnonzero(old[row] & ~new[row]))),
            int(harm[row]),
        )
        for row in map(int, np.flatnonzero((new != old).any(axis=1)))
    ]
    return tuple(sorted(found, key=lambda item: (-item.harm, item.id)))


def _behaviour(old: FeedbackAnalyzer, new: FeedbackAnalyzer) -> dict[str, tuple[int, int, int]] | None:
    try:
        cases = load_cases(taxonomy=old.taxonomy)
    except CorpusError:  # the cases speak of the default taxonomy's themes
        return None
    before, after = run_cases(cases, old.analyze_many), run_cases(cases, new.analyze_many)
    return {
        group: (rate.passed, after.groups[group].passed, rate.total) for group, rate in before.groups.items()
    }
