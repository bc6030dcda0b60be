"""How a run over many rows went, and how that is told."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from feedback_nlp.batch import Outcome

__all__ = ["Tally"]

_SHOWN_ERRORS = 5


@dataclass
class Tally:
    """Rows done and rows failed, with the reasons of the first."""

    started: float = field(default_factory=time.perf_counter)
    done: int = 0
    failed: int = 0
    first_errors: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Add a row."""
        self.done += 1
        if outcome.error is not None:
            self.failed += 1
            if len(self.first_errors) < _SHOWN_ERRORS:
                self.first_errors.append(outcome.complaint)

    def report(self, out: Path | None, *, skipped: int = 0) -> None:
        """Say it on standard error.

        Args:
            out: Where the results are, or None when they were shown.
            skipped: How many of the rows an earlier run had done.
        """
        from feedback_nlp.commands.rendering import safe

        seconds = max(time.perf_counter() - self.started, 1e-6)
        where = f", written to {out}" if out else ""
        before = f", {skipped:,} of them before" if skipped else ""
        rate = (self.done - skipped) / seconds
        typer.echo(f"{self.done:,} rows{before} in {seconds:,.1f} s ({rate:,.0f} a second){where}", err=True)
        if self.failed:
            typer.secho(f"{self.failed:,} of them could not be classified:", err=True, fg="yellow")
            for line in self.first_errors[:_SHOWN_ERRORS]:
                typer.echo(f"  {safe(line)}", err=True)
            if more := self.failed - len(self.first_errors[:_SHOWN_ERRORS]):
                typer.echo(f"  … and {more:,} more, each with its error in the results", err=True)
