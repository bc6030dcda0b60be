from __future__ import annotations

from pathlib import Path

import pytest

from training.simulate_effect import BEGIN, END, SCENARIOS, TRAPS, Scenario, play, table

PAGE = Path(__file__).parents[3] / "docs" / "effect.md"


@pytest.mark.parametrize("weekly", [10, 200])
def test_better_is_seldom_said_when_nothing_changed(weekly: int) -> None:
    found = play(Scenario("nothing", 0, weekly, season=15), runs=200, seed=3)
    assert found.better <= 0.05
    assert found.covered >= 0.9


def test_power_is_as_computed() -> None:
    found = play(Scenario("something", 15, 40), runs=200, seed=4)
    assert found.computed is not None
    assert found.better == pytest.approx(found.computed, abs=3 * (0.8 * 0.2 / 200) ** 0.5)


def test_the_page_shows_every_world_with_false_better_within_5_percent() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = {
        cells[0].strip(): cells[1:]
        for cells in (line.strip("|").split("|") for line in text.split(BEGIN)[1].split(END)[0].splitlines())
        if len(cells) > 3
    }
    for scenario in (*SCENARIOS, *TRAPS):
        assert scenario.name in rows
    for scenario in SCENARIOS:
        better = float(rows[scenario.name][0].strip(" %"))
        if scenario.effect == 0:
            assert better <= 5.0
        elif scenario.effect > 0:
            assert better == pytest.approx(float(rows[scenario.name][2].strip(" %")), abs=4.0)


def test_a_table_has_a_row_a_world() -> None:
    made = table([play(SCENARIOS[0], 5, 1), play(SCENARIOS[-1], 5, 1)])
    assert len(made.splitlines()) == 4
