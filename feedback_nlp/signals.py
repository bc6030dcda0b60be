"""What must not be missed: a complaint, a customer about to leave, a legal step, a vulnerable person."""

from __future__ import annotations

from collections.abc import Sequence

from feedback_nlp.readings import columns_of
from feedback_nlp.stacking import RecallThreshold, StackedLabels

__all__ = ["WANTED_RECALL", "SignalDetector"]

WANTED_RECALL = 0.92
"""Share of the signals to be found on held-out folds: a missed vulnerable customer costs more than a false flag."""


class SignalDetector(StackedLabels):
    """Probability of every signal, flagged from the highest threshold at which `WANTED_RECALL` is reached."""

    @classmethod
    def for_columns(cls, names: Sequence[str], signals: Sequence[str]) -> SignalDetector:
        """For a table with these columns: each signal uses those that speak of it, and the tone of the whole."""
        tone = columns_of(names, "tone")
        groups = tuple((*columns_of(names, "signal", code), *tone) for code in signals)
        return cls(groups=groups, rule=RecallThreshold(WANTED_RECALL))
