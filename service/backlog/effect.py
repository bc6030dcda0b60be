"""Did it work: one look at the effect of an improvement, from sums by day, journey and channel.

Who looks again and again until it says "better" is told so sooner or later. Hence looks are numbered, and look *i* may
err in 5 % / (i (i + 1)) of all cases: 2.5 %, 0.8 %, 0.4 % … of which all together are never more than 5 %, however
often somebody looks. Within a week there is one look: what is known changes by whole weeks only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from service.actor import Actor
from service.backlog.repository import BacklogRepository
from service.backlog.tables import EffectRow, ImprovementRow
from service.database.base import now
from service.errors import ConflictError

if TYPE_CHECKING:
    from feedback_nlp.metrics import Effect, Outcome

__all__ = ["EARLIEST", "EffectResult", "Figures", "look", "looks_paid"]

EARLIEST: Final = 52 + 52
"""Weeks before an improvement from which answers are read: a year of before, and one more to see a season."""

_BEFORE: Final = 26
_LONG_BEFORE: Final = 52
_DAYS: Final = 7
_WORTH_KNOWING: Final = {"NPS": 10.0, "COMPLAINING": 5.0}
"""Smallest effect worth knowing: points of NPS, and points of the share that speaks ill of the theme."""


def looks_paid(look: int) -> int:
    """Number of looks over which the level is shared out at look `look`, counted from 1."""
    return look * (look + 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """The effect on one outcome.

    Attributes:
        outcome: `nps` or `complaining` (share of items that speak ill of the theme; low is good).
        verdict: `better`, `worse` or `cannot tell yet`.
        reason: Code of why, see `feedback_nlp.metrics.Reason`.
        value: Difference in differences, in points; None when a cell has fewer than two answers.
        low: Lower bound of its interval.
        high: Upper bound.
        level: Confidence of the interval at this look, 0-1.
        n: Answers, before and after, each control and touched.
        mean: Their means, in the same order; None in an empty cell.
        trend: Points a week by which the gap moved before; None when it cannot be seen.
        trend_p: How likely such a trend is when there is none.
        cautions: What else may lie behind it: code, points that it accounts for, and p-value.
        needed: Weeks, touched and control answers that are lacking, or None.
        when: The day by which they are there at the present rate, or None.
    """

    outcome: str
    verdict: str
    reason: str
    value: float | None
    low: float | None
    high: float | None
    level: float | None
    n: list[list[int]]
    mean: list[list[float | None]]
    trend: float | None
    trend_p: float | None
    cautions: list[dict[str, Any]]
    needed: dict[str, int] | None
    when: str | None


@dataclass(frozen=True, slots=True)
class EffectResult:
    """One look.

    Attributes:
        look: Its number.
        done_on: The day from which customers met the improvement.
        until: The day up to which answers count, not included.
        journey: The journey that was touched.
        theme: The theme that was touched, or None.
        control: Journeys that were left alone.
        left_out: Journeys that another improvement touched meanwhile, by the improvement's id.
        skipped: Weeks before it that do not count, for they were the reason to choose it.
        not_skipped: Whether they had to count after all, for too little would be left.
        figures: Effect on the NPS, and with a theme on the share that speaks ill of it.
    """

    look: int
    done_on: str
    until: str
    journey: str
    theme: str | None
    control: list[str]
    left_out: dict[str, int]
    skipped: list[int]
    not_skipped: bool
    figures: list[Figures]

    @property
    def verdict(self) -> str:
        """The NPS's."""
        return self.figures[0].verdict


def look(
    repository: BacklogRepository, row: ImprovementRow, journeys: Sequence[str], actor: Actor, today: date
) -> EffectRow:
    """Look at the effect now, and keep what was seen.

    Args:
        repository: Within the caller's unit of work.
        row: The improvement.
        journeys: All journeys there are.
        actor: Who looks.
        today: The day of the look.

    Raises:
        ConflictError: It is not done, or names no journey, so that nothing is there to compare with.
    """
    if row.done_on is None or row.status not in ("done", "told"):
        raise ConflictError("The effect can be seen when the improvement is done.")
    if row.journey is None:
        raise ConflictError("Say which journey it touched first: the others are what it is compared with.")
    weeks = max(0, (today - row.done_on).days // _DAYS)
    until = row.done_on + timedelta(weeks=weeks)
    seen = repository.effects(row.id)
    again = seen[0] if seen and seen[0].until == until else None
    number = again.look if again else (seen[0].look + 1 if seen else 1)
    result = _judge(repository, row, row.done_on, row.journey, journeys, until, number)
    content = {**asdict(result), "verdict": result.verdict}
    if again is not None and again.result == content:
        return again
    kept = EffectRow(improvement_id=row.id, at=now(), by=actor.name, look=number, until=until, result=content)
    repository.add_history(row.id, actor.name, "looked", {"look": number, "verdict": result.verdict})
    return repository.add_effect(kept)


def _judge(
    repository: BacklogRepository,
    row: ImprovementRow,
    done_on: date,
    journey: str,
    journeys: Sequence[str],
    until: date,
    number: int,
) -> EffectResult:
    from feedback_nlp.metrics import Outcome

    start = done_on - timedelta(weeks=EARLIEST)
    daily = repository.daily(row.theme, start, until - timedelta(days=1))
    others = [one for one in journeys if one != journey]
    left_out = repository.touched_journeys(row.id, done_on - timedelta(weeks=_BEFORE), until)
    left_out = {code: id_ for code, id_ in left_out.items() if code in others}
    control = [one for one in others if one not in left_out] or others
    reasons = _weeks_of_evidence(row, done_on)
    figures: list[Figures] = []
    skipped: list[int] = []
    spared = False
    for outcome, name in (
        (Outcome.NPS, "nps"),
        *(((Outcome.COMPLAINING, "complaining"),) if row.theme else ()),
    ):
        sums = _Sums(daily, done_on, until, journey, control, outcome)
        effect, used = sums.effect(number, reasons)
        if name == "nps":
            skipped, spared = used, bool(reasons) and not used
        figures.append(_figures(name, effect, until))
    return EffectResult(
        look=number,
        done_on=done_on.isoformat(),
        until=until.isoformat(),
        journey=journey,
        theme=row.theme,
        control=control,
        left_out=left_out if control != others else {},
        skipped=skipped,
        not_skipped=spared,
        figures=figures,
    )


def _weeks_of_evidence(row: ImprovementRow, done_on: date) -> list[int]:
    if row.evidence_from is None or row.evidence_to is None or row.evidence_from >= done_on:
        return []
    first = (row.evidence_from - done_on).days // _DAYS
    last = min(-1, (row.evidence_to - done_on).days // _DAYS)
    return list(range(first, last + 1))


class _Sums:
    """Sums by day as the weekly and channel cells that the measure works with."""

    def __init__(
        self,
        daily: Sequence[Sequence[Any]],
        done_on: date,
        until: date,
        journey: str,
        control: Sequence[str],
        outcome: Outcome,
    ) -> None:
        import numpy as np
        import pandas as pd

        from feedback_nlp.metrics import Outcome

        columns = ["day", "journey", "channel", "items", "ill", "scores", "promoters", "detractors"]
        frame = pd.DataFrame([list(row) for row in daily], columns=columns)
        frame = frame[frame["journey"].isin([journey, *control])].reset_index(drop=True)
        days = (pd.to_datetime(frame["day"]) - pd.Timestamp(done_on)).dt.days
        frame["week"] = days // _DAYS
        frame["touched"] = (frame["journey"] == journey).astype(int)
        frame["channel"] = frame["channel"].fillna("-")
        if outcome is Outcome.NPS:
            frame["n"] = frame["scores"].astype(float)
            frame["total"] = 100.0 * (frame["promoters"] - frame["detractors"])
            frame["squares"] = 1e4 * (frame["promoters"] + frame["detractors"])
        else:
            frame["n"] = frame["items"].astype(float)
            frame["total"] = 100.0 * frame["ill"]
            frame["squares"] = 1e4 * frame["ill"]
        self._frame = frame[frame["n"] > 0]
        self._outcome = outcome
        last = max(-1, (until - done_on).days // _DAYS - 1)
        first = int(self._frame["week"].min()) if len(self._frame) else -1
        self._weeks = np.arange(min(first, -1), last + 1)

    def effect(self, number: int, reasons: Sequence[int]) -> tuple[Effect, list[int]]:
        """The effect, and which weeks were skipped: those that led to the choice, where enough is left without."""
        from feedback_nlp.metrics import EffectRules

        rules = EffectRules(looks=looks_paid(number), worth_knowing=_WORTH_KNOWING[self._outcome.name])
        if reasons:
            long = replace(rules, before_weeks=_LONG_BEFORE)
            before = self._frame[
                (self._frame["week"] < 0)
                & (self._frame["week"] >= -_LONG_BEFORE)
                & ~self._frame["week"].isin(list(reasons))
            ]
            left = before.groupby("touched")["n"].sum()
            if all(left.get(group, 0.0) >= rules.least for group in (0, 1)):
                return self._with(long, reasons), list(reasons)
        return self._with(rules, ()), []

    def _with(self, rules: Any, skip: Sequence[int]) -> Effect:
        from feedback_nlp.metrics import WeeklyCells, effect_of_weeks

        cells = WeeklyCells(
            self._weeks, self._table("n"), self._table("total"), self._table("squares"), self._outcome
        )
        return effect_of_weeks(cells, self._channels(rules, skip), skip=skip, rules=rules)

    def _table(self, name: str) -> Any:
        import numpy as np

        table = np.zeros((len(self._weeks), 2))
        rows = self._frame["week"].to_numpy() - self._weeks[0]
        np.add.at(table, (rows, self._frame["touched"].to_numpy()), self._frame[name].to_numpy(dtype=float))
        return table

    def _channels(self, rules: Any, skip: Sequence[int]) -> Any:
        import numpy as np

        from feedback_nlp.metrics.weekly import ChannelCells

        week = self._frame["week"]
        before = (week >= -rules.before_weeks) & (week < 0) & ~week.isin(list(skip))
        part = self._frame[before | (week >= 0)]
        names = sorted(part["channel"].unique())
        place = part["channel"].map({name: index for index, name in enumerate(names)}).to_numpy(dtype=int)
        phase = (part["week"].to_numpy() >= 0).astype(int)
        group = part["touched"].to_numpy()
        n, total = np.zeros((2, 2, len(names))), np.zeros((2, 2, len(names)))
        np.add.at(n, (phase, group, place), part["n"].to_numpy(dtype=float))
        np.add.at(total, (phase, group, place), part["total"].to_numpy(dtype=float))
        return ChannelCells(tuple(names), n, total)


def _figures(name: str, effect: Effect, until: date) -> Figures:
    interval, needed = effect.effect, effect.needed
    return Figures(
        outcome=name,
        verdict=effect.verdict.value,
        reason=effect.reason.name.lower(),
        value=_rounded(interval and interval.value),
        low=_rounded(interval and interval.low),
        high=_rounded(interval and interval.high),
        level=_rounded(interval and interval.level),
        n=[[int(cell) for cell in phase] for phase in effect.n],
        mean=[[_rounded(cell) for cell in phase] for phase in effect.mean],
        trend=_rounded(effect.trend and effect.trend.slope),
        trend_p=_rounded(effect.trend and effect.trend.p_value),
        cautions=[
            {
                "code": caution.code.name.lower(),
                "points": _rounded(caution.points),
                "p_value": _rounded(caution.p_value),
            }
            for caution in effect.cautions
        ],
        needed=None
        if needed is None
        else {"weeks": needed.weeks, "touched": needed.touched, "control": needed.control},
        when=None if needed is None else (until + timedelta(weeks=needed.weeks)).isoformat(),
    )


def _rounded(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else round(float(value), 4)
