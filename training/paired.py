"""Every figure of two models on the same items, and which of the differences are more than chance.

The items are drawn anew with replacement, the same draw for both models; a draw is a row of counts, so that a
figure of all draws at once is a few matrix products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from feedback_nlp.estimators import Predictions
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.themes import polarity_label
from training.scores import SIGNAL_PRECISION
from training.weighted import average_precision, recall_at_precision, weighted_calibration_error

__all__ = ["RESAMPLES", "Difference", "Verdict", "differences"]

RESAMPLES = 1000

Verdict = Literal["better", "worse", "no difference shown"]
Floats = NDArray[np.float64]
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two models on the same items.

    Attributes:
        scope: `overall`, or the code of a theme or signal.
        measure: Which figure.
        old: Its value for the first model; NaN where it is not defined.
        new: Its value for the second.
        low: Lower end of the 95 % interval of new - old (paired bootstrap).
        high: Upper end.
        p: Two-sided p-value of "no difference", from the bootstrap's standard error; 1 where nothing differs.
        higher_is_better: Whether a higher figure is the better one.
        gate: Whether `promote` looks at it.
    """

    scope: str
    measure: str
    old: float
    new: float
    low: float
    high: float
    p: float
    higher_is_better: bool
    gate: bool

    @property
    def verdict(self) -> Verdict:
        """`better` or `worse` when the 95 % interval leaves 0 out, else `no difference shown`."""
        if not self.low > 0 and not self.high < 0:
            return "no difference shown"
        return "better" if (self.low > 0) == self.higher_is_better else "worse"

    def to_dict(self) -> dict[str, object]:
        """As JSON."""

        def plain(value: float) -> float | None:
            return None if np.isnan(value) else round(value, 4)

        return {
            "scope": self.scope,
            "measure": self.measure,
            "old": plain(self.old),
            "new": plain(self.new),
            "difference": plain(self.new - self.old),
            "low": plain(self.low),
            "high": plain(self.high),
            "p": round(self.p, 5),
            "verdict": self.verdict,
            "gate": self.gate,
        }


def differences(
    data: LabelledTexts,
    old: Predictions,
    new: Predictions,
    themes: Sequence[str],
    signals: Sequence[str],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Difference]:
    """Compare two models' predictions of the same n items: overall first, then themes, then signals."""
    n = len(data)
    generator = np.random.default_rng(seed)
    draws = np.vstack([np.ones(n), generator.multinomial(n, np.full(n, 1 / n), size=resamples)])
    rows: list[Difference] = []

    def add(
        scope: str, measure: str, before: Floats, after: Floats, *, higher: bool = True, gate: bool = True
    ) -> None:
        rows.append(_difference(scope, measure, before, after, higher, gate))

    both = [_figures(data, predictions, draws) for predictions in (old, new)]
    for measure, higher, gate in _OVERALL:
        add("overall", measure, both[0][measure][:, 0], both[1][measure][:, 0], higher=higher, gate=gate)
    for k, code in enumerate(themes):
        for measure, gate in _PER_THEME:
            add(code, measure, both[0][measure][:, k], both[1][measure][:, k], gate=gate)
    for k, code in enumerate(signals):
        for measure, gate in _PER_SIGNAL:
            name = f"signal {measure}"
            add(code, measure, both[0][name][:, k], both[1][name][:, k], gate=gate)
    return rows


_OVERALL = (
    ("macro-F1", True, True),
    ("micro-F1", True, False),
    ("polarity accuracy", True, True),
    ("sentiment error", False, True),
    ("NPS answer error", False, True),
    ("CAS answer error", False, True),
    ("calibration error", False, False),
)
_PER_THEME = (
    ("F1", True),
    ("average precision", True),
    ("precision", False),
    ("recall", False),
    ("polarity", False),
)
_PER_SIGNAL = (
    ("recall", True),
    ("average precision", True),
    ("precision", False),
    (f"recall at precision {SIGNAL_PRECISION:g}", False),
)


def _figures(data: LabelledTexts, predictions: Predictions, draws: Floats) -> dict[str, Floats]:
    """Every figure of every draw, (draws, labels), where a figure of the whole has one column."""
    truth, assigned = data.themes, predictions.theme_assigned
    hits, labelled, given = draws @ (truth & assigned), draws @ truth, draws @ assigned
    right = (polarity_label(predictions.polarity) == data.polarity) & truth & assigned
    f1 = _ratio(2 * hits, labelled + given)
    present = truth.any(axis=0)
    size = draws.sum(axis=1)
    figures = {
        "F1": f1,
        "precision": _ratio(hits, given),
        "recall": _ratio(hits, labelled),
        "polarity": _ratio(draws @ right, hits),
        "average precision": average_precision(truth, predictions.theme_probability, draws),
        "macro-F1": np.nan_to_num(f1[:, present]).mean(axis=1),
        "micro-F1": _ratio(2 * hits.sum(axis=1), labelled.sum(axis=1) + given.sum(axis=1)),
        "polarity accuracy": _ratio((draws @ right).sum(axis=1), hits.sum(axis=1)),
        "sentiment error": draws @ np.abs(data.sentiment / 2 - predictions.sentiment) / size,
        "NPS answer error": draws @ np.abs(data.nps - predictions.nps.expected) / size,
        "CAS answer error": draws @ np.abs(data.cas - predictions.cas.expected) / size,
        "calibration error": weighted_calibration_error(truth, predictions.theme_probability, draws),
    }
    flagged, flags = data.signals, predictions.signal_assigned
    hits, labelled, given = draws @ (flagged & flags), draws @ flagged, draws @ flags
    figures |= {
        "signal precision": _ratio(hits, given),
        "signal recall": _ratio(hits, labelled),
        "signal average precision": average_precision(flagged, predictions.signal_probability, draws),
        f"signal recall at precision {SIGNAL_PRECISION:g}": recall_at_precision(
            flagged, predictions.signal_probability, draws, SIGNAL_PRECISION
        ),
    }
    return {name: values.reshape(len(draws), -1) for name, values in figures.items()}


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Part over whole; NaN where there is nothing."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0))


def _difference(
    scope: str, measure: str, before: Floats, after: Floats, higher: bool, gate: bool
) -> Difference:
    drawn = (np.nan_to_num(after) - np.nan_to_num(before))[1:]
    low, high = np.quantile(drawn, [_LEVEL / 2, 1 - _LEVEL / 2])
    spread = float(drawn.std())
    shift = float(np.nan_to_num(after[0]) - np.nan_to_num(before[0]))
    p = 1.0 if spread < 1e-12 and abs(shift) < 1e-12 else float(2 * norm.sf(abs(shift) / max(spread, 1e-12)))
    return Difference(
        scope,
        measure,
        float(before[0]),
        float(after[0]),
        float(low),
        float(high),
        min(p, 1.0),
        higher,
        gate,
    )
