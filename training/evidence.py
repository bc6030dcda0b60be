"""How well the words shown as evidence agree with the words people quoted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from feedback_nlp.labels import LabelledTexts
from feedback_nlp.language import tokenize
from feedback_nlp.records import Analysis

__all__ = ["evidence_f1"]


def evidence_f1(
    data: LabelledTexts, analyses: Sequence[Analysis], themes: Sequence[str]
) -> dict[str, object]:
    """Token F1 of evidence spans against gold quotes.

    For every theme all tokens of the texts that are labelled with it *and* assigned it are pooled: a token is a hit
    when it lies in a span and in a quote. `end_to_end` pools the texts that are labelled or assigned, so that wrong
    and missed themes count too.

    Returns:
        `macro` (mean over themes), `themes` (per theme), and `end_to_end` (mean over themes), each 0-1.
    """
    both = np.zeros((len(themes), 3))
    either = np.zeros((len(themes), 3))
    quoted: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for quote in data.quotes:
        quoted.setdefault((quote.row, quote.theme), []).append((quote.start, quote.end))
    for row, analysis in enumerate(analyses):
        tokens = [(token.start, token.end) for token in tokenize(analysis.text)]
        for k, mention in enumerate(analysis.themes):
            gold = quoted.get((row, k), [])
            spans = [(span.start, span.end) for span in mention.evidence]
            if not gold and not spans:
                continue
            in_gold = np.array(
                [any(s < end and e > start for s, e in gold) for start, end in tokens], dtype=bool
            )
            in_span = np.array(
                [any(s < end and e > start for s, e in spans) for start, end in tokens], dtype=bool
            )
            counts = np.array([(in_gold & in_span).sum(), in_span.sum(), in_gold.sum()])
            either[k] += counts
            if gold and spans:
                both[k] += counts
    per_theme = _f1(both)
    return {
        "macro": round(float(per_theme.mean()), 4),
        "end_to_end": round(float(_f1(either).mean()), 4),
        "themes": {code: round(float(value), 4) for code, value in zip(themes, per_theme, strict=True)},
    }


def _f1(
    counts: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 2 * counts[:, 0] / np.maximum(counts[:, 1] + counts[:, 2], 1)
