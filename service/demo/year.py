"""Draws a year of feedback from the corpus: the same on every machine and day, but for the dates."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from service.feedback.records import NewFeedback

__all__ = ["SOURCE", "DemoItem", "draw"]

SOURCE: Final = "demo"
"""What all demonstration feedback is labelled with."""

_SEED: Final = 20260301
_DAYS: Final = 365
_HOURS: Final = (8, 22)
_GIVEN_BUT_WRONG: Final = 0.03


@dataclass(frozen=True, slots=True)
class DemoItem:
    """An item, and what has become of it: its status, and whether a person confirmed its labels."""

    feedback: NewFeedback
    status: str
    confirmed: bool


def draw(corpus: Path, count: int, now: datetime) -> list[DemoItem]:
    """Draw items, the oldest first; recent weeks are fuller, as in an organisation that asks more and more.

    Args:
        corpus: Labelled items, one JSON object a line.
        count: How many.
        now: When the year ends.
    """
    rng = random.Random(_SEED)  # noqa: S311 - a repeatable draw, not a secret
    rows = list(_rows(corpus))
    rng.shuffle(rows)
    chosen = rows[:count]
    ages = sorted((_DAYS * (1 - rng.random() ** 0.7) for _ in chosen), reverse=True)
    return [_item(row, now - timedelta(days=age), age, rng) for row, age in zip(chosen, ages, strict=True)]


def _rows(corpus: Path) -> Iterator[dict[str, Any]]:
    with corpus.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _item(row: dict[str, Any], moment: datetime, age: float, rng: random.Random) -> DemoItem:
    hour = rng.randint(*_HOURS)
    at = moment.replace(hour=hour, minute=rng.randrange(60), second=0, microsecond=0)
    asked = row["kind"] == "survey"
    nps = row["nps"] if asked else None
    if asked and rng.random() < _GIVEN_BUT_WRONG:
        nps = 10 - row["nps"]
    feedback = NewFeedback(
        text=row["text"],
        source=SOURCE,
        external_id=row["id"],
        kind=row["kind"],
        domain=row["domain"],
        journey=row["journey"],
        channel=row["channel"],
        segment=row["segment"],
        nps=nps,
        cas=row["cas"] if asked else None,
        ces=row["ces"] if asked else None,
        occurred_at=min(at, moment),
        meta={
            "demo": True,
            "filiaal": rng.choice(_BRANCHES),
            "moment": rng.choice(_MOMENTS[row["journey"]]),
        },
    )
    return DemoItem(feedback, _status(age, rng), rng.random() < _confirmed(age))


def _status(age: float, rng: random.Random) -> str:
    """Old items are done with, the youngest are new."""
    steps: Sequence[tuple[float, tuple[str, ...], tuple[int, ...]]] = (
        (7, ("new", "in_progress", "answered"), (80, 15, 5)),
        (42, ("new", "in_progress", "answered", "closed"), (15, 25, 40, 20)),
        (_DAYS + 1, ("in_progress", "answered", "closed"), (1, 20, 79)),
    )
    _, statuses, weights = next(step for step in steps if age <= step[0])
    return rng.choices(statuses, weights)[0]


def _confirmed(age: float) -> float:
    return 0.02 if age <= _STILL_NEW else 0.35


_STILL_NEW: Final = 7

_BRANCHES: Final = ("Noord", "Oost", "Zuid", "West")
"""Invented, and dealt out by lot: what differs between them is chance, and the dashboards should say so."""

_MOMENTS: Final = {
    "orienteren": ("eerste vraag", "advies"),
    "afsluiten": ("aanvraag", "ontvangst"),
    "gebruik": ("dagelijks gebruik", "vraag stellen"),
    "wijzigen": ("wijziging doorgeven", "bevestiging"),
    "betalen": ("rekening ontvangen", "rekening betalen"),
    "schade_of_storing": ("melden", "herstel"),
    "klacht": ("klacht indienen", "antwoord op de klacht"),
    "opzeggen": ("opzegging doorgeven", "eindafrekening"),
}
"""Moments of truth within a journey, dealt out by lot too."""
