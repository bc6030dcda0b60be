from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "benchmarks.md"
BENCHES = sorted(HERE.glob("bench_*.py"))


def published(bench: Path) -> list[str]:
    return re.findall(r"\bpublish\(\s*\"(\w+)\"", bench.read_text("utf-8"))


@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_every_bench_publishes_a_table_that_has_its_place_on_the_page(bench: Path) -> None:
    names = published(bench)
    assert names
    page = PAGE.read_text("utf-8")
    assert [name for name in names if f"<!-- {name} -->" not in page or f"<!-- /{name} -->" not in page] == []


def test_every_place_on_the_page_is_some_bench_s() -> None:
    places = set(re.findall(r"<!-- (\w+) -->", PAGE.read_text("utf-8")))
    assert places == {name for bench in BENCHES for name in published(bench)} | {"run"}


@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_a_table_names_the_command_that_makes_it_alone(bench: Path) -> None:
    assert f'"python -m tests.benchmarks.{bench.stem} --into docs/benchmarks.md"' in bench.read_text("utf-8")
