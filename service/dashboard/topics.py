"""New topics: what the latest texts that no theme covers are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from feedback_nlp.topics import TopicText, emerging_topics
from service.counts.facts import start_of
from service.dashboard.repository import DashboardRepository

__all__ = ["LOOKED_AT", "NewTopic", "Topics", "new_topics"]

LOOKED_AT: Final = 1000
"""The latest texts without a theme that are looked at."""

_RECENT: Final = timedelta(days=28)
_HISTORY: Final = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A group of like texts that has grown in the last four weeks.

    Attributes:
        id: Its first item, by which it is known for as long as that item is looked at.
        phrases: What its texts share.
        items: Its items, the oldest first.
        recent: How many of them are of the last four weeks.
        expected: How many there would be if the group were as old as the rest.
        p_value: Chance of at least so many in that case.
    """

    id: int
    phrases: tuple[str, ...]
    items: tuple[int, ...]
    recent: int
    expected: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Topics:
    """The new topics; `texts` were looked at, `recent` of which are of the last four weeks."""

    texts: int
    recent: int
    topics: tuple[NewTopic, ...]


def new_topics(counts: DashboardRepository, today: date) -> Topics:
    """Group the latest texts without a theme of half a year."""
    since, recent = start_of(today - _HISTORY), start_of(today - _RECENT)
    texts = [
        TopicText(str(id_), text, moment >= recent)
        for id_, moment, text in counts.without_theme(since, start_of(today + timedelta(days=1)), LOOKED_AT)
    ]
    found = tuple(
        NewTopic(
            id=int(one.id),
            phrases=one.phrases,
            items=tuple(map(int, one.texts)),
            recent=one.recent,
            expected=one.expected,
            p_value=one.p_value,
        )
        for one in emerging_topics(texts)
    )
    return Topics(len(texts), sum(text.recent for text in texts), found)
