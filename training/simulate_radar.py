"""Simulate a year in which nothing rises, and one in which something does: the radar's tables in docs/measures.md.

python -m training.simulate_radar                           # prints the tables
python -m training.simulate_radar --into docs/measures.md   # renews them in the page
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from scipy.optimize import brentq

from feedback_nlp.errors import FeedbackNlpError
from feedback_nlp.metrics import RadarRules, Rise, WeeklyCounts, watch
from feedback_nlp.metrics.best_radar import best_chance
from feedback_nlp.metrics.limits import WEEKS_A_QUARTER
from training.figures import replace_block

__all__ = ["BLOCK", "RISE", "SHARES", "WORLDS", "Calm", "Found", "World", "calm", "find", "main", "tables"]

BLOCK: Final = "radar-simulation"
THEMES: Final = 12
USUAL: Final = np.linspace(0.02, 0.35, THEMES)
"""Part of the items that is dissatisfied with each theme."""
RISE: Final = 0.30
SHARES: Final = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40)
WITHIN: Final = (1, 2, 3, 4, 6, 8, 13)
FOUND: Final = 0.8
QUARTERS, RISES = 200, 400


@dataclass(frozen=True, slots=True)
class World:
    """A world in which nothing rises.

    Attributes:
        name: what it is like.
        history: weeks before the ones that are judged.
        weekly: items a week.
        journeys: over how many journeys they are spread; with more than 1 each theme in each is watched as well.
        swing: intra-class correlation of the items of a week; 0.005 doubles the variance at 200 items.
        season: amplitude of a yearly wave, as a part of every share.
        part: of the simulated quarters that this world, being slower, is worth.
    """

    name: str
    history: int = 26
    weekly: int = 200
    journeys: int = 1
    swing: float = 0.0
    season: float = 0.0
    part: float = 1.0

    def draw(
        self, rng: np.random.Generator, weeks: int, rising: float | None = None, last: int = 0
    ) -> list[WeeklyCounts]:
        """Weekly counts per theme and, with journeys, per theme and journey.

        Args:
            rng: source of randomness.
            weeks: how many come after the history.
            rising: share of the first theme, which rises by `RISE` in the last weeks; None leaves it as it is.
            last: in how many of them.
        """
        length = self.history + weeks
        volume = rng.poisson(self.weekly / self.journeys, (self.journeys, length))
        wave = self.season * np.sin(2 * np.pi * np.arange(length) / 52.1775 + rng.uniform(0, 2 * np.pi))
        chance = USUAL[:, None] * (1 + wave)
        if rising is not None:
            chance[0] = rising
            chance[0, length - last :] *= 1 + RISE
        if self.swing:
            strength = 1 / self.swing - 1
            chance = rng.beta(chance * strength, (1 - chance) * strength)
        counts = rng.binomial(volume, chance[:, None, :]).astype(np.float64)
        monday = np.datetime64("2022-01-03") + 7 * np.arange(length)
        whole = np.repeat(volume.sum(axis=0, keepdims=True), THEMES, axis=0).astype(np.float64)
        made = [
            WeeklyCounts(("theme",), tuple((f"t{i}",) for i in range(THEMES)), monday, counts.sum(1), whole)
        ]
        if self.journeys > 1:
            keys = tuple((f"t{i}", f"j{j}") for i in range(THEMES) for j in range(self.journeys))
            parts = np.tile(volume, (THEMES, 1)).astype(np.float64)
            made.append(
                WeeklyCounts(("theme", "journey"), keys, monday, counts.reshape(len(keys), -1), parts)
            )
        return made


WORLDS: Final = (
    World("12 themes, flat, half a year of history"),
    World("12 themes, and each in 8 journeys, flat, half a year of history", journeys=8, part=0.5),
    World("12 themes, flat, three years of history", history=164),
    World("12 themes, 20 items a week", weekly=20),
    World("12 themes, weeks swing (variance doubled at a share of 20 %)", swing=0.005),
    World("12 themes, a season of ±20 %, three years of history", history=164, season=0.2),
    World("12 themes, a season of ±20 %, half a year of history", season=0.2, part=0.5),
)
RISING: Final = (World("12 themes"), World("12 themes, and each in 8 journeys", journeys=8))


@dataclass(frozen=True, slots=True)
class Calm:
    """What the radar said of quarters in which nothing rose: new alarms a quarter, and weeks that one stood."""

    world: World
    quarters: int
    alarms: float
    standing: float


@dataclass(frozen=True, slots=True)
class Found:
    """In which part of the runs a rise from a share was found within 1 to 13 weeks, and at best."""

    share: float
    runs: int
    within: tuple[tuple[float, ...], ...]
    best: tuple[float, ...]


def calm(world: World, quarters: int, seed: int = 1) -> Calm:
    """Judge quarters in which nothing rises, week by week."""
    rng = np.random.default_rng([seed, *world.name.encode()])
    said: list[Rise] = []
    for _ in range(quarters):
        sets = world.draw(rng, WEEKS_A_QUARTER)
        for week in range(-WEEKS_A_QUARTER, 0):
            said += watch([one.until(week) for one in sets])
    return Calm(world, quarters, sum(one.new for one in said) / quarters, len(said) / quarters)


def find(share: float, runs: int, seed: int = 1) -> Found:
    """Let one theme rise by 30 %, and see how many weeks it takes until a new alarm says so."""
    rng = np.random.default_rng([seed, int(1000 * share)])
    longest = max(WITHIN)
    within = []
    for world in RISING:
        weeks = np.zeros(runs)
        for run in range(runs):
            sets = world.draw(rng, longest, share, longest)
            weeks[run] = next(
                (
                    week + 1
                    for week in range(longest)
                    if any(
                        one.new and one.key[0] == "t0"
                        for one in watch([counts.until(week - longest) for counts in sets])
                    )
                ),
                np.inf,
            )
        within.append(tuple(float((weeks <= limit).mean()) for limit in WITHIN))
    return Found(share, runs, tuple(within), tuple(_best(share, week) for week in WITHIN))


def _best(share: float, weeks: int) -> float:
    each = RadarRules().false_alarms_per_quarter / (WEEKS_A_QUARTER * THEMES)
    return best_chance(share, RISE, RISING[0].weekly * weeks, weeks * each)


def _weeks(chance: tuple[float, ...]) -> str:
    return next(
        (str(week) for week, one in zip(WITHIN, chance, strict=True) if one >= FOUND), f"> {WITHIN[-1]}"
    )


def _enough(rises: list[Found], world: int) -> str:
    """From which usual share on a rise is found within two weeks as often as is wanted, between the shares tried."""
    two = WITHIN.index(2)
    chances = [one.within[world][two] for one in rises]
    for (low, less), (high, more) in pairwise(zip((one.share for one in rises), chances, strict=True)):
        if less < FOUND <= more:
            return f"{100 * (low + (high - low) * (FOUND - less) / (more - less)):.0f} %"
    return "none that was tried"


def _enough_at_best() -> str:
    return f"{100 * float(brentq(lambda share: _best(share, 2) - FOUND, 0.01, 0.7)):.0f} %"


def tables(worlds: list[Calm], rises: list[Found], seed: int) -> str:
    """Both as Markdown."""
    two = WITHIN.index(2)
    rows = [
        f"False alarms, bound {RadarRules().false_alarms_per_quarter:g} a quarter, seed {seed}:",
        "",
        "| world in which nothing rises | simulated quarters | false alarms a quarter | weeks in alarm a quarter |",
        "|---|---:|---:|---:|",
    ]
    rows += [
        f"| {one.world.name} | {one.quarters} | {one.alarms:.2f} | {one.standing:.2f} |" for one in worlds
    ]
    names = [world.name for world in RISING]
    rows += [
        "",
        (
            f"A rise of {100 * RISE:.0f} % at {RISING[0].weekly} items a week, half a year of history, "
            f"{rises[0].runs} simulated rises a row, the same bound:"
        ),
        "",
        (
            f"| usual share | found within two weeks: {names[0]} | {names[1]} | at best | "
            f"weeks until {100 * FOUND:.0f} % are found: {names[0]} | {names[1]} | at best |"
        ),
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in rises:
        chances = [*(chance[two] for chance in one.within), one.best[two]]
        waits = [*map(_weeks, one.within), _weeks(one.best)]
        told = " | ".join([*(f"{100 * chance:.0f} %" for chance in chances), *waits])
        rows.append(f"| {100 * one.share:.0f} % | {told} |")
    rows += [
        "",
        (
            f"Found within two weeks in {100 * FOUND:.0f} % of the cases: from a usual share of "
            f"{_enough(rises, 0)} on ({names[0]}), {_enough(rises, 1)} ({names[1]}); at best {_enough_at_best()}."
        ),
    ]
    return "\n".join(rows)


def main(
    quarters: Annotated[int, typer.Option(min=1, help="Simulated quarters a world.")] = QUARTERS,
    runs: Annotated[int, typer.Option(min=1, help="Simulated rises a share.")] = RISES,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers.")] = 1,
    into: Annotated[Path | None, typer.Option(help="Page whose tables are renewed.", exists=True)] = None,
) -> None:
    """Simulate quiet quarters and rises, and count what the radar says of them.

    Examples:
        python -m training.simulate_radar --quarters 50 --runs 100

        python -m training.simulate_radar --into docs/measures.md
    """
    error = Console(stderr=True)
    if into and f"<!-- {BLOCK} -->" not in into.read_text("utf-8"):
        error.print(f"{into} has no place for the tables: it lacks <!-- {BLOCK} -->", markup=False)
        raise typer.Exit(2)
    quiet = not error.is_terminal
    worlds = [
        calm(world, max(1, round(quarters * world.part)), seed)
        for world in track(WORLDS, "nothing rises", console=error, disable=quiet)
    ]
    rises = [find(share, runs, seed) for share in track(SHARES, "a rise", console=error, disable=quiet)]
    text = tables(worlds, rises, seed)
    if into is None:
        sys.stdout.write(text + "\n")
        return
    try:
        replace_block(into, BLOCK, text)
    except FeedbackNlpError as exc:
        error.print(str(exc), markup=False)
        raise typer.Exit(2) from exc


if __name__ == "__main__":
    typer.run(main)
