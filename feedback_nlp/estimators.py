"""The second level as a whole: all estimators over one table of readings, fitted together on held-out readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from feedback_nlp.advocacy import AdvocacyScorer, AnswerDistribution
from feedback_nlp.disagreement import Disagreement
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.readings import Readings
from feedback_nlp.review import ReviewPolicy
from feedback_nlp.sentiment import SentimentScorer
from feedback_nlp.signals import SignalDetector
from feedback_nlp.themes import PolarityScorer, ThemeClassifier

__all__ = ["Estimators", "Predictions"]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What the second level says of n texts, t themes and s signals.

    Attributes:
        theme_probability: (n, t), 0-1.
        theme_assigned: Bool (n, t).
        polarity: (n, t), -1 to 1.
        sentiment: (n,), -1 to 1.
        nps: Distribution of the NPS answer.
        cas: Distribution of the CAS answer.
        signal_probability: (n, s), 0-1.
        signal_assigned: Bool (n, s).
        disagreement: How far apart n-grams and encoder are on each theme, (n, t), 0-1; None without an encoder.
    """

    theme_probability: NDArray[np.float64]
    theme_assigned: NDArray[np.bool_]
    polarity: NDArray[np.float64]
    sentiment: NDArray[np.float64]
    nps: AnswerDistribution
    cas: AnswerDistribution
    signal_probability: NDArray[np.float64]
    signal_assigned: NDArray[np.bool_]
    disagreement: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Estimators:
    """The fitted second level.

    Attributes:
        names: The columns of the readings it was fitted on.
        disagreement: None where only one kind of model read the texts, or it was not asked for.
    """

    names: tuple[str, ...]
    themes: ThemeClassifier
    polarity: PolarityScorer
    sentiment: SentimentScorer
    advocacy: AdvocacyScorer
    signals: SignalDetector
    review: ReviewPolicy
    disagreement: Disagreement | None

    @classmethod
    def fit(
        cls,
        readings: Readings,
        data: LabelledTexts,
        folds: NDArray[np.int64],
        themes: tuple[str, ...],
        signals: tuple[str, ...],
        *,
        disagreement: bool = True,
    ) -> Self:
        """Fit on readings that come from first-level models which had not seen the texts (cross-fitting).

        Args:
            readings: Held-out readings of the n texts.
            data: Their labels.
            folds: Which texts were held out together, (n,).
            themes: Theme codes in order.
            signals: Signal codes in order.
            disagreement: Whether to fit what tells how far n-grams and encoder are apart, which takes as long as the
                rest.
        """
        X, names, weight = readings.values, readings.names, data.weight
        theme_model = ThemeClassifier.for_columns(names, themes).fit(X, data.themes, weight, folds)
        probability = theme_model.predict_proba(X)
        return cls(
            names=names,
            themes=theme_model,
            polarity=PolarityScorer.for_columns(names, themes).fit(X, data.polarity, data.themes, weight),
            sentiment=SentimentScorer.for_columns(names).fit(X, data.sentiment, weight, folds),
            advocacy=AdvocacyScorer.for_columns(names).fit(
                X, np.stack([data.nps, data.cas], axis=1), weight, folds
            ),
            signals=SignalDetector.for_columns(names, signals).fit(X, data.signals, weight, folds),
            review=ReviewPolicy.fit(probability, probability >= theme_model.thresholds_),
            disagreement=Disagreement.fit(readings, data, folds, themes) if disagreement else None,
        )

    def predict(self, readings: Readings) -> Predictions:
        """Read everything off a table with the same columns.

        Raises:
            ValueError: The columns are not those it was fitted on.
        """
        if readings.names != self.names:
            raise ValueError("these readings have other columns than the estimators were fitted on")
        X = readings.values
        theme_probability = self.themes.predict_proba(X)
        signal_probability = self.signals.predict_proba(X)
        return Predictions(
            theme_probability=theme_probability,
            theme_assigned=theme_probability >= self.themes.thresholds_,
            polarity=self.polarity.predict(X),
            sentiment=self.sentiment.predict(X),
            nps=self.advocacy.nps_.predict_distribution(X),
            cas=self.advocacy.cas_.predict_distribution(X),
            signal_probability=signal_probability,
            signal_assigned=signal_probability >= self.signals.thresholds_,
            disagreement=None if self.disagreement is None else self.disagreement.distance(X),
        )
