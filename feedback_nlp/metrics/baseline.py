"""What weekly counts are to be expected: shares by logistic regression, with season and overdispersion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from feedback_nlp.metrics.checks import BoolArray, FloatArray

__all__ = ["Baseline", "fit_baseline", "moderate", "seasonal_terms"]

OUTLIER = 2.58
"""Standardised residual above which a past week loses weight; A. Noufaily et al., "An improved algorithm for
outbreak detection in multiple surveillance systems", Statistics in Medicine 32, 2013."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A fitted baseline of s series.

    Attributes:
        coefficients: on the logit scale, shape (s, k).
        covariance: of the coefficients for a dispersion of 1, shape (s, k, k).
        dispersion: variance over the binomial one, own estimate, shape (s,).
        freedom: its degrees of freedom.
        expected: expected count a week, mean over the baseline, shape (s,).
    """

    coefficients: FloatArray
    covariance: FloatArray
    dispersion: FloatArray
    freedom: int
    expected: FloatArray


def seasonal_terms(week: FloatArray, season: bool) -> FloatArray:
    """The columns of the regression: one, and with a season a yearly sine and cosine.

    Args:
        week: numbers of the weeks, shape (w,).
        season: whether the year is modelled.

    Returns:
        Shape (w, 1) or (w, 3).
    """
    one = np.ones_like(week)
    if not season:
        return one[:, None]
    angle = 2.0 * np.pi * week / 52.1775
    return np.column_stack([one, np.sin(angle), np.cos(angle)])


def fit_baseline(counts: FloatArray, volumes: FloatArray, terms: FloatArray) -> Baseline:
    """Fit the share of every series by quasi-binomial regression; weeks far above it lose weight.

    Volume enters as the number of trials, so that a busy week is no alarm. Re-weighting of past outbreaks as
    in C. Farrington et al., "A statistical algorithm for the early detection of outbreaks", JRSS A 159, 1996.

    Args:
        counts: shape (s, w).
        volumes: shape (s, w); weeks of volume 0 carry nothing.
        terms: shape (w, k).

    Returns:
        The baseline.
    """
    weight = np.ones_like(counts)
    beta, covariance, share = _irls(counts, volumes, terms, weight)
    freedom = terms.shape[0] - terms.shape[1]
    dispersion = _dispersion(counts, volumes, share, weight, freedom)
    residual = _pearson(counts, volumes, share) / np.sqrt(np.maximum(1.0, dispersion))[:, None]
    weight = np.where(residual > OUTLIER, (OUTLIER / np.maximum(residual, OUTLIER)) ** 2, 1.0)
    beta, covariance, share = _irls(counts, volumes, terms, weight)
    dispersion = _dispersion(counts, volumes, share, weight, freedom)
    return Baseline(beta, covariance, dispersion, freedom, (share * volumes).mean(axis=1))


def moderate(dispersion: FloatArray, freedom: int, usable: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Draw the dispersions of many series together: an own estimate from half a year of weeks is a poor one.

    Empirical Bayes with a scaled inverse chi-square prior; G. Smyth, "Linear models and empirical Bayes methods
    for assessing differential expression in microarray experiments", SAGMB 3, 2004, section 6.2.

    Args:
        dispersion: own estimates, shape (s,).
        freedom: their degrees of freedom.
        usable: booleans of shape (s,), which series teach the prior; fewer than 3 teach nothing.

    Returns:
        Moderated dispersions, at least 1, and their degrees of freedom (may be infinite), both of shape (s,).
    """
    teaching = dispersion[usable & (dispersion > 0)]
    if len(teaching) < 3:
        return np.maximum(1.0, dispersion), np.full(dispersion.shape, float(freedom))
    half = freedom / 2.0
    log = np.log(teaching) - special.digamma(half) + np.log(half)
    excess = float(log.var(ddof=1) - special.polygamma(1, half))
    if excess <= 0:
        prior_freedom, prior = np.inf, float(np.exp(log.mean()))
        drawn = np.full(dispersion.shape, prior)
    else:
        prior_freedom = 2.0 * _trigamma_inverse(excess)
        prior = float(np.exp(log.mean() + special.digamma(prior_freedom / 2.0) - np.log(prior_freedom / 2.0)))
        drawn = (prior_freedom * prior + freedom * dispersion) / (prior_freedom + freedom)
    return np.maximum(1.0, drawn), np.full(dispersion.shape, prior_freedom + freedom)


def _trigamma_inverse(value: float) -> float:
    """Newton's method on 1/trigamma, which is nearly linear (Smyth 2004, appendix)."""
    x = 0.5 + 1.0 / value
    for _ in range(50):
        trigamma = float(special.polygamma(1, x))
        step = trigamma * (1.0 - trigamma / value) / float(special.polygamma(2, x))
        x += step
        if -step / x < 1e-8:
            break
    return x


def _irls(
    counts: FloatArray, volumes: FloatArray, terms: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Iteratively reweighted least squares for all series at once."""
    s, w = counts.shape
    k = terms.shape[1]
    yes, trials = counts + 0.5 / w, volumes + 1.0 / w  # keeps a series without any count finite
    overall = (weight * yes).sum(axis=1) / (weight * trials).sum(axis=1)
    beta = np.zeros((s, k))
    beta[:, 0] = special.logit(overall)
    information = np.empty((s, k, k))
    for _ in range(25):
        share = special.expit(beta @ terms.T)
        load = weight * trials * share * (1.0 - share)
        information = np.einsum("wi,sw,wj->sij", terms, load, terms, optimize=True) + 1e-9 * np.eye(k)
        slope = (weight * (yes - trials * share)) @ terms
        step = np.linalg.solve(information, slope[..., None])[..., 0]
        step = np.clip(step, -2.0, 2.0)
        beta = beta + step
        if np.abs(step).max(initial=0.0) < 1e-8:
            break
    return beta, np.linalg.inv(information).astype(np.float64), special.expit(beta @ terms.T)


def _pearson(counts: FloatArray, volumes: FloatArray, share: FloatArray) -> FloatArray:
    spread = np.sqrt(np.maximum(volumes * share * (1.0 - share), 1e-12))
    result: FloatArray = np.where(volumes > 0, (counts - volumes * share) / spread, 0.0)
    return result


def _dispersion(
    counts: FloatArray, volumes: FloatArray, share: FloatArray, weight: FloatArray, freedom: int
) -> FloatArray:
    result: FloatArray = (weight * _pearson(counts, volumes, share) ** 2).sum(axis=1) / max(1, freedom)
    return result
