"""The charts of the journey, the trend, the heat map and the priority matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from service.dashboard.figures import Figure
from service.dashboard.svg import Canvas, Chart, Scale

__all__ = ["HeatCell", "LineMark", "MatrixMark", "heat_map", "line", "matrix"]

_CLOSE, _ROW = 130, 14
"""Labels of points nearer than this, in pixels across, stand in rows of their own."""


@dataclass(frozen=True, slots=True)
class LineMark:
    """A place along a line: words under it, its figure or None, what it says and where it leads."""

    under: tuple[str, ...]
    figure: Figure | None
    said: str
    address: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell: its words, its share of the highest, 0-1, what it says and where it leads."""

    words: str
    part: float
    said: str
    address: str


@dataclass(frozen=True, slots=True)
class MatrixMark:
    """A point of the priority matrix."""

    label: str
    x: float
    y: float
    kind: str
    said: str
    address: str


def line(
    name: str, title: str, description: str, marks: Sequence[LineMark], number: Callable[[float], str]
) -> Chart:
    """Scores from -100 to 100 along a line, each with its interval; a place without a score breaks the line."""
    left, top, depth = 44, 12, 190
    step = (
        max(64, min(130, 760 // max(1, len(marks))))
        if len(marks) > 9
        else max(104, 716 // max(1, len(marks)))
    )
    rows = max((len(mark.under) for mark in marks), default=1)
    width, height = left + step * len(marks) + 10, top + depth + 26 + 17 * rows
    ends = [end for mark in marks if mark.figure for end in (mark.figure.low, mark.figure.high)]
    scale = Scale.around(ends, top + depth, top, least=20)
    canvas = Canvas()
    for value in (-100, -75, -50, -25, 0, 25, 50, 75, 100):
        if scale.low <= value <= scale.high:
            canvas.line(left, scale(value), width, scale(value), "axis" if value == 0 else "grid")
            canvas.text(left - 8, scale(value) + 4, number(value), "soft", "end")
    run: list[tuple[float, float]] = []
    for place, mark in enumerate([*marks, None]):
        if mark is None or mark.figure is None:
            if len(run) > 1:
                canvas.path(run, "line")
            run = []
        else:
            run.append((left + step * (place + 0.5), scale(mark.figure.value)))
    for place, mark in enumerate(marks):
        x = left + step * (place + 0.5)
        shape = Canvas()
        shape.box(x - step / 2, top, step, height - top, "hit")
        if mark.figure is not None:
            shape.line(x, scale(mark.figure.low), x, scale(mark.figure.high), "span")
            shape.dot(x, scale(mark.figure.value), "dot", 7)
        for row, words in enumerate(mark.under):
            shape.text(x, top + depth + 24 + 17 * row, words, "strong" if row == 0 else "soft", "middle")
        canvas.link(mark.address, mark.said, shape)
    return Chart(name, title, description, width, height, canvas.body)


def heat_map(
    name: str,
    title: str,
    description: str,
    rows: Sequence[tuple[str, Sequence[HeatCell]]],
    heads: Sequence[str],
) -> Chart:
    """Rows and columns of cells, the darker the more; every cell also says its number."""
    left, top, wide, high = 190, 40, 92, 30
    width, height = left + wide * len(heads) + 2, top + high * len(rows) + 2
    canvas = Canvas()
    for column, head in enumerate(heads):
        words = head if len(head) < 13 else head[:11] + "…"
        canvas.text(left + wide * (column + 0.5), top - 12, words, "soft", "middle")
    for number, (label, cells) in enumerate(rows):
        y = top + high * number
        canvas.text(left - 10, y + 20, label, anchor="end")
        for column, cell in enumerate(cells):
            x = left + wide * column
            shape = Canvas()
            shape.box(x, y, wide, high, f"cell h{min(4, int(cell.part * 5))}")
            shape.text(x + wide / 2, y + 20, cell.words, anchor="middle")
            canvas.link(cell.address, cell.said, shape)
    return Chart(name, title, description, width, height, canvas.body)


def matrix(
    name: str, title: str, description: str, marks: Sequence[MatrixMark], axes: tuple[str, str],
    number: Callable[[float], str],
) -> Chart:  # fmt: skip
    """Points by volume (to the right) and impact (upwards), with 0 and the middle volume as lines."""
    left, top, width, height = 60, 16, 760, 380
    volumes = [mark.x for mark in marks]
    across = Scale(0.0, max([1.0, *volumes]) * 1.12, left, width - 20)
    up = Scale.around([mark.y for mark in marks], height - 50, top)
    canvas = Canvas()
    canvas.line(left, height - 50, width - 20, height - 50, "axis")
    canvas.line(left, up(0), width - 20, up(0), "axis")
    if volumes:
        middle = across(median(volumes))
        canvas.line(middle, top, middle, height - 50, "grid")
    canvas.text(width - 20, height - 14, axes[0], "soft", "end")
    canvas.text(left, top - 3, axes[1], "soft")
    for value in (up.low, up.high):
        canvas.text(left - 8, up(value) + 4, number(value), "soft", "end")
    for value in (0.0, across.high):
        canvas.text(across(value), height - 34, number(value), "soft", "middle")
    said: list[tuple[float, float]] = []
    for mark in sorted(marks, key=lambda one: (one.y, one.label), reverse=True):
        shape = Canvas()
        x, y = across(mark.x), up(mark.y)
        shape.dot(x, y, "hit", 13)
        shape.dot(x, y, mark.kind, 6)
        beyond = x > width - 160
        row = y + 4
        while any(abs(x - other) < _CLOSE and abs(row - line_) < _ROW for other, line_ in said):
            row += _ROW
        said.append((x, row))
        shape.text(x + (-10 if beyond else 10), row, mark.label, anchor="end" if beyond else "start")
        canvas.link(mark.address, mark.said, shape)
    return Chart(name, title, description, width, height, canvas.body)
