"""Which words of a text carried a theme: spans from the model's own scores, never from a word list."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from feedback_nlp.clauses import ClausedText
from feedback_nlp.encoder import TokenTags
from feedback_nlp.records import Span

__all__ = ["clause_evidence", "token_evidence"]

CLAUSE_MARGIN = -0.5
"""Beside the best clause, those that score at least this count as evidence; chosen on held-out folds."""


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
    values = scores.tolist()
    limit = min(margin, max(values))
    weights = expit(2 * scores).tolist()
    return tuple(
        Span(*claused.span(clause), weight)
        for clause, value, weight in zip(claused.clauses, values, weights, strict=True)
        if value >= limit
    )


def token_evidence(
    claused: ClausedText,
    scores: NDArray[np.float32],
    tags: TokenTags,
    theme: int,
    margin: float = CLAUSE_MARGIN,
) -> tuple[Span, ...]:
    """The clauses that speak of a theme, by n-grams and by the encoder's tags together.

    The encoder's tags alone agree less with people's quotes than clauses do (docs/encoder.md), so they raise a clause's
    score by the mean probability of its tokens instead.

    Args:
        claused: A text's tokens and clauses.
        scores: Signed distance of each of its clauses to the theme's margin, (clauses,).
        tags: The encoder's tokens of the same text.
        theme: Number of the theme.
        margin: As for `clause_evidence`.

    Returns:
        Spans in reading order; empty for a text without clauses.
    """
    probability = expit(tags.logits[:, theme].astype(np.float64))
    raised = np.array(scores, dtype=np.float32)
    for index, clause in enumerate(claused.clauses):
        start, end = claused.span(clause)
        inside = (tags.starts < end) & (tags.ends > start)
        if inside.any():
            raised[index] += probability[inside].mean()
    return clause_evidence(claused, raised, margin)
