"""Looks at the effect of an improvement, from items in the store, on each database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.orm import Session

from feedback_nlp.metrics import EffectRules, Outcome, effect_of
from feedback_nlp.taxonomy import Taxonomy
from service.actor import LOCAL
from service.backlog.effect import look, looks_paid
from service.backlog.repository import BacklogRepository
from service.backlog.tables import ImprovementRow
from service.database.engine import Database
from service.errors import ConflictError
from service.feedback.tables import FeedbackRow, ThemeRow

DONE = date(2026, 3, 2)
JOURNEYS = tuple(entry.code for entry in Taxonomy.default().journeys)
TOUCHED = JOURNEYS[0]


def a_year(
    session: Session,
    *,
    lift: float,
    per_week: int = 12,
    weeks_after: int = 13,
    weeks_before: int = 30,
    app: tuple[float, float] = (0.0, 0.0),
    season: int | None = None,
    seed: int = 3,
) -> pd.DataFrame:
    """Answers of all journeys around the day; `lift` is the change in the touched one.

    `app` is the share of the touched journey that comes by the app, before and after, where people are happier;
    `season` a week from which, in the year before, the touched journey rose by as much.
    """
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for week in range(-weeks_before, weeks_after):
        for journey in JOURNEYS:
            for _ in range(per_week):
                touched = journey == TOUCHED
                by_app = touched and any(app) and rng.random() < app[week >= 0]
                rises = week >= 0 or (season is not None and -52 <= week < season)
                happy = 0.4 + (lift if touched and rises else 0.0) + (0.34 if by_app else 0.0)
                draw = rng.random()
                nps = 9.0 if draw < happy else 3.0 if draw > 0.75 else 7.0
                day = datetime.combine(DONE, datetime.min.time(), UTC) + timedelta(
                    days=7 * week + int(rng.integers(7)), hours=int(rng.integers(24))
                )
                rows.append(
                    {
                        "journey": journey,
                        "nps": nps,
                        "occurred_at": day,
                        "ill": draw > 0.75,
                        "channel": "app" if by_app else "web",
                    }
                )
    frame = pd.DataFrame(rows)
    plain = {
        "source": "enquete",
        "text": "-",
        "language": "nl",
        "submitted": {},
        "meta": {},
        "sentiment": 0.0,
        "needs_review": False,
        "review_reasons": [],
    }
    columns = ("journey", "nps", "occurred_at", "channel")
    statement = insert(FeedbackRow).returning(FeedbackRow.id, sort_by_parameter_order=True)
    ids = list(
        session.scalars(statement, [{**plain, **{name: row[name] for name in columns}} for row in rows])
    )
    said = [
        {"feedback_id": id_, "theme": "snelheid", "polarity": -0.8, "score": 0.9, "origin": "model"}
        for id_, row in zip(ids, rows, strict=True)
        if row["ill"]
    ]
    session.execute(insert(ThemeRow), said)
    return frame


def improvement(session: Session, **fields: Any) -> ImprovementRow:
    values = {"title": "Sneller", "status": "done", "journey": TOUCHED, "theme": "snelheid", "done_on": DONE}
    row = ImprovementRow(**{**values, **fields}, created_by="local")
    return BacklogRepository(session).add(row)


def see(session: Session, row: ImprovementRow, weeks: int = 13) -> dict[str, Any]:
    today = DONE + timedelta(weeks=weeks)
    found: dict[str, Any] = look(BacklogRepository(session), row, JOURNEYS, LOCAL, today).result
    return found


def test_a_plain_improvement_is_seen_as_the_measure_itself_has_it(database: Database) -> None:
    with database.write() as session:
        frame = a_year(session, lift=0.35)
        result = see(session, improvement(session))
    frame["touched"] = frame["journey"] == TOUCHED
    frame["at"] = pd.to_datetime(frame["occurred_at"]).dt.tz_localize(None)
    expected = effect_of(frame, DONE.isoformat(), channel=None, rules=EffectRules(looks=looks_paid(1)))
    nps, ill = result["figures"]
    assert result["verdict"] == nps["verdict"] == expected.verdict.value == "better"
    assert expected.effect is not None
    assert nps["value"] == pytest.approx(expected.effect.value, abs=1e-4)
    assert (nps["low"], nps["high"]) == pytest.approx((expected.effect.low, expected.effect.high), abs=1e-4)
    frame["ill"] = frame["ill"].astype(float)
    complaining = effect_of(
        frame,
        DONE.isoformat(),
        outcome=Outcome.COMPLAINING,
        score="ill",
        channel=None,
        rules=EffectRules(looks=looks_paid(1)),
    )
    assert complaining.effect is not None
    assert ill["value"] == pytest.approx(complaining.effect.value, abs=1e-4)
    assert result["control"] == list(JOURNEYS[1:])


def test_with_few_answers_it_is_said_how_many_are_lacking_and_when_they_are_there(database: Database) -> None:
    with database.write() as session:
        a_year(session, lift=0.0, weeks_after=0)
        result = see(session, improvement(session), weeks=0)
    nps = result["figures"][0]
    assert result["verdict"] == "cannot tell yet"
    assert nps["reason"] == "too_few"
    assert nps["n"][1] == [0, 0]
    assert nps["needed"] == {"weeks": 3, "touched": 36, "control": 36 * (len(JOURNEYS) - 1)}
    assert date.fromisoformat(nps["when"]) == DONE + timedelta(weeks=3)


def test_before_last_year_is_known_a_season_cannot_be_ruled_out_and_it_says_so(database: Database) -> None:
    with database.write() as session:
        a_year(session, lift=0.0, per_week=4, weeks_after=8)
        nps = see(session, improvement(session), weeks=8)["figures"][0]
    assert "season_unchecked" in {caution["code"] for caution in nps["cautions"]}


def test_customers_who_come_by_a_happier_channel_are_named_and_no_effect(database: Database) -> None:
    with database.write() as session:
        a_year(session, lift=0.0, app=(0.1, 0.95), per_week=20)
        nps = see(session, improvement(session))["figures"][0]
    mix = next(caution for caution in nps["cautions"] if caution["code"] == "channel_mix")
    assert mix["points"] > 15
    assert (nps["verdict"], nps["reason"]) == ("cannot tell yet", "channels")


def test_a_season_that_came_last_year_too_is_named_and_no_effect(database: Database) -> None:
    with database.write() as session:
        a_year(session, lift=0.34, weeks_before=82, season=-38, per_week=16)
        nps = see(session, improvement(session))["figures"][0]
    season = next(caution for caution in nps["cautions"] if caution["code"] == "season")
    assert season["points"] > 15
    assert (nps["verdict"], nps["reason"]) == ("cannot tell yet", "season")


def test_within_a_week_it_is_the_same_look_and_each_further_one_costs_certainty(database: Database) -> None:
    with database.write() as session:
        a_year(session, lift=0.0)
        row = improvement(session)
        repository = BacklogRepository(session)
        first = look(repository, row, JOURNEYS, LOCAL, DONE + timedelta(days=70))
        again = look(repository, row, JOURNEYS, LOCAL, DONE + timedelta(days=76))
        second = look(repository, row, JOURNEYS, LOCAL, DONE + timedelta(days=77))
        assert again.id == first.id
        assert (first.look, second.look) == (1, 2)
        levels = [one.result["figures"][0]["level"] for one in (first, second)]
        assert levels == pytest.approx([1 - 0.05 / 2, 1 - 0.05 / 6], abs=1e-4)
        assert [entry.action for entry in repository.history(row.id)] == ["looked", "looked"]


@given(st.integers(1, 5000))
def test_however_often_somebody_looks_all_looks_together_err_in_one_case_in_twenty_at_most(
    looks: int,
) -> None:
    assert sum(0.05 / looks_paid(one) for one in range(1, looks + 1)) < 0.05


def test_weeks_that_led_to_the_choice_are_skipped_where_enough_is_left(database: Database) -> None:
    with database.write() as session:
        a_year(session, lift=0.0)
        start, end = DONE - timedelta(weeks=10), DONE - timedelta(weeks=2) - timedelta(days=1)
        result = see(session, improvement(session, evidence_from=start, evidence_to=end))
        assert result["skipped"] == list(range(-10, -2))
        everything = improvement(session, evidence_from=DONE - timedelta(weeks=60), evidence_to=end)
        assert see(session, everything)["not_skipped"] is True


def test_a_journey_that_another_improvement_touched_is_no_control(database: Database) -> None:
    with database.write() as session:
        a_year(session, lift=0.0)
        other = improvement(session, journey=JOURNEYS[2], done_on=DONE + timedelta(days=7)).id
        result = see(session, improvement(session))
    assert result["left_out"] == {JOURNEYS[2]: other}
    assert JOURNEYS[2] not in result["control"]


@pytest.mark.parametrize("fields", [{"status": "chosen"}, {"done_on": None}, {"journey": None}])
def test_what_is_not_done_or_has_nothing_to_compare_with_is_refused(
    database: Database, fields: dict[str, Any]
) -> None:
    with database.write() as session, pytest.raises(ConflictError):
        see(session, improvement(session, **fields))
