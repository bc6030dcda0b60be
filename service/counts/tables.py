"""Daily counts of the items, by which every figure of the dashboards can be reckoned.

Every row stands for one day (Dutch time), one journey and one value of one dimension; the dimension `""` is everything.
An item therefore counts once under `""` and once under each dimension that it has a value of. A row that counts nothing
is not there.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Date
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, now

__all__ = [
    "COUNTS", "DIMENSIONS", "NONE", "CountedRow", "GuessCount", "PatternCount", "ScoreCount", "ThemeCount",
]  # fmt: skip

DIMENSIONS: Final = ("channel", "segment", "product", "organisation", "moment")
NONE: Final = -1
"""Stands for a score, or a group of scores, that nobody gave."""


class _Place:
    """What all counts are counted by; an empty text is: not said."""

    dimension: Mapped[str] = mapped_column(primary_key=True, sort_order=-4)
    value: Mapped[str] = mapped_column(primary_key=True, sort_order=-3)
    day: Mapped[date] = mapped_column(Date, primary_key=True, sort_order=-2)
    journey: Mapped[str] = mapped_column(primary_key=True, sort_order=-1)


class ScoreCount(_Place, Base):
    """How many items there were, and how their scores are spread.

    The groups of the NPS and the answers to CES and CAS are customers'; `employee_…` are the groups of employees,
    `solved` and `unsolved` whether it was settled at first contact. `ces_1` to `ces_7` are whole answers, a half
    counting upwards.
    """

    __tablename__ = "daily_scores"

    items: Mapped[int]
    promoters: Mapped[int]
    passives: Mapped[int]
    detractors: Mapped[int]
    employee_promoters: Mapped[int]
    employee_passives: Mapped[int]
    employee_detractors: Mapped[int]
    cas_agree: Mapped[int]
    cas_other: Mapped[int]
    ces_1: Mapped[int]
    ces_2: Mapped[int]
    ces_3: Mapped[int]
    ces_4: Mapped[int]
    ces_5: Mapped[int]
    ces_6: Mapped[int]
    ces_7: Mapped[int]
    solved: Mapped[int]
    unsolved: Mapped[int]


class ThemeCount(_Place, Base):
    """How many items speak of a theme, in which way, and how many customers among them gave which score."""

    __tablename__ = "daily_themes"

    theme: Mapped[str] = mapped_column(primary_key=True)
    negative: Mapped[int]
    neutral: Mapped[int]
    positive: Mapped[int]
    promoters: Mapped[int]
    passives: Mapped[int]
    detractors: Mapped[int]


class PatternCount(_Place, Base):
    """How many items have exactly these themes and this answer, a customer's 0-10; items without one do not count.

    `pattern` is the themes in the order of the alphabet, each with its side, such as `gemak+ kosten- proces=`. Of
    organisations there are further rows, of all their items: without journey, and with `NONE` for an answer.
    """

    __tablename__ = "daily_patterns"

    pattern: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class GuessCount(_Place, Base):
    """What the model thought of customers, by the score they gave: sums of its probabilities in thousandths.

    `score` is 0 promoter, 1 passive, 2 detractor, or `NONE`; `promoter` and `detractor` are sums, the others sums of
    squares and of the product.
    """

    __tablename__ = "daily_guesses"

    score: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]
    promoter: Mapped[int] = mapped_column(BigInteger)
    detractor: Mapped[int] = mapped_column(BigInteger)
    promoter_squared: Mapped[int] = mapped_column(BigInteger)
    product: Mapped[int] = mapped_column(BigInteger)
    detractor_squared: Mapped[int] = mapped_column(BigInteger)


class CountedRow(Base):
    """That this store's items have been counted, and when all of them were last counted anew; one row."""

    __tablename__ = "counted"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
    items: Mapped[int]


COUNTS: Final = (ScoreCount, ThemeCount, PatternCount, GuessCount)
