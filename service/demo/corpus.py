"""Where the example texts of the demonstration are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["demo_corpus"]


@cache
def demo_corpus() -> Path | None:
    """The labelled corpus beside this package, or None where only the program is installed."""
    path = Path(__file__).resolve().parents[2] / "training" / "data" / "corpus.jsonl"
    return path if path.is_file() else None
