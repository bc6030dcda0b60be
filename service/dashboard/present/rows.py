"""The rows of a table as they are taken along in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.dashboard.figures import Figure, Scores

__all__ = ["Missing", "columns", "dutch", "flat"]

_FIGURE: Final = ("value", "low", "high", "n", "n_given", "n_estimated")
_SCORES: Final = ("nps", "nps_all", "ces", "cas", "eps", "fcr")


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands for a figure that is not there."""


def flat(**values: Any) -> dict[str, Any]:
    """A row of a file: a figure becomes columns such as `nps_value`, `nps_low`; scores become those of each."""
    row: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Scores):
            row["items"] = value.items
            for one in _SCORES:
                row |= flat(**{one: getattr(value, one) or Missing()})
        elif isinstance(value, Figure | Missing):
            row |= {f"{name}_{part}": getattr(value, part, None) for part in _FIGURE}
        else:
            row[name] = value
    return row


def columns(data: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names of all columns that the rows have, each once, in the order in which they come up."""
    return tuple(dict.fromkeys(name for row in data for name in row))


def dutch(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with a comma in its numbers, as a Dutch spreadsheet reads them from CSV."""
    return {name: _Comma(value) if isinstance(value, float) else value for name, value in row.items()}


class _Comma(float):
    """A number that is written with a comma."""

    def __str__(self) -> str:
        return f"{float(self):.4f}".rstrip("0").rstrip(".").replace(".", ",")
