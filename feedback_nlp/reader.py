"""The first level: linear models over n-grams that read a text whole and clause by clause.

A theme's model learns from three kinds of rows alike: whole texts, their clauses (positive where a quote of the theme
lies, negative elsewhere), and the quotes themselves. One weight matrix serves them all, so reading a batch is two
sparse products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted

from feedback_nlp.clauses import ClausedText, split_clauses
from feedback_nlp.features import ClauseCounts, NgramFeatures
from feedback_nlp.labels import LabelledTexts, Quote
from feedback_nlp.readings import Readings, column

__all__ = ["ClauseReader", "Reading"]

_EMPTY = -2.0
"""What an absent clause says of a theme: clearly below the margin of a linear support vector machine."""

_OTHER_THEMES = 0.3
"""How much a quote of another theme counts when a theme's polarity is learned."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the first level says of some texts.

    Attributes:
        table: The columns for the second level.
        claused: The texts' tokens and clauses.
        owner: The text each clause belongs to, (clauses,).
        words: How many words each text has, (texts,).
        known: How many of them the training texts had too, (texts,).
        theme_scores: Signed distance of each clause to each theme's margin, (clauses, themes).
    """

    table: Readings
    claused: tuple[ClausedText, ...]
    owner: NDArray[np.int64]
    words: NDArray[np.int64]
    known: NDArray[np.int64]
    theme_scores: NDArray[np.float32]


class ClauseReader(BaseEstimator):  # type: ignore[misc]
    """Reads themes, polarity, tone and signals off n-grams.

    Args:
        themes: Theme codes, in the taxonomy's order.
        signals: Signal codes, likewise.
        C: Inverse regularisation of the support vector machines.
        alpha: Regularisation of the ridge regressions for sentiment and advocacy.
        evidence: Learn from clauses and quotes too; without it from whole texts alone.
        clause_weight: How much a clause counts beside a whole text.

    Attributes:
        features_: The fitted `NgramFeatures`.
        weights_: Float32 (features, outputs).
        bias_: Float32 (outputs,).
    """

    def __init__(
        self,
        themes: Sequence[str],
        signals: Sequence[str],
        C: float = 0.3,
        alpha: float = 1.0,
        evidence: bool = True,
        clause_weight: float = 1.0,
    ) -> None:
        self.themes = themes
        self.signals = signals
        self.C = C
        self.alpha = alpha
        self.evidence = evidence
        self.clause_weight = clause_weight

    def fit(self, data: LabelledTexts, y: object = None) -> Self:
        """Learn from labelled texts; the labels travel with them, `y` is ignored."""
        claused = [split_clauses(text) for text in data.texts]
        self.features_ = NgramFeatures().learn(claused)
        counts = self.features_.count(claused)
        texts, clauses = self.features_.weigh(counts.per_text()), self.features_.weigh(counts.counts)
        quoted = _Quoted.of(data, self.features_)
        jobs = [
            *self._theme_jobs(data, counts, texts, clauses, quoted),
            *self._polarity_jobs(data, texts, quoted),
        ]
        fitted = [_fit_svm(*job, self.C) for job in jobs]
        fitted += [
            self._fit_signal(data, flagged, texts, clauses, counts.owner) for flagged in data.signals.T
        ]
        tone = Ridge(alpha=self.alpha, solver="sparse_cg", tol=1e-4).fit(
            texts, np.stack([data.sentiment, data.nps, data.cas], axis=1), sample_weight=data.weight
        )
        self.weights_ = np.hstack(
            [np.stack([weights for weights, _ in fitted], axis=1), tone.coef_.T]
        ).astype(np.float32)
        self.bias_ = np.concatenate([[bias for _, bias in fitted], tone.intercept_]).astype(np.float32)
        return self

    def read(self, texts: Sequence[str]) -> Reading:
        """Read texts; any string is fine, an empty one has no clauses."""
        check_is_fitted(self)
        counts = self.features_.count([split_clauses(text) for text in texts])
        levels = counts.levels()
        scores = self._scores(levels.counts)
        clause, sentence, whole = scores[: levels.clauses], scores[levels.sentence], scores[levels.text]
        themes = slice(0, len(self.themes))
        blocks = [self._theme_columns(whole, clause, counts.owner, sentence, levels.owner)]
        blocks.append(self._tone_columns(whole, clause, counts))
        table = blocks[0].beside(blocks[1])
        return Reading(table, counts.claused, counts.owner, counts.words, counts.known, clause[:, themes])

    # -- learning ------------------------------------------------------------------------------------------------------

    def _theme_jobs(
        self,
        data: LabelledTexts,
        counts: ClauseCounts,
        texts: sparse.csr_matrix,
        clauses: sparse.csr_matrix,
        quoted: _Quoted | None,
    ) -> list[tuple[sparse.csr_matrix, NDArray[np.int8], NDArray[np.float64]]]:
        if not self.evidence or quoted is None:
            return [(texts, data.themes[:, k].astype(np.int8), data.weight) for k in range(len(self.themes))]
        quote_labels, clause_labels = quoted.themes(data), _clause_labels(data, counts)
        several = np.bincount(counts.owner, minlength=len(data))[counts.owner] > 1
        clause_weight = self.clause_weight * data.weight[counts.owner]
        quote_weight = data.weight[quoted.texts]
        # The same rows for every theme, in double precision as the solver wants them: it passes over what weighs 0.
        rows = sparse.vstack([texts, clauses, quoted.features]).tocsr().astype(np.float64)
        jobs = []
        for k in range(len(self.themes)):
            known = several & (clause_labels[:, k] >= 0)
            labels = np.concatenate([data.themes[:, k], clause_labels[:, k] > 0, quote_labels[:, k]])
            weight = np.concatenate([data.weight, np.where(known, clause_weight, 0.0), quote_weight])
            jobs.append((rows, labels.astype(np.int8), weight))
        return jobs

    def _polarity_jobs(
        self, data: LabelledTexts, texts: sparse.csr_matrix, quoted: _Quoted | None
    ) -> list[tuple[sparse.csr_matrix, NDArray[np.int8], NDArray[np.float64]]]:
        """One model per theme, in which its own quotes count most, and last one for all themes alike.

        Quotes of a theme whose polarity is 0 are left out: they may be neutral or two-sided.
        """
        clear = [quote for quote in data.quotes if data.polarity[quote.row, quote.theme] != 0]
        toned = np.flatnonzero(np.abs(data.sentiment) >= 1)
        rows = texts[toned]
        if clear and quoted is not None:
            places = [quoted.place[_span(quote)] for quote in clear]
            rows = sparse.vstack([rows, quoted.features[places]]).tocsr()
        labels = np.concatenate(
            [data.sentiment[toned] > 0, [data.polarity[quote.row, quote.theme] > 0 for quote in clear]]
        ).astype(np.int8)
        weight = np.concatenate([data.weight[toned], [data.weight[quote.row] for quote in clear]])
        theme = np.concatenate([np.full(toned.size, -1), [quote.theme for quote in clear]])
        own = [np.where(theme == k, 1.0, _OTHER_THEMES) * weight for k in range(len(self.themes))]
        return [(rows, labels, each) for each in (*own, weight)]

    def _fit_signal(
        self,
        data: LabelledTexts,
        flagged: NDArray[np.bool_],
        texts: sparse.csr_matrix,
        clauses: sparse.csr_matrix,
        owner: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], float]:
        """Multiple-instance learning (MI-SVM; Andrews, Tsochantaridis and Hofmann, 2003), one round.

        Nobody quoted the words that show a signal. A model of whole texts picks the clause of each flagged text
        that shows it best; that clause is a positive example beside the text, and every clause of a text that is
        not flagged a negative one.
        """
        labels = flagged.astype(np.int8)
        first, bias = _fit_svm(texts, labels, data.weight, self.C)
        scores = (clauses @ first.astype(np.float32) + bias)[:, None]
        best = _grouped_max(scores, owner, len(data))[owner, 0]
        shown = flagged[owner] & (scores[:, 0] >= best)
        used = shown | ~flagged[owner]
        return _fit_svm(
            sparse.vstack([texts, clauses[used]]).tocsr(),
            np.concatenate([labels, shown[used].astype(np.int8)]),
            np.concatenate([data.weight, self.clause_weight * data.weight[owner[used]]]),
            self.C,
        )

    # -- reading -------------------------------------------------------------------------------------------------------

    def _scores(self, counts: sparse.csr_matrix) -> NDArray[np.float32]:
        return np.asarray(self.features_.weigh(counts) @ self.weights_ + self.bias_, dtype=np.float32)

    def _theme_columns(
        self,
        whole: NDArray[np.float32],
        clause: NDArray[np.float32],
        owner: NDArray[np.int64],
        sentence: NDArray[np.float32],
        sentence_owner: NDArray[np.int64],
    ) -> Readings:
        n, t = len(whole), len(self.themes)
        themes = slice(0, t)
        best_clause = _grouped_max(clause[:, themes], owner, n)
        best_sentence = _grouped_max(sentence[:, themes], sentence_owner, n)
        # A clause's say in a theme's polarity grows with how much it speaks of the theme.
        say = np.exp(np.clip(3 * (clause[:, themes] - best_clause[owner]), -20, 0))
        total = _grouped_sum(say, owner, n)
        own = _grouped_sum(say * clause[:, t : 2 * t], owner, n) / np.maximum(total, 1e-6)
        general = _grouped_sum(say * clause[:, 2 * t : 2 * t + 1], owner, n) / np.maximum(total, 1e-6)
        views = (whole[:, themes], best_clause, best_sentence, whole[:, t : 2 * t], own, general)
        table = np.stack(views, axis=2, dtype=np.float32).reshape(n, len(views) * t)
        return Readings(_theme_names(tuple(self.themes)), table)

    def _tone_columns(
        self, whole: NDArray[np.float32], clause: NDArray[np.float32], counts: ClauseCounts
    ) -> Readings:
        n, t, s = len(whole), len(self.themes), len(self.signals)
        general, after = 2 * t, 2 * t + 1
        polarity = clause[:, general]
        present = np.maximum(np.bincount(counts.owner, minlength=n), 1)
        best = _grouped_max(clause[:, general:after], counts.owner, n, empty=0.0)[:, 0]
        worst = -_grouped_max(-clause[:, general:after], counts.owner, n, empty=0.0)[:, 0]
        mean = np.bincount(counts.owner, weights=polarity, minlength=n) / present
        columns: dict[str, NDArray[np.floating]] = {
            column("tone", "", "polarity"): whole[:, general],
            column("tone", "", "mean_clause"): mean,
            column("tone", "", "best_clause"): best,
            column("tone", "", "worst_clause"): worst,
            column("tone", "", "sentiment"): whole[:, after + s],
            column("tone", "", "nps"): whole[:, after + s + 1],
            column("tone", "", "cas"): whole[:, after + s + 2],
            column("tone", "", "length"): np.log1p([len(text.words) for text in counts.claused]),
        }
        signals = slice(after, after + s)
        best_signal = _grouped_max(clause[:, signals], counts.owner, n)
        for k, code in enumerate(self.signals):
            columns[column("signal", code, "text")] = whole[:, after + k]
            columns[column("signal", code, "clause")] = best_signal[:, k]
        return Readings(tuple(columns), np.stack(list(columns.values()), axis=1).astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Quoted:
    """The quotes of some texts as rows of their own; words quoted for several themes are one row.

    Attributes:
        place: The row of each span of a text, ascending.
        features: Weighted features, (quotes, features).
    """

    place: dict[tuple[int, int, int], int]
    features: sparse.csr_matrix

    @property
    def texts(self) -> NDArray[np.int64]:
        """The text each was quoted from, (quotes,)."""
        return np.array([text for text, _, _ in self.place], dtype=np.int64)

    @classmethod
    def of(cls, data: LabelledTexts, features: NgramFeatures) -> _Quoted | None:
        """The quotes of labelled texts; None where there are none."""
        spans = sorted(set(map(_span, data.quotes)))
        if not spans:
            return None
        pieces = features.transform([data.texts[row][start:end] for row, start, end in spans])
        return cls({span: index for index, span in enumerate(spans)}, pieces)

    def themes(self, data: LabelledTexts) -> NDArray[np.int8]:
        """1 for the themes that each was quoted for, (quotes, themes)."""
        labels = np.zeros((len(self.place), data.themes.shape[1]), dtype=np.int8)
        for quote in data.quotes:
            labels[self.place[_span(quote)], quote.theme] = 1
        return labels


def _span(quote: Quote) -> tuple[int, int, int]:
    return quote.row, quote.start, quote.end


@lru_cache(maxsize=16)
def _theme_names(themes: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of the first theme, those of the second, and so on."""
    views = [("theme", view) for view in ("text", "clause", "sentence")]
    views += [("polarity", view) for view in ("text", "clause", "any_theme")]
    return tuple(column(family, code, view) for code in themes for family, view in views)


def _fit_svm(
    rows: sparse.csr_matrix, labels: NDArray[np.int8], weight: NDArray[np.float64], C: float
) -> tuple[NDArray[np.float64], float]:
    counted = labels[weight > 0]
    if counted.min() == counted.max():
        return np.zeros(rows.shape[1]), 1.0 if counted.max() else -1.0
    # The dual solver takes half the primal one's time. It draws from one generator for all threads of a process, which
    # is why models are fitted side by side in processes, never in threads.
    model = LinearSVC(C=C, tol=1e-1, dual=True, random_state=0).fit(rows, labels, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _clause_labels(data: LabelledTexts, counts: ClauseCounts) -> NDArray[np.int8]:
    """1 where a clause lies in a quote or holds most of one, 0 where they do not touch, -1 where it is hard to say."""
    first = np.searchsorted(counts.owner, np.arange(len(data)))
    labels = np.zeros((counts.owner.size, data.themes.shape[1]), dtype=np.int8)
    for quote in data.quotes:
        claused = counts.claused[quote.row]
        inside = [token.start < quote.end and token.end > quote.start for token in claused.tokens]
        quoted = max(sum(inside), 1)
        for index, clause in enumerate(claused.clauses, start=first[quote.row]):
            shared = sum(inside[clause.first : clause.last])
            if shared >= 0.4 * (clause.last - clause.first) or shared >= 0.6 * quoted:
                labels[index, quote.theme] = 1
            elif shared and labels[index, quote.theme] == 0:
                labels[index, quote.theme] = -1
    return labels


def _grouped_max(
    values: NDArray[np.float32], group: NDArray[np.int64], groups: int, empty: float = _EMPTY
) -> NDArray[np.float32]:
    best = np.full((groups, values.shape[1]), -np.inf, dtype=np.float32)
    if group.size:
        present, first = np.unique(group, return_index=True)
        best[present] = np.maximum.reduceat(values, first, axis=0)
    return np.where(np.isneginf(best), np.float32(empty), best)


def _grouped_sum(values: NDArray[np.float32], group: NDArray[np.int64], groups: int) -> NDArray[np.float32]:
    total = np.zeros((groups, values.shape[1]), dtype=np.float32)
    if group.size:
        present, first = np.unique(group, return_index=True)
        total[present] = np.add.reduceat(values, first, axis=0)
    return total
