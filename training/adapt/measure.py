"""What an encoder is worth on its own, before anything is learned on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from feedback_nlp.encoder import EncoderOutput, TokenTags
from training.adapt.examples import Example

__all__ = ["Figures", "best_threshold", "evidence_counts", "figures", "token_f1"]

SCALARS = ("sentiment", "nps", "cas", "ces")


@dataclass(frozen=True)
class Figures:
    """Measures over some items; all between 0 and 1, correlations between -1 and 1.

    Attributes:
        items: Number of items.
        macro_f1: Mean F1 of the themes at the given thresholds.
        micro_f1: F1 over all assignments.
        polarity: Share of the gold themes with polarity -1 or 1 whose predicted polarity has the right sign.
        token_f1: F1 of evidence tokens, averaged over themes.
        correlations: Pearson's r of sentiment, nps, cas and ces.
        themes: F1 per theme.
    """

    items: int
    macro_f1: float
    micro_f1: float
    polarity: float
    token_f1: float
    correlations: dict[str, float]
    themes: tuple[float, ...]

    def to_dict(self) -> dict[str, object]:
        """Rounded to four decimals, for a manifest."""
        return {
            "items": self.items,
            "macro_f1": round(self.macro_f1, 4),
            "micro_f1": round(self.micro_f1, 4),
            "polarity_accuracy": round(self.polarity, 4),
            "evidence_token_f1": round(self.token_f1, 4),
            "r": {name: round(value, 4) for name, value in self.correlations.items()},
            "theme_f1": [round(value, 4) for value in self.themes],
        }


def best_threshold(truth: NDArray[np.bool_], score: NDArray[np.float32]) -> float:
    """The score from which on assigning gives the highest F1; 0 when no item has the label."""
    if not truth.any():
        return 0.0
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(truth) + 1) + truth.sum())
    return float(score[order[int(f1.argmax())]])


def figures(
    output: EncoderOutput | tuple[NDArray[np.float32], tuple[str, ...]],
    examples: Sequence[Example],
    thresholds: NDArray[np.float64],
    evidence: NDArray[np.int64],
) -> Figures:
    """Measure document columns and evidence counts against the labels.

    Args:
        output: The encoder's output, or its document columns with their names.
        examples: The items in the same order.
        thresholds: Log odds per theme from which a theme is assigned, shape (themes,).
        evidence: See `evidence_counts`, at the threshold chosen, shape (themes, 3).
    """
    document, columns = (output.document, output.columns) if isinstance(output, EncoderOutput) else output
    truth = np.array([example.themes for example in examples])
    score = _block(document, columns, "theme")
    assigned = score >= thresholds
    sign = np.array([example.polarity for example in examples])
    clear = (sign == 0) | (sign == 2)
    polarity = _block(document, columns, "polarity")
    correlations = {}
    for number, name in enumerate(SCALARS):
        gold = np.array(
            [np.nan if e.scalars[number] is None else e.scalars[number] for e in examples], dtype=float
        )
        known = ~np.isnan(gold)
        guess = document[:, columns.index(name)]
        correlations[name] = float(np.corrcoef(gold[known], guess[known])[0, 1])
    per_theme = f1_score(truth, assigned, average=None, zero_division=0)
    return Figures(
        len(examples),
        float(per_theme.mean()),
        float(f1_score(truth, assigned, average="micro", zero_division=0)),
        float(((polarity[clear] > 0) == (sign[clear] == 2)).mean()),
        token_f1(evidence),
        correlations,
        tuple(float(value) for value in per_theme),
    )


def evidence_counts(
    tokens: Sequence[TokenTags], examples: Sequence[Example], thresholds: Sequence[float]
) -> NDArray[np.int64]:
    """Tokens found rightly, wrongly, and missed, per threshold and theme; shape (thresholds, themes, 3).

    A token is gold evidence of a theme when it overlaps one of the theme's quotes. A theme whose quotes are not all
    literally in a text does not count for that text.
    """
    themes = len(examples[0].themes)
    counts = np.zeros((len(thresholds), themes, 3), dtype=np.int64)
    for tags, example in zip(tokens, examples, strict=True):
        gold = np.zeros(tags.logits.shape, dtype=bool)
        for start, end, theme in example.spans:
            gold[:, theme] |= (tags.starts < end) & (tags.ends > start)
        use = np.array(example.tagged, dtype=bool)
        probability = 1.0 / (1.0 + np.exp(-tags.logits))
        for number, threshold in enumerate(thresholds):
            found = probability >= threshold
            for place, both in enumerate((found & gold, found & ~gold, ~found & gold)):
                counts[number, use, place] += both.sum(axis=0)[use]
    return counts


def token_f1(counts: NDArray[np.int64]) -> float:
    """Mean over themes of the F1 that counts (themes, 3) of `evidence_counts` amount to."""
    right, wrong, missed = counts[:, 0], counts[:, 1], counts[:, 2]
    return float((2 * right / np.maximum(2 * right + wrong + missed, 1)).mean())


def _block(document: NDArray[np.float32], columns: tuple[str, ...], kind: str) -> NDArray[np.float32]:
    return document[:, [i for i, name in enumerate(columns) if name.startswith(kind + ".")]]
