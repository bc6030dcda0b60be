"""What each dashboard says: figures of the journey, the trend, the themes, the drivers, a change and the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

from feedback_nlp.errors import MeasureError
from feedback_nlp.metrics import (
    Patterns,
    decompose_patterns,
    dna_of_patterns,
    drivers_of_patterns,
    nps_difference,
)
from feedback_nlp.metrics.decomposition import NO_THEME
from feedback_nlp.metrics.dna import DNA_PILLARS
from feedback_nlp.taxonomy import Taxonomy
from service.dashboard.figures import (
    Figure,
    Scores,
    added,
    figure,
    maybe,
    merged,
    packed,
    quantifier_of,
    scores_of,
    share,
    theme_nps,
)
from service.dashboard.query import DashboardQuery, Period
from service.dashboard.repository import Counts, DashboardRepository, Key

__all__ = [
    "Change", "Contribution", "Dna", "Driver", "Drivers", "Journey", "MainTheme", "Organisation", "Part", "Point",
    "Stage", "ThemeCell", "Themes", "Trend", "change", "dna", "drivers", "journey", "themes", "trend",
]  # fmt: skip

_ROUNDS: Final = 200
_MANY_PATTERNS: Final = 3000
"""Distinct patterns from which on 100 bootstrap rounds do: there are then so many items that intervals are narrow."""
_WEEKS_UP_TO: Final = 125
_EVERYWHERE: Final = ""


@dataclass(frozen=True, slots=True)
class MainTheme:
    """The theme that most items speak of, how large a part of the items that is, and how many are dissatisfied."""

    theme: str
    share: Figure
    dissatisfied: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the journey, or a moment of truth within it; `journey` is empty where none was named."""

    journey: str
    moment: str
    scores: Scores
    main_theme: MainTheme | None


@dataclass(frozen=True, slots=True)
class Journey:
    """The customer journey: all of it, its stages in order, and the moments of truth that items name."""

    total: Scores
    stages: tuple[Stage, ...]
    moments: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A week or month of the trend; the first and last may be cut off by the period."""

    since: date
    until: date
    scores: Scores


@dataclass(frozen=True, slots=True)
class Trend:
    """The scores over time."""

    unit: Literal["week", "month"]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ThemeCell:
    """What items of a journey say of a theme; `journey` is empty for the whole.

    Attributes:
        theme: Its code.
        journey: A journey's code.
        items: Items of the journey.
        mentions: Items that speak of the theme.
        negative: Those that are dissatisfied with it.
        neutral: Those that are neither.
        positive: Those that are satisfied with it.
        negative_share: Dissatisfied items as a part of the journey's items, in per cent.
        nps: NPS of the customers who speak of it and gave a score.
    """

    theme: str
    journey: str
    items: int
    mentions: int
    negative: int
    neutral: int
    positive: int
    negative_share: Figure | None
    nps: Figure | None


@dataclass(frozen=True, slots=True)
class Themes:
    """Themes by journey, and as a whole."""

    whole: tuple[ThemeCell, ...]
    cells: tuple[ThemeCell, ...]


@dataclass(frozen=True, slots=True)
class Driver:
    """A theme as a driver of the NPS; fields as in `feedback_nlp.metrics.drivers`."""

    theme: str
    mentions: int
    volume: Figure
    impact: Figure | None
    share: Figure | None
    quadrant: Literal["fix first", "fix next", "keep", "build on", "unclear"]


@dataclass(frozen=True, slots=True)
class Drivers:
    """What drives the NPS; `n` scores carry it."""

    n: int
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """Points of NPS that a theme contributed to a change, by mix and by level; an empty theme is: none mentioned."""

    theme: str
    mix: Figure
    level: Figure
    total: float
    share_before: float
    share_after: float


@dataclass(frozen=True, slots=True)
class Part:
    """A period and its NPS."""

    since: date
    until: date
    nps: Figure


@dataclass(frozen=True, slots=True)
class Change:
    """Why the NPS changed; totals of the contributions add up to `difference.value`. None where a period is empty."""

    before: Part | None
    after: Part | None
    difference: Figure | None
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation or branch and its index; `best` and `worst` are the places that the data allow."""

    name: str
    index: Figure | None
    pillars: dict[str, Figure | None]
    best: int | None
    worst: int | None
    thin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dna:
    """The Customer Centric DNA index."""

    organisations: tuple[Organisation, ...]


def journey(counts: DashboardRepository, asked: DashboardQuery, taxonomy: Taxonomy) -> Journey:
    """The customer journey as a line of stages, in the taxonomy's order."""
    scores, guesses = counts.scores(asked, ("journey",)), counts.guesses(asked, ("journey",))
    quantifier = quantifier_of(guesses.values())
    said = counts.themes(asked, ("journey", "theme"))
    whole = counts.scores(asked).get((), {})
    order = [entry.code for entry in taxonomy.journeys]
    codes = [*order, *sorted({key[0] for key in scores} - {*order, _EVERYWHERE}), _EVERYWHERE]

    def stage(code: str) -> Stage:
        own = scores_of(scores.get((code,), {}), guesses.get((code,), {}), quantifier)
        return Stage(code, "", own, _main(said, (code,), own.items))

    return Journey(
        total=scores_of(whole, counts.guesses(asked).get((), {}), quantifier),
        stages=tuple(
            stage(code) for code in codes if (code,) in scores or (code in order and not asked.journey)
        ),
        moments=_moments(counts, asked, order) if not asked.dimension else (),
    )


def _moments(counts: DashboardRepository, asked: DashboardQuery, order: Sequence[str]) -> tuple[Stage, ...]:
    each, by = replace(asked, dimension="moment"), ("journey", "value")
    scores = counts.scores(each, by)
    if not scores:
        return ()
    guesses, said = counts.guesses(each, by), counts.themes(each, (*by, "theme"))
    quantifier = quantifier_of(counts.guesses(asked, ("journey",)).values())
    places = {code: index for index, code in enumerate(order)}
    found = []
    for key in sorted(scores, key=lambda key: (places.get(key[0], len(order)), key[1])):
        own = scores_of(scores[key], guesses.get(key, {}), quantifier)
        found.append(Stage(key[0], key[1], own, _main(said, key, own.items)))
    return tuple(found)


def _main(said: Mapping[Key, Counts], key: Key, items: int) -> MainTheme | None:
    own = {place[-1]: counts for place, counts in said.items() if place[:-1] == key}
    mentions = {theme: _mentions(counts) for theme, counts in own.items()}
    if not mentions:
        return None
    theme = max(sorted(mentions), key=mentions.__getitem__)
    part = share(mentions[theme], items, "share of items")
    assert part is not None
    return MainTheme(theme, part, own[theme]["negative"])


def _mentions(counts: Counts) -> int:
    return counts["negative"] + counts["neutral"] + counts["positive"]


def trend(counts: DashboardRepository, asked: DashboardQuery) -> Trend:
    """The scores by week, or by month when the period is longer than four months."""
    unit: Literal["week", "month"] = "week" if asked.period.days <= _WEEKS_UP_TO else "month"
    scores, guesses = counts.scores(asked, ("day",)), counts.guesses(asked, ("day",))
    quantifier = quantifier_of(guesses.values())
    points = []
    for part in _parts(asked.period, unit):
        answers = added(own for (day,), own in scores.items() if part.since <= day <= part.until)
        thought = [own for (day,), own in guesses.items() if part.since <= day <= part.until]
        points.append(Point(part.since, part.until, scores_of(answers, merged(thought), quantifier)))
    return Trend(unit, tuple(points))


def _parts(period: Period, unit: Literal["week", "month"]) -> Iterable[Period]:
    start = period.since
    while start <= period.until:
        if unit == "week":
            end = start + timedelta(days=6 - start.weekday())
        else:
            end = (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        yield Period(start, min(end, period.until))
        start = end + timedelta(days=1)


def themes(counts: DashboardRepository, asked: DashboardQuery, taxonomy: Taxonomy) -> Themes:
    """How often, and how, each theme is spoken of in each stage of the journey."""
    found = counts.themes(asked, ("theme", "journey"))
    items = {key[0]: own["items"] for key, own in counts.scores(asked, ("journey",)).items()}
    order = [entry.code for entry in taxonomy.themes]
    codes = [*order, *sorted({theme for theme, _ in found} - set(order))]
    stages = [entry.code for entry in taxonomy.journeys if entry.code in items]
    stages += sorted(items.keys() - {*stages, ""}) + ([""] if "" in items else [])

    def cell(theme: str, code: str, n: int, said: Counts) -> ThemeCell:
        if not said:
            return ThemeCell(theme, code, n, 0, 0, 0, 0, share(0, n, "dissatisfied items"), None)
        nps = theme_nps((said["promoters"], said["passives"], said["detractors"]))
        down, flat, up = said["negative"], said["neutral"], said["positive"]
        part = share(down, n, "dissatisfied items")
        return ThemeCell(theme, code, n, _mentions(said), down, flat, up, part, nps)

    total = sum(items.values())
    whole = {theme: added(own for key, own in found.items() if key[0] == theme) for theme in codes}
    return Themes(
        whole=tuple(cell(theme, "", total, whole[theme]) for theme in codes),
        cells=tuple(
            cell(theme, code, items[code], found.get((theme, code), {})) for theme in codes for code in stages
        ),
    )


def drivers(counts: DashboardRepository, asked: DashboardQuery, taxonomy: Taxonomy) -> Drivers:
    """Impact and share of each theme, with what to take up first."""
    held = packed(counts.patterns(asked, scored=True), taxonomy.theme_codes, scored=True)
    if held.n < 2:
        return Drivers(held.n, ())
    found = []
    rounds = _ROUNDS if len(held.rows) < _MANY_PATTERNS else _ROUNDS // 2
    for one in drivers_of_patterns(taxonomy.theme_codes, held, rounds=rounds):
        volume = share(one.mentions, held.n, "share of scores")
        assert volume is not None
        found.append(
            Driver(
                one.theme,
                one.mentions,
                volume,
                maybe(one.impact),
                maybe(one.share),
                one.quadrant.value,
            )
        )
    return Drivers(held.n, tuple(found))


def change(counts: DashboardRepository, asked: DashboardQuery, taxonomy: Taxonomy) -> Change:
    """Why the NPS of the period differs from that of the period to compare with."""
    periods = (asked.compared, asked.period)
    parts: list[Part | None] = []
    groups: list[Patterns] = []
    for period in periods:
        own = scores_of(counts.scores(asked, period=period).get((), {}), {}, None).nps
        parts.append(Part(period.since, period.until, own) if own else None)
        held = packed(counts.patterns(asked, scored=True, period=period), taxonomy.theme_codes, scored=True)
        groups.append(held)
    before, after = parts
    if before is None or after is None:
        return Change(before, after, None, ())
    made = decompose_patterns(taxonomy.theme_codes, groups[0], groups[1], rounds=_ROUNDS)
    told = [_groups(held.rows[:, 0].tolist(), held.counts.tolist()) for held in groups]
    moved = nps_difference(told[1], told[0])
    return Change(
        before,
        after,
        Figure(
            "NPS difference", moved.difference, moved.low, moved.high, moved.n_first + moved.n_second,
            moved.n_first + moved.n_second, 0, "z, unpooled errors",
        ),
        tuple(
            Contribution(
                "" if one.theme == NO_THEME else one.theme, figure(one.mix), figure(one.level), one.total,
                one.share_before, one.share_after,
            )
            for one in made.contributions
        ),
    )  # fmt: skip


def _groups(answers: Sequence[float], counts: Sequence[int]) -> tuple[int, int, int]:
    pairs = list(zip(answers, counts, strict=True))
    up = sum(n for answer, n in pairs if answer >= 9)
    down = sum(n for answer, n in pairs if answer < 7)
    return up, sum(counts) - up - down, down


def dna(counts: DashboardRepository, asked: DashboardQuery, taxonomy: Taxonomy) -> Dna:
    """The index of each organisation or branch that items name, ranked where the data carry a rank."""
    known = set(taxonomy.theme_codes)
    if not all(theme in known for themes_ in DNA_PILLARS.values() for theme in themes_):
        return Dna(())
    each = replace(asked, dimension="organisation", value="", journey="")
    held: dict[str, dict[Key, int]] = {}
    for (name, pattern), n in counts.patterns(each, scored=False, by=("value",)).items():
        held.setdefault(name, {})[(pattern,)] = n
    groups = {name: packed(own, taxonomy.theme_codes, scored=False) for name, own in held.items()}
    try:
        made = dna_of_patterns(taxonomy.theme_codes, groups)
    except MeasureError:
        return Dna(())
    return Dna(
        tuple(
            Organisation(
                one.name,
                maybe(one.index),
                {name: maybe(own) for name, own in one.pillars.items()},
                one.rank.best if one.rank else None,
                one.rank.worst if one.rank else None,
                one.thin,
            )
            for one in made
        )
    )
