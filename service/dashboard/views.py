"""What the dashboards show: one shape for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.dashboard.svg import Chart
from service.pages.wording import Option

__all__ = ["BoardView", "Cell", "Grid", "Section", "Stat", "Tab"]


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a table, and where they lead."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; its rows also as `data` for a file, by the names of `columns`."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[str, ...] = ()
    data: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Stat:
    """A figure at the head of the page: what it is, its value, its interval and what it rests on."""

    label: str
    value: str
    interval: str
    basis: str


@dataclass(frozen=True, slots=True)
class Section:
    """A chart with its table; a table that is not `folded` is a part of the page itself."""

    title: str
    lead: str
    chart: Chart | None
    grid: Grid
    folded: bool = True
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """Another dashboard about the same feedback."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """The page's context. `exports` are addresses of files, by what they are called."""

    title: str
    intro: str
    path: str
    tabs: tuple[Tab, ...]
    stats: tuple[Stat, ...]
    sections: tuple[Section, ...]
    exports: tuple[tuple[str, str], ...]
    since: str
    until: str
    base: str
    asks_base: bool
    journey: str
    cut: str
    journeys: tuple[Option, ...]
    cuts: tuple[tuple[str, tuple[Option, ...]], ...]
    inbox_url: str
    items: int
