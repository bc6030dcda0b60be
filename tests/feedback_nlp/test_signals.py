from __future__ import annotations

import numpy as np

from feedback_nlp.readings import column
from feedback_nlp.signals import WANTED_RECALL, SignalDetector

NAMES = (
    column("signal", "klacht", "text"),
    column("tone", "", "polarity"),
    column("signal", "kwetsbaar", "text"),
    column("theme", "snelheid", "text"),
)
SIGNALS = ("klacht", "kwetsbaar")


def test_a_signal_is_decided_by_its_own_columns_and_the_tone() -> None:
    assert SignalDetector.for_columns(NAMES, SIGNALS).groups == ((0, 1), (2, 1))


def test_nearly_all_signals_of_items_not_learned_from_are_found() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(6_000, len(NAMES))).astype(np.float32)
    truth = generator.random((6_000, 2)) < 1 / (1 + np.exp(-(3 * X[:, [0, 2]] - 4)))
    detector = SignalDetector.for_columns(NAMES, SIGNALS).fit(X[:3_000], truth[:3_000])
    found = detector.predict(X[3_000:])
    for signal in range(2):
        labelled = truth[3_000:, signal]
        assert abs(found[labelled, signal].mean() - WANTED_RECALL) < 0.04
        assert found[~labelled, signal].mean() < 0.5, "not by flagging everything"
