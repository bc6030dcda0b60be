"""Which words of a text carried a theme: spans from the model's own scores, never from a word list."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from feedback_nlp.clauses import ClausedText
from feedback_nlp.encoder import TokenTags
from feedback_nlp.records import Span

__all__ = ["clause_evidence", "token_evidence"]

CLAUSE_MARGIN = -0.25
"""Beside the best clause, those that score at least this count as evidence; chosen on held-out folds."""

TOKEN_THRESHOLD = 0.4
"""Probability from which on the encoder's tag makes a token evidence; chosen on held-out folds."""


def clause_evidence(
    claused: ClausedText, scores: NDArray[np.float32], margin: float = CLAUSE_MARGIN
) -> tuple[Span, ...]:
    """The clauses that speak of a theme.

    Args:
        claused: A text's tokens and clauses.
        scores: Signed distance of each of its clauses to the theme's margin, (clauses,).
        margin: From which score on a clause counts beside the best one.

    Returns:
        Spans in reading order; neighbouring clauses are not merged. Empty for a text without clauses.
    """
    if not claused.clauses:
        return ()
    chosen = np.flatnonzero(scores >= min(margin, float(scores.max())))
    return tuple(
        Span(*claused.span(claused.clauses[index]), weight=float(expit(2 * scores[index])))
        for index in chosen
    )


def token_evidence(
    claused: ClausedText,
    scores: NDArray[np.float32],
    tags: TokenTags,
    theme: int,
    threshold: float = TOKEN_THRESHOLD,
) -> tuple[Span, ...]:
    """The runs of words that the encoder tags with a theme; where it tags none, the best clause.

    Args:
        claused: A text's tokens and clauses.
        scores: Signed distance of each of its clauses to the theme's margin, (clauses,).
        tags: The encoder's tokens of the same text.
        theme: Number of the theme.
        threshold: Probability 0-1 from which a token counts.

    Returns:
        Spans in reading order.
    """
    return tags.spans(theme, threshold) or clause_evidence(claused, scores, margin=np.inf)
