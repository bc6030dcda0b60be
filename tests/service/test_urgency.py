from __future__ import annotations

import pytest

from service.feedback.tables import FeedbackRow, SignalRow
from service.feedback.urgency import DONE, NEW, POSSIBLE, REVIEW, SIGNALLED, urgency, urgency_of


def test_likely_signals_come_before_possible_ones_those_before_doubt_and_that_before_what_is_new() -> None:
    levels = [
        urgency("new", strongest=None, needs_review=False),
        urgency("new", strongest=None, needs_review=True),
        urgency("in_progress", strongest=0.1, needs_review=True),
        urgency("new", strongest=0.5, needs_review=False),
    ]
    assert levels == sorted(levels) == [NEW, REVIEW, POSSIBLE, SIGNALLED]


@pytest.mark.parametrize("status", ["answered", "closed"])
def test_what_is_done_asks_for_nothing(status: str) -> None:
    assert urgency(status, strongest=1.0, needs_review=True) == DONE


def test_what_a_person_says_is_sure_whatever_the_model_thinks() -> None:
    said = SignalRow(signal="kwetsbaar", score=0.02, origin="person")
    guessed = SignalRow(signal="kwetsbaar", score=0.02, origin="model")
    assert urgency_of(FeedbackRow(status="new", needs_review=False, signals=[said])) == SIGNALLED
    assert urgency_of(FeedbackRow(status="new", needs_review=False, signals=[guessed])) == POSSIBLE
    assert urgency_of(FeedbackRow(status="new", needs_review=False, signals=[guessed, said])) == SIGNALLED
