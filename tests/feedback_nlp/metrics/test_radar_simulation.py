from __future__ import annotations

import numpy as np
import pytest

from training.simulate_radar import WORLDS, World, calm, find, tables


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
