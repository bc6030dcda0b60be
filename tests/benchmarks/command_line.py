"""What every bench takes on its own command line."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.programs import hushed

__all__ = ["arguments", "run_tests"]


def arguments(doc: str | None, *, models: bool = True, **more: dict[str, Any]) -> argparse.Namespace:
    """Read `--into`, for most `--models`, and what the bench takes beside them.

    Args:
        doc: The bench's module docstring.
        models: Whether it measures our models.
        more: Further options by name, each with its arguments of `ArgumentParser.add_argument`.
    """
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.ArgumentDefaultsHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--into", type=Path, help="page to write the table into, between its markers")
    if models:
        parser.add_argument(
            "--models",
            type=Path,
            help="folder where feedback-nl/fast and feedback-nl/accurate stand; what is missing is trained there",
        )
    for name, given in more.items():
        parser.add_argument(f"--{name}", **given)
    hushed()
    return parser.parse_args()


def run_tests(module: str, doc: str | None) -> None:
    """Run a bench that consists of several claims by itself: its tests, with their table where `--into` says."""
    options = arguments(doc, models=False)
    if options.into is not None:
        os.environ["BENCH_INTO"] = str(options.into)
    raise SystemExit(pytest.main(["-q", "-s", "-m", "bench", module]))
