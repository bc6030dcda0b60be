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
    """How many items there were (`items`, level 0), and how many gave which answer to which question.

    `nps`, `ces` and `cas` are customers', `eps` is employees' answer to the question of `nps`; `fcr` is whether it was
    settled at first contact, 0 or 1. Levels are whole answers, a half counting upwards.
    """

    __tablename__ = "daily_scores"

    measure: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class ThemeCount(_Place, Base):
    """How many items speak of a theme, how (`side` -1, 0, 1), and what score they came with.

    `score` is 0 promoter, 1 passive, 2 detractor, or `NONE`: none given, or given by an employee.
    """

    __tablename__ = "daily_themes"

    theme: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    score: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class PatternCount(_Place, Base):
    """How many items have exactly these themes and this answer; only of everything and of each organisation.

    `pattern` is the themes in the order of the alphabet, each with its side, such as `gemak+ kosten- proces=`;
    `answer` is a customer's 0-10 or `NONE`.
    """

    __tablename__ = "daily_patterns"

    pattern: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class GuessCount(_Place, Base):
    """What the model thought of customers, by the score they gave: sums of its probabilities in thousandths.

    `score` is as in `ThemeCount`; `promoter` and `detractor` are sums, the others sums of squares and of the product.
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
