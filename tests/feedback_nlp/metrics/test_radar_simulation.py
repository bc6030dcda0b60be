from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from training.simulate_radar import BLOCK, SHARES, WITHIN, WORLDS, World, calm, find, tables

PAGE = Path(__file__).parents[3] / "docs" / "measures.md"


def test_worlds_hold_what_they_say() -> None:
    whole, parts = World("x", journeys=8).draw(np.random.default_rng(1), 400, rising=0.2, last=200)
    assert parts.counts.reshape(12, 8, -1).sum(axis=1) == pytest.approx(whole.counts)
    assert whole.volumes.mean() == pytest.approx(200, abs=2)
    share = whole.counts[0] / whole.volumes[0]
    assert share[:226].mean() == pytest.approx(0.20, abs=0.01)
    assert share[-200:].mean() == pytest.approx(0.26, abs=0.01)


def test_a_table_has_a_row_a_world_and_a_share() -> None:
    found = find(0.4, runs=5)
    assert all(list(chance) == sorted(chance) for chance in (*found.within, found.best))
    assert found.within[0][-1] == 1.0
    made = tables([calm(WORLDS[0], 1)], [found], 1)
    assert sum(line.startswith("| ") for line in made.splitlines()) == 4


def test_the_page_shows_every_world_within_the_bound_and_no_share_beyond_what_is_possible() -> None:
    text = PAGE.read_text("utf-8").split(f"<!-- {BLOCK} -->")[1].split(f"<!-- /{BLOCK} -->")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line
    ]
    alarms = {row[0]: (int(row[1]), float(row[2])) for row in rows if len(row) == 4 and row[1].isdigit()}
    assert alarms.keys() == {world.name for world in WORLDS}
    for world in WORLDS:
        quarters, a_quarter = alarms[world.name]
        if not (world.season and world.history < 104):  # a season that cannot be known
            assert a_quarter <= 1 + 2 / quarters**0.5  # the bound, and what so many quarters may differ by
    runs = int(re.search(r"([\d,]+) simulated rises a row", text)[1])  # type: ignore[index]
    found = {row[0]: row[1:] for row in rows if len(row) == 7 and row[0][0].isdigit()}
    assert found.keys() == {f"{100 * share:.0f} %" for share in SHARES}
    for measured, _, at_best, *_ in found.values():
        chance, most = (float(cell.strip(" %")) / 100 for cell in (measured, at_best))
        assert chance <= most + 3 * (most * (1 - most) / runs) ** 0.5 + 0.01
    assert max(WITHIN) == 13
