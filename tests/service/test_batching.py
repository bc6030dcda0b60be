from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from service.errors import BusyError
from service.models.batching import BatchingAnalyzer
from tests.service.support import WordAnalyzer


class Counting(WordAnalyzer):
    """Notes its batches; the first waits until it is told to go on; a text may be deadly for its whole batch."""

    def __init__(self, hold: bool = False) -> None:
        super().__init__()
        object.__setattr__(self, "batches", [])
        object.__setattr__(self, "go", threading.Event())
        object.__setattr__(self, "begun", threading.Event())
        if not hold:
            self.go.set()  # type: ignore[attr-defined]

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> list[Analysis | TextError]:
        self.batches.append(len(items))  # type: ignore[attr-defined]
        self.begun.set()  # type: ignore[attr-defined]
        assert self.go.wait(20)  # type: ignore[attr-defined]
        if any(item.text == "deadly" for item in items):
            raise RuntimeError("deadly")
        return super().analyze_batch(items)


@given(
    st.lists(st.lists(st.sampled_from(["in de wacht", "begripvol", "", "premie"]), max_size=70), max_size=12)
)
def test_everybody_gets_the_answers_to_their_own_texts(requests: list[list[str]]) -> None:
    alone, together = WordAnalyzer(), BatchingAnalyzer(WordAnalyzer())
    asked = [
        [FeedbackItem(text, id=f"{n}-{k}") for k, text in enumerate(texts)]
        for n, texts in enumerate(requests)
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(together.analyze_batch, asked))
    for items, answer in zip(asked, answers, strict=True):
        assert list(map(str, answer)) == list(map(str, alone.analyze_batch(items)))


def test_what_comes_in_while_one_works_is_taken_together() -> None:
    analyzer = Counting(hold=True)
    together = BatchingAnalyzer(analyzer)
    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(together.analyze_batch, [FeedbackItem("in de wacht")])
        assert analyzer.begun.wait(20)  # type: ignore[attr-defined]
        others = [pool.submit(together.analyze_batch, [FeedbackItem(f"premie {n}")]) for n in range(20)]
        deadline = time.monotonic() + 20
        while len(together._waiting) < 20:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        analyzer.go.set()  # type: ignore[attr-defined]
        texts = [other.result(20)[0] for other in others]
    first.result()
    assert [one.text for one in texts if isinstance(one, Analysis)] == [f"premie {n}" for n in range(20)]
    assert analyzer.batches == [1, 20]  # type: ignore[attr-defined]


def test_a_request_that_breaks_the_model_does_not_break_its_neighbours() -> None:
    analyzer = Counting(hold=True)
    together = BatchingAnalyzer(analyzer)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.analyze_batch, [FeedbackItem("in de wacht")])
        assert analyzer.begun.wait(20)  # type: ignore[attr-defined]
        bad = pool.submit(together.analyze_batch, [FeedbackItem("deadly")])
        good = pool.submit(together.analyze_batch, [FeedbackItem("premie")])
        while len(together._waiting) < 2:
            time.sleep(0.001)
        analyzer.go.set()  # type: ignore[attr-defined]
        assert first.result(20)
        assert isinstance(good.result(20)[0], Analysis)
        with pytest.raises(RuntimeError, match="deadly"):
            bad.result(20)
    assert together.analyze_batch([FeedbackItem("premie")])


def test_whoever_waits_too_long_is_told_and_nobody_waits_for_ever() -> None:
    analyzer = Counting(hold=True)
    together = BatchingAnalyzer(analyzer, wait=0.05)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(together.analyze_batch, [FeedbackItem("in de wacht")])
        assert analyzer.begun.wait(20)  # type: ignore[attr-defined]
        with pytest.raises(BusyError, match=r"within 0\.05 seconds"):
            pool.submit(together.analyze_batch, [FeedbackItem("premie")]).result(20)
        analyzer.go.set()  # type: ignore[attr-defined]
        assert first.result(20)
    assert together.analyze_batch([FeedbackItem("premie")])
    assert analyzer.batches == [1, 1]  # type: ignore[attr-defined]
