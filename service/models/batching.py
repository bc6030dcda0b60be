"""Single texts that come in at the same time are analysed together; see `docs/decisions/micro-batching.md`."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem, ModelInfo
from feedback_nlp.taxonomy import Taxonomy
from service.errors import BusyError
from service.models.live import Analyzer, Described

__all__ = ["BatchingAnalyzer"]

_MOST: Final = 64
"""Texts that are analysed together; a request that has as many by itself gains nothing from company."""

Answers = list[Analysis | TextError]


@dataclass(eq=False)
class _Ticket:
    items: Sequence[FeedbackItem]
    answers: Answers | None = None
    error: Exception | None = None
    leads: bool = False
    woken: threading.Event = field(default_factory=threading.Event)

    def done(self) -> bool:
        return self.answers is not None or self.error is not None


class BatchingAnalyzer:
    """An analyzer for many threads: while one works, what the others bring waits, and is then taken together.

    Nobody waits for company: a thread that finds nobody at work begins at once. It leads until its own items are done,
    then hands over to one that waits. The numbers are those of the analyzer alone, to which a text's neighbours do not
    matter.

    Args:
        analyzer: Who analyses.
        wait: Seconds after which a thread gives up waiting for its turn.
    """

    def __init__(self, analyzer: Analyzer, *, wait: float = 30.0) -> None:
        self._analyzer = analyzer
        self._wait = wait
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket] = deque()
        self._led = False

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""
        return self._analyzer.info

    @property
    def taxonomy(self) -> Taxonomy:
        """What it can say."""
        return self._analyzer.taxonomy

    @property
    def manifest(self) -> Described:
        """How it came about."""
        return self._analyzer.manifest

    def analyze_batch(self, items: Sequence[FeedbackItem]) -> Answers:
        """Analyse in order, each item's own error in its place.

        Raises:
            BusyError: Its turn did not come in time.
        """
        if len(items) >= _MOST:
            return self._analyzer.analyze_batch(items)
        ticket = _Ticket(items)
        with self._lock:
            self._waiting.append(ticket)
            ticket.leads = not self._led
            self._led = True
        if not ticket.leads and not ticket.woken.wait(self._wait):
            with self._lock:
                if ticket in self._waiting and not ticket.leads:
                    self._waiting.remove(ticket)
                    raise BusyError(f"The model had no time within {self._wait:g} seconds.")
            ticket.woken.wait()  # it is being worked on now
        if ticket.leads:
            self._lead(ticket)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.answers is not None
        return ticket.answers

    def _lead(self, own: _Ticket) -> None:
        try:
            while not own.done():
                self._work(self._taken())
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].woken.set()
                else:
                    self._led = False

    def _taken(self) -> list[_Ticket]:
        """The next tickets, in the order they came: as many as go together, at least one."""
        with self._lock:
            taken = [self._waiting.popleft()]
            size = len(taken[0].items)
            while self._waiting and size + len(self._waiting[0].items) <= _MOST:
                taken.append(self._waiting.popleft())
                size += len(taken[-1].items)
            return taken

    def _work(self, tickets: Sequence[_Ticket]) -> None:
        try:
            answers = self._analyzer.analyze_batch([item for ticket in tickets for item in ticket.items])
        except Exception as exc:  # noqa: BLE001 - told to whoever asked
            if len(tickets) == 1:
                tickets[0].error = exc
            else:  # one of them may be at fault: none of the others is to suffer for it
                for ticket in tickets:
                    self._work([ticket])
                return
        else:
            begin = 0
            for ticket in tickets:
                ticket.answers = answers[begin : begin + len(ticket.items)]
                begin += len(ticket.items)
        for ticket in tickets:
            ticket.woken.set()
