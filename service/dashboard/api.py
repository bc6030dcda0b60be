"""`/v1/dashboard`: the dashboards' figures for other systems."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.datastructures import ImmutableMultiDict

from service.counts.facts import day_of
from service.counts.tables import DIMENSIONS
from service.dashboard import boards
from service.dashboard.query import DashboardQuery
from service.dashboard.radar import Radar, radar
from service.dashboard.repository import DashboardRepository
from service.dashboard.topics import Topics, encoder_of, new_topics
from service.database.base import now
from service.errors import Fault, InvalidError
from service.pages.taxonomy import TaxonomyDep
from service.problems import describe
from service.state import DatabaseDep, ModelHostDep

__all__ = ["router"]

router = APIRouter(prefix="/v1/dashboard", tags=["dashboard"], responses=describe(422))

Cut = Annotated[
    str | None,
    Query(
        max_length=150,
        pattern=rf"^(?:{'|'.join(DIMENSIONS)}):[^\x00]+$",
        description=f"One further cut: one of {', '.join(DIMENSIONS)}, a colon and its value, such as `channel:chat`.",
    ),
]


def _query(
    taxonomy: TaxonomyDep,
    since: Annotated[
        date | None, Query(description="First day; by default 13 weeks before the last.")
    ] = None,
    until: Annotated[date | None, Query(description="Last day, in Dutch time; by default today.")] = None,
    journey: Annotated[str | None, Query(max_length=50, description="A journey's code.")] = None,
    cut: Cut = None,
) -> DashboardQuery:
    faults = []
    codes = [entry.code for entry in taxonomy.journeys]
    if journey is not None and journey not in codes:
        faults.append(Fault("query/journey", f"must be one of {', '.join(codes)}, got {journey!r}"))
    if since is not None and until is not None and since > until:
        faults.append(Fault("query/since", f"must not be after until, got {since} and {until}"))
    if faults:
        raise InvalidError(faults)
    given = (("since", since), ("until", until), ("journey", journey), ("cut", cut))
    said = {name: str(value) for name, value in given if value is not None}
    return DashboardQuery.read(ImmutableMultiDict(said), taxonomy, day_of(now()))


QueryDep = Annotated[DashboardQuery, Depends(_query)]


def _whole(asked: QueryDep) -> DashboardQuery:
    if asked.dimension:
        raise InvalidError([Fault("query/cut", f"this is reckoned without cuts, got {asked.cut!r}")])
    return asked


WholeDep = Annotated[DashboardQuery, Depends(_whole)]


@router.get("/journey", summary="Scores, volume and main theme along the customer journey")
def journey(asked: QueryDep, database: DatabaseDep, taxonomy: TaxonomyDep) -> boards.Journey:
    """NPS, CES, CAS and EPS of every stage and moment of truth, each with its n and 95 % interval.

    `nps` is of given scores; in `nps_all` the scores that nobody gave are estimated from the words by quantification,
    and `n_given` and `n_estimated` say how many are which.
    """
    with database.read() as session:
        return boards.journey(DashboardRepository(session), asked, taxonomy)


@router.get("/trend", summary="Scores by week or month")
def trend(asked: QueryDep, database: DatabaseDep) -> boards.Trend:
    """By week up to four months, else by month."""
    with database.read() as session:
        return boards.trend(DashboardRepository(session), asked)


@router.get("/themes", summary="Themes by journey")
def themes(asked: QueryDep, database: DatabaseDep, taxonomy: TaxonomyDep) -> boards.Themes:
    """How many items speak of each theme, how, and the NPS of those who do."""
    with database.read() as session:
        return boards.themes(DashboardRepository(session), asked, taxonomy)


@router.get("/drivers", summary="What drives the NPS")
def drivers(asked: QueryDep, database: DatabaseDep, taxonomy: TaxonomyDep) -> boards.Drivers:
    """Impact, regression share and priority of each theme."""
    with database.read() as session:
        return boards.drivers(DashboardRepository(session), asked, taxonomy)


@router.get("/change", summary="Why the NPS changed")
def change(
    asked: QueryDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    base: Annotated[
        date | None,
        Query(description="First day of the period to compare with; by default as many days right before."),
    ] = None,
) -> boards.Change:
    """The contributions of the themes, by mix and level, whose totals add up to the difference."""
    with database.read() as session:
        return boards.change(DashboardRepository(session), replace(asked, base=base), taxonomy)


@router.get("/radar", summary="What rises by more than noise")
def watched(database: DatabaseDep, taxonomy: TaxonomyDep) -> Radar:
    """The last week that is over: every theme with its limit, and the alarms per theme and per theme and journey."""
    with database.read() as session:
        return radar(DashboardRepository(session), day_of(now()), taxonomy.theme_codes)


@router.get("/topics", summary="New topics among texts that no theme covers")
def topics(database: DatabaseDep, models: ModelHostDep) -> Topics:
    """Groups of like texts that grew in the last four weeks by more than noise, with phrases that say what they share.

    The latest 1,000 texts of half a year are looked at, compared by meaning with a model that has a sentence encoder
    (`by_meaning`), else by their words alone. A topic is known by the id of its first item, week after week,
    for as long as that item is among them.
    """
    with database.read() as session:
        return new_topics(DashboardRepository(session), day_of(now()), encoder_of(models))


@router.get("/dna", summary="The Customer Centric DNA index")
def dna(asked: WholeDep, database: DatabaseDep, taxonomy: TaxonomyDep) -> boards.Dna:
    """Of every organisation or branch that items name, with the places that the data allow."""
    with database.read() as session:
        return boards.dna(DashboardRepository(session), asked, taxonomy)
