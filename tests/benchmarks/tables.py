"""What the benchmarks share: Markdown tables, the machine's name, and where a table goes."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from training.figures import replace_block

__all__ = ["machine", "markdown", "processor_name", "publish"]


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def machine() -> str:
    """Processor, cores that may be used, system and Python, as a table's note names them."""
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} core{'s' if cores > 1 else ''} of {processor_name()}, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def publish(name: str, table: str, *, command: str, into: Path | None = None) -> None:
    """Print a table that names its command; write it between its markers of the page `into`.

    `make bench` names the page in BENCH_INTO for all benchmarks at once.
    """
    tried = " Tried at little sizes: the figures mean nothing." if os.environ.get("BENCH_SMALL") else ""
    whole = f"{table}\n\n{machine()}. Made by `{command}`.{tried}"
    print(f"\n{whole}")
    page = into or (Path(os.environ["BENCH_INTO"]) if os.environ.get("BENCH_INTO") else None)
    if page is not None:
        replace_block(page, name, whole)
