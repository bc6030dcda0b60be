"""Simulate improvements that did and did not work, and see what the verdict says: the table of docs/effect.md.

python -m training.simulate_effect                     # prints the table
python -m training.simulate_effect --into docs/effect.md   # renews it in the page
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from feedback_nlp.metrics.checks import FloatArray
from feedback_nlp.metrics.did import difference_in_differences
from feedback_nlp.metrics.effect import EffectRules, Verdict, effect_of_weeks
from feedback_nlp.metrics.power import power_to_see
from feedback_nlp.metrics.weekly import Outcome, WeeklyCells

__all__ = ["SCENARIOS", "Outcomes", "Scenario", "main", "play", "table"]

BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"
SHARES = np.array([0.40, 0.30, 0.30])  # promoters, passives, detractors: NPS 10
RUNS = 1000


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world in which an improvement is judged.

    Attributes:
        name: what happens in it.
        effect: points of NPS by which the touched journey truly rises.
        weekly: answers a week in the touched journey; the untouched have four times as many.
        after: weeks since the improvement.
        season: amplitude in points of a yearly wave in all journeys.
        own_season: amplitude of a yearly wave in the touched journey alone.
        swing: standard deviation in points of a shock that the touched journey has for a week.
        earlier_year: whether answers go back far enough to look at the same weeks a year earlier.
        drift: points a week by which the touched journey rises all the time, improvement or not.
        looks: how often one looks, the last time after all weeks; "better" at any look counts.
        shared_looks: whether the rules know of the looks.
        numbered: whether each look has the level of its number, as the service's looks have it.
        chosen_of: the touched journey is the worst of so many in the 8 weeks before.
        skips: whether the rules leave those 8 weeks out.
    """

    name: str
    effect: float = 0.0
    weekly: int = 40
    after: int = 13
    season: float = 0.0
    own_season: float = 0.0
    swing: float = 0.0
    earlier_year: bool = False
    drift: float = 0.0
    looks: int = 1
    shared_looks: bool = False
    numbered: bool = False
    chosen_of: int = 1
    skips: bool = False


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How often each verdict fell.

    Attributes:
        scenario: the world.
        runs: number of simulated improvements.
        better: share of "better", 0-1.
        worse: share of "worse", 0-1.
        covered: share of intervals at the last look that hold the true effect, 0-1.
        computed: chance of seeing the effect as the formula has it; None without an effect.
    """

    scenario: Scenario
    runs: int
    better: float
    worse: float
    covered: float
    computed: float | None = field(default=None)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("no change, 10 answers a week", 0, 10),
    Scenario("no change, 40 answers a week", 0, 40),
    Scenario("no change, 200 answers a week", 0, 200),
    Scenario("no change, 10 a week, a season in all journeys", 0, 10, season=15),
    Scenario("no change, 200 a week, a season in all journeys", 0, 200, season=15),
    Scenario("no change, 40 a week, weeks swing in the touched journey", 0, 40, swing=20),
    Scenario("small change (+5), 10 a week", 5, 10),
    Scenario("small change (+5), 40 a week", 5, 40),
    Scenario("small change (+5), 200 a week", 5, 200),
    Scenario("small change (+5), 200 a week, a season in all journeys", 5, 200, season=15),
    Scenario("large change (+15), 10 a week", 15, 10),
    Scenario("large change (+15), 40 a week", 15, 40),
    Scenario("large change (+15), 40 a week, a season in all journeys", 15, 40, season=15),
    Scenario("large change (+15), 40 a week, weeks swing in the touched journey", 15, 40, swing=20),
    Scenario("large change (+15), 200 a week", 15, 200),
    Scenario("large change for the worse (-15), 40 a week", -15, 40),
)
"""The promise: false 'better' at most 5 %, power as computed."""

TRAPS: tuple[Scenario, ...] = (
    Scenario("a season in the touched journey alone, no earlier year", 0, 40, own_season=15),
    Scenario("the same, with an earlier year", 0, 40, own_season=15, earlier_year=True),
    Scenario("the touched journey was rising all along (+0.5 a week)", 0, 40, drift=0.5),
    Scenario("looked every week for 13 weeks", 0, 40, looks=13),
    Scenario("the same, with the rules told so (looks=13)", 0, 40, looks=13, shared_looks=True),
    Scenario("the same, with each look numbered (5 % / (i (i + 1)) each)", 0, 40, looks=13, numbered=True),
    Scenario("chosen as the worst of 8 journeys in the last 8 weeks", 0, 40, chosen_of=8),
    Scenario("the same, with those weeks skipped", 0, 40, chosen_of=8, skips=True),
)
"""Nothing changed here either: what misleads, and what the rules do against it."""


def play(scenario: Scenario, runs: int, seed: int) -> Outcomes:
    """Judge many simulated improvements.

    Args:
        scenario: the world.
        runs: how many improvements, at least 1.
        seed: of the random numbers.

    Returns:
        How often each verdict fell.
    """
    rng = np.random.default_rng([seed, *scenario.name.encode()])
    rules = EffectRules(looks=scenario.looks if scenario.shared_looks else 1)
    skip = tuple(range(-8, 0)) if scenario.skips else ()
    better = worse = covered = 0
    errors: list[float] = []
    swings: list[float] = []
    for cells in _worlds(scenario, rules, runs, rng):
        verdicts: set[Verdict] = set()
        for look in range(scenario.looks):
            stop = int(cells.week[-1]) - (scenario.looks - 1 - look)
            known = cells if look == scenario.looks - 1 else _until(cells, stop)
            at_look = EffectRules(looks=(look + 1) * (look + 2)) if scenario.numbered else rules
            found = effect_of_weeks(known, skip=skip, rules=at_look)
            verdicts.add(found.verdict)
        better += Verdict.BETTER in verdicts
        worse += Verdict.WORSE in verdicts
        covered += found.effect is not None and found.effect.covers(scenario.effect)
        if scenario.effect:
            before = (cells.week >= -rules.before_weeks) & (cells.week < 0)
            seen = difference_in_differences(cells, before, cells.week >= 0)
            if seen is not None:
                errors.append(seen.sampling_error)
                swings.append(_true_swing(scenario))
    computed = None
    if errors:
        weeks = rules.before_weeks + scenario.after
        computed = float(
            power_to_see(scenario.effect, float(np.mean(errors)), weeks, rules.level_per_look, swings[0])
        )
    return Outcomes(scenario, runs, better / runs, worse / runs, covered / runs, computed)


def _true_swing(scenario: Scenario) -> float:
    """Variance of a weekly gap over what sampling explains; a journey of 40 a week has 160 beside it."""
    variance = 1e4 * float(SHARES[0] + SHARES[2] - (SHARES[0] - SHARES[2]) ** 2)
    return 1.0 + scenario.swing**2 / (variance / scenario.weekly + variance / (4 * scenario.weekly))


def _worlds(
    scenario: Scenario, rules: EffectRules, runs: int, rng: np.random.Generator
) -> Iterator[WeeklyCells]:
    """Weekly cells of simulated improvements, one after the other."""
    first = -52 - rules.before_weeks if scenario.earlier_year else -rules.before_weeks
    week = np.arange(first, scenario.after)
    for _ in range(runs):
        phase = rng.uniform(0.0, 2.0 * np.pi)
        wave = np.sin(2.0 * np.pi * week / 52.0 + phase)
        touched = scenario.season * wave + scenario.own_season * wave + scenario.drift * week
        touched = touched + scenario.effect * (week >= 0)
        shocks = rng.normal(0.0, 1.0, len(week)) * scenario.swing
        journeys = [_draw(touched + shocks, scenario.weekly, rng) for _ in range(scenario.chosen_of)]
        recent = (week >= -8) & (week < 0)
        worst = min(journeys, key=lambda drawn: (drawn[0] - drawn[2])[recent].sum())
        control = _draw(scenario.season * wave, 4 * scenario.weekly, rng)
        pair = np.stack([control, worst], axis=2)  # (3 groups, weeks, control / touched)
        up, flat, down = pair
        yield WeeklyCells(week, up + flat + down, 100.0 * (up - down), 1e4 * (up + down), Outcome.NPS)


def _draw(points: FloatArray, weekly: int, rng: np.random.Generator) -> FloatArray:
    """Promoters, passives and detractors per week, shape (3, weeks); points move promoters and detractors."""
    n = rng.poisson(weekly, len(points))
    move = points / 200.0
    shares = np.clip(
        np.stack([SHARES[0] + move, np.full(len(points), SHARES[1]), SHARES[2] - move], axis=1), 0, 1
    )
    drawn: FloatArray = rng.multinomial(n, shares / shares.sum(axis=1, keepdims=True)).T.astype(np.float64)
    return drawn


def _until(cells: WeeklyCells, week: int) -> WeeklyCells:
    keep = cells.week <= week
    return WeeklyCells(cells.week[keep], cells.n[keep], cells.total[keep], cells.squares[keep], cells.outcome)


def table(results: list[Outcomes]) -> str:
    """The results as a Markdown table.

    Args:
        results: one row each.

    Returns:
        The table, with a line break at its end.
    """
    rows = ["| world | says better | says worse | power as computed | interval holds the truth |"]
    rows.append("|---|---:|---:|---:|---:|")
    for one in results:
        computed = "" if one.computed is None else f"{100 * one.computed:.1f} %"
        rows.append(
            f"| {one.scenario.name} | {100 * one.better:.1f} % | {100 * one.worse:.1f} % | {computed} | "
            f"{100 * one.covered:.1f} % |"
        )
    return "\n".join(rows) + "\n"


def main(
    runs: Annotated[int, typer.Option(min=1, help="Simulated improvements a row.")] = RUNS,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers.")] = 1,
    into: Annotated[Path | None, typer.Option(help="Page whose table is renewed.", exists=True)] = None,
) -> None:
    """Simulate improvements and count what the verdict says of them.

    Examples:
        python -m training.simulate_effect --runs 500

        python -m training.simulate_effect --into docs/effect.md
    """
    error = Console(stderr=True)
    page = into.read_text(encoding="utf-8") if into else ""
    if into and not (BEGIN in page and END in page):
        error.print(f"{into} has no place for the table: it lacks {BEGIN!r} or {END!r}", markup=False)
        raise typer.Exit(2)
    results = [
        play(scenario, runs, seed)
        for scenario in track(
            [*SCENARIOS, *TRAPS], "simulating", console=error, disable=not error.is_terminal
        )
    ]
    cut = len(SCENARIOS)
    text = (
        f"{runs:,} simulated improvements a row, seed {seed}.\n\n{table(results[:cut])}\n"
        f"Nothing changed in these worlds either; each holds a trap:\n\n{table(results[cut:])}"
    )
    if into is None:
        sys.stdout.write(text)
        return
    page = into.read_text(encoding="utf-8")  # again, since it may have been edited meanwhile
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    into.write_text(f"{head}{BEGIN}\n{text}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
