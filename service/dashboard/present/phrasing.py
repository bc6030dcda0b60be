"""How a figure, a stage and a period are told, the same on every dashboard."""

from __future__ import annotations

from dataclasses import dataclass

from service.dashboard.figures import Figure, Scores
from service.dashboard.query import DashboardQuery
from service.dashboard.views import Cell
from service.pages.i18n import Translator
from service.pages.wording import Wording

__all__ = ["Phrasing"]


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Tells figures in one language about one choice of feedback.

    Attributes:
        tr: Says messages, numbers and days in the language.
        words: What the taxonomy's codes are called in it.
        asked: The choice of feedback, from which addresses of items are made.
    """

    tr: Translator
    words: Wording
    asked: DashboardQuery

    def points(self, name: str, one: Figure | None) -> str:
        """A figure by its name, with a dash where there is none."""
        return f"{name} {self.tr.number(one.value)}" if one else f"{name} –"

    def told(self, name: str, one: Figure | None, digits: int = 1) -> str:
        """A figure with its interval and what it rests on; an empty name is left out."""
        if one is None:
            return f"{name} –".strip()
        value = f"{name} {self.tr.decimal(one.value, digits)}".strip()
        return f"{value} ({self.span(one, digits)}; {self.basis(one)})"

    def span(self, one: Figure, digits: int = 1) -> str:
        """The interval of a figure."""
        return self.tr.gettext(
            "%(low)s to %(high)s",
            low=self.tr.decimal(one.low, digits),
            high=self.tr.decimal(one.high, digits),
        )

    def basis(self, one: Figure) -> str:
        """How many answers a figure rests on, and how many of them are estimated."""
        if one.n_estimated:
            return self.tr.gettext(
                "n = %(given)s given + %(estimated)s estimated", given=self.tr.number(one.n_given),
                estimated=self.tr.number(one.n_estimated),
            )  # fmt: skip
        return f"n = {self.tr.number(one.n)}"

    def score_heads(self) -> tuple[str, ...]:
        """Heads of the columns that `score_cells` fills."""
        tr = self.tr
        return (
            tr.gettext("Items"), tr.gettext("NPS, given"), tr.gettext("NPS, given and estimated"),
            tr.gettext("CES 1-7, high is easy"), tr.gettext("CAS, % that agrees"),
        )  # fmt: skip

    def score_cells(self, scores: Scores) -> tuple[Cell, ...]:
        """Volume and scores of a row."""
        figures = (scores.nps, scores.nps_all, scores.ces, scores.cas)
        return (Cell(self.tr.number(scores.items)), *(Cell(self.told("", one)) for one in figures))

    def journey(self, code: str) -> str:
        """A stage by its name; an empty code is a stage that nobody named."""
        return self.words.journey(code or None) or self.tr.gettext("no stage named")

    def described(self) -> str:
        """What a chart is about, for those who do not see it."""
        return self.tr.gettext(
            "From %(since)s until %(until)s. The same figures are in the table below the chart.",
            since=self.tr.day(self.asked.since), until=self.tr.day(self.asked.until),
        )  # fmt: skip
