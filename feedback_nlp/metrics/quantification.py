"""How many promoters, passives and detractors there are among answers without a score.

Counting the likeliest group of every item is biased as soon as the mixture differs from the one the model was
trained on; the methods here correct that from items whose score was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics.checks import FloatArray, IntArray
from feedback_nlp.metrics.intervals import Estimate, normal_quantile
from feedback_nlp.metrics.moments import Moments
from feedback_nlp.metrics.nps import adjusted_nps
from feedback_nlp.metrics.simplex import shares_by_least_squares

__all__ = [
    "CLASSES", "Method", "Quantifier", "expectation_maximisation", "group_of", "overall_nps", "overall_nps_of_moments",
]  # fmt: skip

CLASSES = ("promoter", "passive", "detractor")
CONTRAST: FloatArray = np.array([1.0, 0.0, -1.0])
LEAST_PER_CLASS = 5


class Method(Enum):
    """A way to quantify.

    * ``ACC``: adjusted classify and count; G. Forman, "Quantifying counts and costs via classification", DMKD
      17, 2008. Counts the likeliest groups and undoes the confusion measured on given scores.
    * ``PACC``: the same on mean probabilities instead of counts; A. Bella, C. Ferri, J. Hernández-Orallo and
      M. J. Ramírez-Quintana, "Quantification via probability estimators", ICDM 2010. The default.
    * ``EM``: expectation maximisation over the prior; M. Saerens, P. Latinne and C. Decaestecker, "Adjusting
      the outputs of a classifier to new a priori probabilities", Neural Computation 14, 2002 (SLD). The most
      precise with well calibrated probabilities, and the one that suffers when they are not.
    """

    ACC = "adjusted classify and count"
    PACC = "probabilistic adjusted classify and count"
    EM = "expectation maximisation"


def group_of(answers: ArrayLike) -> IntArray:
    """The group of each answer 0-10: 0 promoter, 1 passive, 2 detractor (positions in `CLASSES`).

    Args:
        answers: answers 0-10, shape (n,), none missing.

    Returns:
        Groups of shape (n,).

    Raises:
        MeasureError: an answer is missing or not 0-10.
    """
    values = np.asarray(answers, dtype=np.float64)
    wrong = ~((values >= 0) & (values <= 10))
    if wrong.any():
        raise MeasureError(f"nps must be 0-10, got {values[wrong][0]:g}")
    return np.where(values >= 8.5, 0, np.where(values >= 6.5, 1, 2)).astype(np.int64)


def expectation_maximisation(
    probabilities: FloatArray,
    prior: FloatArray,
    weights: FloatArray | None = None,
    tolerance: float = 1e-8,
    max_rounds: int = 2000,
) -> FloatArray:
    """Shares of the classes by EM over the prior, for many weightings of the items at once.

    Args:
        probabilities: predicted probabilities, shape (n, k).
        prior: shares of the classes under which the probabilities are calibrated, shape (k,).
        weights: item weights of shape (b, n), for b samples; None is one sample of weight 1.
        tolerance: mean absolute change of the shares at which one stops.
        max_rounds: rounds after which one stops all the same.

    Returns:
        Shares of shape (b, k).
    """
    load = np.ones((1, len(probabilities))) if weights is None else weights
    load = load / load.sum(axis=1, keepdims=True)
    ratio = probabilities / prior
    shares = np.repeat(prior[None, :], len(load), axis=0)
    for _ in range(max_rounds):
        evidence = shares @ ratio.T
        new = shares * ((load / np.maximum(evidence, 1e-300)) @ ratio)
        new /= new.sum(axis=1, keepdims=True)
        done = bool(np.abs(new - shares).mean(axis=1).max() < tolerance)
        shares = new
        if done:
            break
    return shares


@dataclass(frozen=True, slots=True)
class Quantifier:
    """What the items with a given score teach about the probabilities.

    Attributes:
        method: how it quantifies.
        table: shape (3, 3); column j is the mean representation (probabilities, or the likeliest group) of
            the items whose true group is j.
        spread: shape (3, 3, 3); entry j is the covariance of the representation within true group j.
        counts: items per true group, shape (3,).
        prior: shares of the groups for which the probabilities are calibrated, shape (3,); used by EM.
    """

    method: Method
    table: FloatArray
    spread: FloatArray
    counts: IntArray
    prior: FloatArray

    @classmethod
    def fit(
        cls,
        probabilities: ArrayLike,
        groups: ArrayLike,
        method: Method = Method.PACC,
        prior: ArrayLike | None = None,
    ) -> Quantifier:
        """Learn from items whose score was given and which the model had not been trained on.

        Args:
            probabilities: predicted probabilities in the order of `CLASSES`, shape (n, 3), rows add up to 1.
            groups: true groups 0-2, shape (n,) (see `group_of`).
            method: how to quantify.
            prior: shares of the groups in what the model was calibrated on, shape (3,); None takes those of
                these items. Only EM uses it.

        Returns:
            The quantifier.

        Raises:
            MeasureError: shapes or values are wrong, or a group has fewer than 5 items.
        """
        probability = _probabilities(probabilities)
        group = np.asarray(groups, dtype=np.int64)
        if group.shape != (len(probability),) or ((group < 0) | (group > 2)).any():
            raise MeasureError(f"groups must be 0-2, one for each of {len(probability)} rows")
        counts = np.bincount(group, minlength=3)
        _check_counts(counts)
        seen = _represent(probability, method)
        table = np.stack([seen[group == j].mean(axis=0) for j in range(3)], axis=1)
        spread = np.stack([np.cov(seen[group == j], rowvar=False) for j in range(3)])
        if method is not Method.EM:
            _check_table(table)
        shares = counts / counts.sum() if prior is None else np.asarray(prior, dtype=np.float64)
        if shares.shape != (3,) or not (shares > 0).all() or abs(shares.sum() - 1.0) > 1e-6:
            raise MeasureError(f"prior must be 3 shares above 0 that add up to 1, got {prior!r}")
        return cls(method, table, spread, counts.astype(np.int64), shares)

    @classmethod
    def of_moments(cls, groups: Sequence[Moments]) -> Quantifier:
        """Learn a PACC quantifier from sums over the items of each true group.

        Args:
            groups: sums of the probabilities of the items whose score makes them promoters, passives, detractors.

        Returns:
            The quantifier, the same as `fit` makes of the items.

        Raises:
            MeasureError: a group has fewer than 5 items, or the probabilities do not tell the groups apart.
        """
        counts = np.array([group.n for group in groups], dtype=np.int64)
        _check_counts(counts)
        table = np.stack([group.mean for group in groups], axis=1)
        _check_table(table)
        spread = np.stack([group.covariance for group in groups])
        return cls(Method.PACC, table, spread, counts, counts / counts.sum())

    def shares(self, probabilities: ArrayLike) -> FloatArray:
        """Shares of promoters, passives and detractors among items without a score.

        Args:
            probabilities: predicted probabilities, shape (n, 3).

        Returns:
            Shares of shape (3,), adding up to 1.

        Raises:
            MeasureError: there are no rows, or they are no probabilities.
        """
        probability = _probabilities(probabilities)
        if self.method is Method.EM:
            found: FloatArray = expectation_maximisation(probability, self.prior)[0]
            return found
        return self.shares_of(Moments.of(_represent(probability, self.method)))

    def shares_of(self, seen: Moments) -> FloatArray:
        """As `shares`, from the sums of what the method represents items by; not for EM, which needs the items.

        Args:
            seen: sums over the items without a score, at least one.

        Returns:
            Shares of shape (3,), adding up to 1.

        Raises:
            MeasureError: the method is EM, or there are no items.
        """
        if self.method is Method.EM:
            raise MeasureError("EM needs every item's probabilities, not their sums")
        return shares_by_least_squares(self.table, seen.mean)

    def estimate(
        self, probabilities: ArrayLike, level: float = 0.95, rounds: int = 200, seed: int = 0
    ) -> Estimate:
        """Net Promoter Score of items without a score, with an interval that knows of both samples.

        For ACC and PACC the interval follows from the delta method: with q = M^-1 p, Cov(q) = M^-1 (Cov(p)/n +
        sum q_j^2 Cov_j/n_j) M^-T, the second part being the uncertainty of the correction itself. For EM it
        is the percentile interval of `rounds` bootstrap samples of the items; the prior is taken as known.

        Args:
            probabilities: predicted probabilities, shape (n, 3).
            level: confidence level, 0-1.
            rounds: bootstrap samples (EM only).
            seed: of the bootstrap (EM only).

        Returns:
            The score, -100..100; all its answers count as estimated.

        Raises:
            MeasureError: there are no rows, or they are no probabilities.
        """
        probability = _probabilities(probabilities)
        value = 100.0 * float(self.shares(probability) @ CONTRAST)
        if self.method is Method.EM:
            scores = self._resampled(probability, rounds, seed)
            low, high = np.quantile(scores, [0.5 - level / 2.0, 0.5 + level / 2.0])
        else:
            half = normal_quantile(level) * self.standard_error(probability)
            low, high = max(-100.0, value - half), min(100.0, value + half)
        n = len(probability)
        return Estimate("NPS (estimated)", value, float(low), float(high), n, level, self.method.value, n)

    def standard_error(self, probabilities: ArrayLike, rounds: int = 200, seed: int = 0) -> float:
        """Standard error of the estimated score, as `estimate` uses it.

        Args:
            probabilities: predicted probabilities, shape (n, 3).
            rounds: bootstrap samples (EM only).
            seed: of the bootstrap (EM only).

        Returns:
            The standard error on the scale -100..100.

        Raises:
            MeasureError: there are no rows, or they are no probabilities.
        """
        probability = _probabilities(probabilities)
        if self.method is Method.EM:
            return float(self._resampled(probability, rounds, seed).std(ddof=1))
        return self.standard_error_of(Moments.of(_represent(probability, self.method)))

    def standard_error_of(self, seen: Moments) -> float:
        """As `standard_error`, from sums; see `shares_of`.

        Args:
            seen: sums over the items without a score, at least one.

        Returns:
            The standard error on the scale -100..100.

        Raises:
            MeasureError: the method is EM, or there are no items.
        """
        shares = self.shares_of(seen)
        n = seen.n
        if n > 2:
            own = seen.covariance
        else:
            offset = self.table - (self.table @ shares)[:, None]
            own = np.einsum("j,jab->ab", shares, self.spread) + (offset * shares) @ offset.T
        correction = np.einsum("j,jab->ab", shares**2 / self.counts, self.spread)
        lever = np.linalg.solve(self.table.T, CONTRAST)  # so that the score is lever @ mean representation
        return 100.0 * float(np.sqrt(max(0.0, lever @ (own / n + correction) @ lever)))

    def _resampled(self, probability: FloatArray, rounds: int, seed: int) -> FloatArray:
        """EM's score of bootstrap samples of the items, shape (rounds,)."""
        n = len(probability)
        load = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=rounds).astype(np.float64)
        return 100.0 * expectation_maximisation(probability, self.prior, load, 1e-6) @ CONTRAST


def overall_nps(
    given: tuple[int, int, int],
    probabilities: ArrayLike,
    quantifier: Quantifier,
    level: float = 0.95,
) -> Estimate:
    """Net Promoter Score of everybody: given scores counted, the others estimated.

    The two parts are weighted by their numbers and their variances added as if independent (they share the
    quantifier when it was fitted on the same given scores; its part of the variance is in the estimated one).

    Args:
        given: promoters, passives and detractors among the given scores.
        probabilities: predicted probabilities of the items without a score, shape (n, 3); n may be 0.
        quantifier: fitted on given scores.
        level: confidence level, 0-1.

    Returns:
        The score, -100..100; `n_given` and `n_estimated` say what it rests on.

    Raises:
        MeasureError: there is neither a given nor an estimated score, or rows are no probabilities.
    """
    rows = np.asarray(probabilities, dtype=np.float64)
    if not len(rows):
        return _together(given, 0, 0.0, 0.0, quantifier, level)
    part = 100.0 * float(quantifier.shares(rows) @ CONTRAST)
    return _together(given, len(rows), part, quantifier.standard_error(rows), quantifier, level)


def overall_nps_of_moments(
    given: tuple[int, int, int], silent: Moments, quantifier: Quantifier, level: float = 0.95
) -> Estimate:
    """As `overall_nps`, from sums over the items without a score.

    Args:
        given: promoters, passives and detractors among the given scores.
        silent: sums of the probabilities of the items without a score; there may be none.
        quantifier: fitted on given scores, by PACC.
        level: confidence level, 0-1.

    Returns:
        The score, -100..100; `n_given` and `n_estimated` say what it rests on.

    Raises:
        MeasureError: there is neither a given nor an estimated score, or the quantifier's method is EM.
    """
    if not silent.n:
        return _together(given, 0, 0.0, 0.0, quantifier, level)
    part = 100.0 * float(quantifier.shares_of(silent) @ CONTRAST)
    return _together(given, silent.n, part, quantifier.standard_error_of(silent), quantifier, level)


def _together(
    given: tuple[int, int, int], silent: int, part: float, error: float, quantifier: Quantifier, level: float
) -> Estimate:
    if min(given) < 0:
        raise MeasureError(f"NPS: counts cannot be negative, got {given}")
    z, told = normal_quantile(level), sum(given)
    if told + silent == 0:
        raise MeasureError("NPS needs at least one answer, got none")
    share = told / (told + silent)
    value = centre = variance = 0.0
    if told:
        adjusted, own = adjusted_nps(*given)
        value = share * 100.0 * (given[0] - given[2]) / told
        centre, variance = share * float(adjusted), (share * float(own)) ** 2
    if silent:
        value += (1.0 - share) * part
        centre += (1.0 - share) * part
        variance += ((1.0 - share) * error) ** 2
    half = z * float(np.sqrt(variance))
    return Estimate(
        "NPS (given and estimated)",
        value,
        max(-100.0, centre - half),
        min(100.0, centre + half),
        told + silent,
        level,
        f"adjusted Wald (n+3); {quantifier.method.value}",
        silent,
    )


def _check_counts(counts: IntArray) -> None:
    if counts.min() < LEAST_PER_CLASS:
        raise MeasureError(
            f"quantification needs at least {LEAST_PER_CLASS} given scores of each group, "
            f"got {counts.min()} {CLASSES[int(counts.argmin())]}s"
        )


def _check_table(table: FloatArray) -> None:
    if np.linalg.cond(table) > 1e4:
        raise MeasureError(
            "the probabilities do not tell the groups apart; nothing can be estimated from them"
        )


def _represent(probability: FloatArray, method: Method) -> FloatArray:
    """What is averaged: the probabilities, or for ACC the likeliest group as 0/1."""
    return np.eye(3)[probability.argmax(axis=1)] if method is Method.ACC else probability


def _probabilities(values: ArrayLike) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3 or len(array) == 0:
        raise MeasureError(f"probabilities must have shape (n, 3) with n at least 1, got {array.shape}")
    wrong = ~((array >= 0.0).all(axis=1) & (np.abs(array.sum(axis=1) - 1.0) < 1e-3))
    if wrong.any():
        where = int(np.flatnonzero(wrong)[0])
        raise MeasureError(
            f"probabilities must be 0-1 and add up to 1, got {array[where].tolist()} in row {where}"
        )
    return array
