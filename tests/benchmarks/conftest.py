"""What all benches of one run share: the models, and at the end what each took."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.benchmarks.models import Models, kept_models
from tests.benchmarks.programs import hushed
from tests.benchmarks.tables import markdown, publish

_ALL = frozenset(path.stem for path in Path(__file__).parent.glob("bench_*.py"))


@pytest.fixture(scope="session")
def models() -> Iterator[Models]:
    """Both profiles, trained once; where BENCH_MODELS names a folder, what stands there is taken."""
    with kept_models(Path(os.environ["BENCH_MODELS"]) if os.environ.get("BENCH_MODELS") else None) as kept:
        yield kept


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    hushed()
    yield
    structlog.reset_defaults()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what each bench took and whether its claims hold; on the page too when all of them ran."""
    seconds: dict[str, float] = {}
    unmet: dict[str, list[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            path, _, test = report.nodeid.partition("::")
            bench = Path(path).stem
            if bench not in _ALL or not hasattr(report, "duration"):
                continue
            seconds.setdefault(bench, 0.0)
            if outcome != "passed":
                unmet.setdefault(bench, []).append(f"{test.removeprefix('test_')} ({outcome})")
    for reports in terminalreporter.stats.values():
        for report in reports:
            bench = Path(getattr(report, "nodeid", "").partition("::")[0]).stem
            if bench in seconds:
                seconds[bench] += getattr(report, "duration", 0.0)
    if not seconds:
        return
    rows = [
        (f"`{bench}`", f"{took:,.0f}", "; ".join(unmet.get(bench, ["held"])).replace("_", " "))
        for bench, took in sorted(seconds.items())
    ]
    rows.append(("all", f"{sum(seconds.values()):,.0f}", ""))
    table = markdown(("bench", "seconds", "its claims"), rows)
    if seconds.keys() == _ALL:
        publish("run", f"{table}\n\nThe first bench that needs a model also trains it.", command="make bench")
    else:
        print(f"\n{table}")
