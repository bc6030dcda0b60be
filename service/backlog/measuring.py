"""What customers would like to be better, and what that is worth: complaints by theme and journey, and their impact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from feedback_nlp.taxonomy import Taxonomy
from service.backlog.quotes import quote_of, strength_of
from service.backlog.records import Measured, Suggestion
from service.backlog.repository import BacklogRepository
from service.feedback.repository import NEUTRAL

if TYPE_CHECKING:
    from feedback_nlp.metrics.intervals import Estimate

__all__ = ["LEAST", "WEEKS", "measure", "quotes", "suggest"]

WEEKS: Final = 13
"""Weeks that suggestions look back, unless asked otherwise."""

LEAST: Final = 5
"""Complaints below which nothing is suggested."""

_LEAST_SCORES: Final = 30
_MOST_SCORES: Final = 20_000
_ROUNDS: Final = 1000
_LEVEL: Final = 0.95
_LOOKED_AT: Final = 40
_YEAR: Final = 365


def suggest(
    repository: BacklogRepository,
    taxonomy: Taxonomy,
    today: date,
    *,
    weeks: int = WEEKS,
    limit: int = 20,
    quoted: int = 3,
) -> list[Suggestion]:
    """What to improve, by expected gain times reach; what has no gain that can be told comes last, by its complaints.

    Args:
        repository: Within the caller's unit of work.
        taxonomy: Whose themes and journeys count.
        today: The last day that is looked at.
        weeks: How far back.
        limit: How many suggestions.
        quoted: How many customers are quoted for each.
    """
    start = today - timedelta(weeks=weeks) + timedelta(days=1)
    complaints = {
        key: count
        for key, count in repository.complaints(start, today).items()
        if count >= LEAST and key[0] in taxonomy.theme_codes
    }
    journeys = sorted({journey for _, journey in complaints})
    worth = _impacts(repository, taxonomy, journeys, start, today)
    arrived = repository.items_by_journey(start, today)
    known = repository.known()
    found = [
        Suggestion(
            theme,
            journey,
            _measured(worth.get((theme, journey)), count, arrived.get(journey, 0), start, today),
            known_as=known.get((theme, journey)),
        )
        for (theme, journey), count in complaints.items()
    ]
    found.sort(key=lambda one: (-_worth(one.measured), -one.measured.volume, one.theme, one.journey))
    return [
        Suggestion(
            one.theme,
            one.journey,
            one.measured,
            quotes(
                repository,
                repository.complaining_ids(one.theme, one.journey, start, today, _LOOKED_AT),
                one.theme,
                quoted,
            ),
            one.known_as,
        )
        for one in found[:limit]
    ]


def measure(
    repository: BacklogRepository,
    taxonomy: Taxonomy,
    theme: str,
    journey: str,
    today: date,
    *,
    weeks: int = WEEKS,
) -> Measured:
    """What it would be worth if nobody had reason to complain of a theme in a journey; arguments as for `suggest`."""
    start = today - timedelta(weeks=weeks) + timedelta(days=1)
    worth = _impacts(repository, taxonomy, [journey], start, today)
    volume = repository.complaints(start, today).get((theme, journey), 0)
    arrived = repository.items_by_journey(start, today).get(journey, 0)
    return _measured(worth.get((theme, journey)), volume, arrived, start, today)


def quotes(
    repository: BacklogRepository, ids: Sequence[int], theme: str | None, limit: int
) -> tuple[tuple[int, str], ...]:
    """What the items say that shows a theme most plainly, each with its id; None for whatever they speak of."""
    said = repository.results(ids)
    best = sorted(ids, key=lambda id_: -strength_of(said[id_][1], theme) if id_ in said else 0.0)
    return tuple((id_, quote_of(*said[id_], theme)) for id_ in best[:limit] if id_ in said)


def _worth(measured: Measured) -> float:
    return max(0.0, measured.gain or 0.0) * measured.reach


def _impacts(
    repository: BacklogRepository, taxonomy: Taxonomy, journeys: Sequence[str], start: date, end: date
) -> dict[tuple[str, str], Estimate]:
    """NPS(all) - NPS(without those who speak ill of the theme) of each theme and journey that enough gave a score to.

    As `feedback_nlp.metrics.drivers` has it, without the regression shares, which nobody waits for here.
    """
    if not journeys:
        return {}
    import numpy as np

    from feedback_nlp.metrics.drivers import impacts
    from feedback_nlp.metrics.intervals import Estimate
    from feedback_nlp.metrics.patterns import pack, percentile_bounds, resamples

    items, said = repository.scored(journeys, start, end, _MOST_SCORES)
    codes = taxonomy.theme_codes
    place = {code: column for column, code in enumerate(codes)}
    row = {item[0]: index for index, item in enumerate(items)}
    ill = np.zeros((len(items), len(codes)))
    for id_, code, polarity in said:
        if polarity <= -NEUTRAL and code in place and id_ in row:
            ill[row[id_], place[code]] = 1.0
    answers = np.array([item[2] for item in items])
    net = np.where(answers >= 8.5, 1.0, np.where(answers < 6.5, -1.0, 0.0))
    where = np.array([item[1] for item in items], dtype=object)
    found: dict[tuple[str, str], Estimate] = {}
    for journey in journeys:
        here = where == journey
        n = int(here.sum())
        mentions = ill[here].sum(axis=0)
        if n < _LEAST_SCORES or not (mentions >= LEAST).any():
            continue
        packed = pack(np.column_stack([net[here], ill[here]]))
        own = packed.counts[None, :].astype(np.float64)
        value = impacts(own, packed.rows[:, 0], packed.rows[:, 1:])[0]
        drawn = [
            impacts(sample, packed.rows[:, 0], packed.rows[:, 1:])
            for sample in resamples(packed.counts, _ROUNDS, np.random.default_rng(0))
        ]
        low, high = percentile_bounds(np.concatenate(drawn), _LEVEL)
        for column, code in enumerate(codes):
            if mentions[column] >= LEAST and not np.isnan(value[column]):
                bounds = float(low[column]), float(high[column])
                found[code, journey] = Estimate(
                    f"NPS impact of {code}", float(value[column]), *bounds, n, _LEVEL, "bootstrap percentile"
                )
    return found


def _measured(impact: Estimate | None, volume: int, arrived: int, start: date, end: date) -> Measured:
    reach = round(arrived * _YEAR / ((end - start).days + 1))
    if impact is None:
        return Measured(None, None, None, 0, volume, reach, start, end)
    gain, low, high = 0.0 - impact.value, 0.0 - impact.high, 0.0 - impact.low
    return Measured(gain, low, high, impact.n, volume, reach, start, end)
