"""The daily counts are what counting anew would make them, whatever is done to the items."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.privacy import Redactor
from service.actor import LOCAL
from service.counts.facts import Fact, Sums, day_of, group_of, side_of, whole
from service.counts.recount import count_once, differences, recount
from service.counts.repository import CountsRepository
from service.counts.tables import GuessCount, PatternCount, ScoreCount, ThemeCount
from service.counts.tally import Tally
from service.database.base import now
from service.database.engine import Database
from service.demo.repository import DemoRepository
from service.feedback.records import Correction, NewFeedback
from service.feedback.service import FeedbackService
from service.feedback.tables import AnalysisRow, FeedbackRow, ThemeRow
from service.feedback.undo import undo
from service.privacy.erasure import erase_by_external_id, erase_by_id
from service.privacy.retention import destroy_expired
from service.settings import Settings
from tests.service.support import WordAnalyzer

TEXTS = ("Lang in de wacht.", "Lang in de wacht, wel begripvol.", "De premie is hoog.", "Tja, het was wat.")
THEMES = ("bereikbaarheid", "empathie", "kosten", "gemak")
START = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
REDACTOR = Redactor.default()

maybe = st.none() | st.floats(0, 10).map(lambda value: round(value, 1))
items = st.builds(
    lambda text, hours, nps, ces, journey, channel, segment, domain, meta: NewFeedback(
        text, occurred_at=START + timedelta(hours=hours), nps=nps, cas=nps, ces=None if ces is None else 1 + ces * 0.6,
        journey=journey, channel=channel, segment=segment, domain=domain, meta=meta,
    ),
    st.sampled_from(TEXTS), st.integers(0, 60), maybe, maybe,
    st.sampled_from([None, "betalen", "klacht"]), st.sampled_from([None, "chat", "app"]),
    st.sampled_from([None, "klant", "medewerker"]), st.sampled_from([None, "energie"]),
    st.fixed_dictionaries({}, optional={
        "filiaal": st.sampled_from(["Zwolle", "Assen", ""]),
        "moment": st.just("eerste nota"),
        "first_contact": st.booleans(),
    }),
)  # fmt: skip
corrections = st.builds(
    lambda themes: Correction(themes=themes),
    st.dictionaries(st.sampled_from(THEMES), st.sampled_from([None, -1, 0, 1]), max_size=3),
)


class Store(RuleBasedStateMachine):
    """Everything that can be done to items, in any order; each step is a unit of work."""

    ids = Bundle("ids")
    database: Database

    def __init__(self) -> None:
        super().__init__()
        with self.database.write() as session:
            session.execute(delete(FeedbackRow))
        recount(self.database)
        self.number = 0

    def service(self, session: Any) -> FeedbackService:
        return FeedbackService(session, WordAnalyzer(), REDACTOR, LOCAL)

    @rule(target=ids, item=items, source=st.sampled_from(["crm", "demo"]))
    def arrives(self, item: NewFeedback, source: str) -> int:
        self.number += 1
        values = {name: getattr(item, name) for name in item.__slots__}
        sent = NewFeedback(**(values | {"source": source, "external_id": f"K-{self.number}"}))
        with self.database.write() as session:
            outcome = self.service(session).add([sent, sent])[0]
        assert outcome.id is not None
        return outcome.id

    def is_there(self, id_: int) -> bool:
        with self.database.read() as session:
            return session.get(FeedbackRow, id_) is not None

    @rule(id_=ids, correction=corrections, twice=st.booleans())
    def is_corrected(self, id_: int, correction: Correction, twice: bool) -> None:
        if self.is_there(id_):
            with self.database.write() as session:
                for _ in range(1 + twice):
                    self.service(session).correct(id_, correction)

    @rule(id_=ids)
    def a_correction_is_taken_back(self, id_: int) -> None:
        if self.is_there(id_):
            with self.database.write() as session:
                undo(session, LOCAL, id_)

    @rule(
        id_=ids,
        journey=st.sampled_from([None, "betalen", "gebruik"]),
        segment=st.sampled_from(["klant", "medewerker"]),
    )
    def moves(self, id_: int, journey: str | None, segment: str) -> None:
        if self.is_there(id_):
            with self.database.write() as session:
                self.service(session).change(
                    id_, {"journey": journey, "segment": segment, "status": "closed"}
                )

    @rule(id_=ids, polarity=st.floats(-1, 1), sure=st.floats(0, 1))
    def a_new_model_reads_it(self, id_: int, polarity: float, sure: float) -> None:
        if not self.is_there(id_):
            return
        with self.database.write() as session, Tally(session).around([id_]):
            session.execute(delete(ThemeRow).where(ThemeRow.feedback_id == id_))
            session.add(
                ThemeRow(feedback_id=id_, theme="proces", polarity=polarity, score=0.8, origin="model")
            )
            proces = {"code": "proces", "polarity": polarity, "score": 0.8, "assigned": True}
            result = {
                "themes": [proces],
                "signals": [],
                "review_reasons": [],
                "advocacy": {"promoter": sure, "passive": 0.0, "detractor": 1 - sure},
            }
            session.add(
                AnalysisRow(
                    feedback_id=id_, model_name="m", model_version="2", model_digest="d", result=result
                )
            )

    @rule(id_=consumes(ids))
    def is_erased(self, id_: int) -> None:
        with self.database.write() as session:
            row = session.get(FeedbackRow, id_)
            if row is not None and id_ % 2:
                erase_by_external_id(session, LOCAL, [row.external_id or ""])
            elif row is not None:
                erase_by_id(session, LOCAL, id_, external_id=None)

    @rule(id_=ids)
    def is_kept_long_enough(self, id_: int) -> None:
        with self.database.write() as session:
            session.execute(
                update(FeedbackRow)
                .where(FeedbackRow.id == id_)
                .values(received_at=now() - timedelta(days=99))
            )
        destroy_expired(self.database, Settings(retention_feedback_days=30))

    @rule()
    def the_demonstration_goes(self) -> None:
        with self.database.write() as session:
            DemoRepository(session).remove()

    @rule(id_=ids)
    def a_unit_of_work_fails(self, id_: int) -> None:
        if self.is_there(id_):
            with pytest.raises(ZeroDivisionError):
                self.begin_and_fail(id_)

    def begin_and_fail(self, id_: int) -> None:
        with self.database.write() as session:
            self.service(session).correct(id_, Correction(themes={"proces": -1}))
            raise ZeroDivisionError

    @invariant()
    def the_counts_are_right(self) -> None:
        assert differences(self.database) == 0


def test_the_counts_are_right_whatever_is_done_to_the_items(database: Database) -> None:
    machine = type("Here", (Store,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(
            max_examples=10, stateful_step_count=14, deadline=None, phases=[Phase.generate]
        ),
    )


def some(database: Database, count: int = 30) -> None:
    with database.write() as session:
        FeedbackService(session, WordAnalyzer(), REDACTOR, LOCAL).add(
            [
                NewFeedback(
                    TEXTS[number % 4], occurred_at=START + timedelta(hours=7 * number), nps=float(number % 11),
                    journey=("betalen", None)[number % 2], channel="chat", domain="energie",
                )
                for number in range(count)
            ]
        )  # fmt: skip


def test_counting_anew_makes_the_same_counts_and_mends_wrong_ones(database: Database) -> None:
    some(database)
    with database.read() as session:
        kept = CountsRepository(session).all()
    assert recount(database) == 30
    with database.read() as session:
        assert CountsRepository(session).all() == kept
    with database.write() as session:
        session.execute(update(ScoreCount).values(items=ScoreCount.items + 1))
        session.execute(delete(ThemeCount))
    assert differences(database) > 0
    recount(database)
    assert differences(database) == 0


def test_a_store_that_is_older_than_the_counts_is_counted_once(database: Database) -> None:
    some(database, 3)
    with database.write() as session:
        session.execute(delete(ScoreCount))
        session.execute(delete(ThemeCount))
    count_once(database)
    assert differences(database) == 0
    with database.write() as session:
        session.execute(delete(ScoreCount))
    count_once(database)
    assert differences(database) > 0


def test_the_command_says_whether_the_counts_are_right_and_mends_them(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, plain_terminal: None, tmp_path: Path
) -> None:
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", sqlite_url)
    database = Database(sqlite_url)
    some(database, 5)
    assert "the counts are right" in CliRunner().invoke(app, ["recount", "--check"]).output
    with database.write() as session:
        session.execute(update(PatternCount).values(n=7))
    wrong = CliRunner().invoke(app, ["recount", "--check"])
    assert wrong.exit_code == 1
    assert "counts are wrong" in wrong.output
    done = CliRunner().invoke(app, ["recount"])
    assert done.exit_code == 0, done.output
    assert "5 items were counted" in done.output
    assert differences(database) == 0
    database.close()


def test_what_an_item_counts_for() -> None:
    fact = Fact(
        START, "betalen", "chat", "klant", None, {"filiaal": "Assen", "first_contact": True}, 8.5, None, 6.0,
        (("kosten", -0.9), ("gemak", 0.2)), {"promoter": 0.25, "passive": 0.25, "detractor": 0.5},
    )  # fmt: skip
    place = ("organisation", "Assen", date(2026, 3, 28), "betalen")
    sums = Sums()
    sums.add([fact])
    held = {table: dict(rows) for table, rows in sums.rows()}
    assert {key[1] for key in held[ScoreCount]} == {"", "chat", "klant", "Assen"}
    names = [column.key for column in ScoreCount.__table__.columns if not column.primary_key]
    said = dict(zip(names, held[ScoreCount][place], strict=True))
    assert {name for name, n in said.items() if n} == {"items", "promoters", "ces_6", "solved"}
    assert held[PatternCount][("organisation", "Assen", place[2], "", "gemak= kosten-", -1)] == [1]
    for cut in (("", ""), ("channel", "chat"), ("segment", "klant"), ("organisation", "Assen")):
        assert held[PatternCount][(*cut, *place[2:], "gemak= kosten-", 9)] == [1]
    assert len(held[PatternCount]) == 5
    assert held[ThemeCount][(*place, "kosten")] == [1, 0, 0, 1, 0, 0]
    assert held[GuessCount][(*place, 0)] == [1, 250, 500, 62_500, 125_000, 250_000]


def test_an_employees_answer_is_never_a_customers() -> None:
    guess = {"promoter": 1, "detractor": 0}
    fact = Fact(START, None, None, "medewerker", None, {}, 3.0, 4.0, 2.0, (("proces", -1.0),), guess)
    rows = list(fact.rows())
    scores = next(values for table, _, values in rows if table is ScoreCount)
    names = [column.key for column in ScoreCount.__table__.columns if not column.primary_key]
    assert {name for name, n in zip(names, scores, strict=True) if n} == {"items", "employee_detractors"}
    assert {values for table, _, values in rows if table is ThemeCount} == {(1, 0, 0, 0, 0, 0)}
    assert not [table for table, _, _ in rows if table in (GuessCount, PatternCount)]


def test_days_are_dutch_and_sides_and_groups_are_those_of_inbox_and_measures() -> None:
    assert day_of(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)) == date(2026, 3, 29)
    assert day_of(datetime(2026, 7, 1, 21, 59, tzinfo=UTC)) == date(2026, 7, 1)
    assert [side_of(value) for value in (-1 / 3, -0.3, 0.3, 1 / 3)] == [-1, 0, 0, 1]
    assert [whole(value) for value in (6.4, 6.5, 8.49, 8.5)] == [6, 7, 8, 9]
    assert [group_of(value) for value in (None, 6.49, 6.5, 8.49, 8.5)] == [-1, 2, 1, 1, 0]


def test_an_erased_item_leaves_no_name_in_the_counts(database: Database) -> None:
    with database.write() as session:
        sent = NewFeedback("Prima", external_id="K-1", meta={"organisation": "Filiaal Z."})
        FeedbackService(session, WordAnalyzer(), REDACTOR, LOCAL).add([sent])
    with database.write() as session:
        erase_by_external_id(session, LOCAL, ["K-1"])
    with database.read() as session:
        assert session.scalars(select(ScoreCount)).all() == []
        assert session.scalars(select(PatternCount)).all() == []
