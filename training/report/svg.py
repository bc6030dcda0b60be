"""Three kinds of plot as SVG text: bars with intervals, lines, and columns. No script, readable in black and white."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Bar", "Line", "bars", "lines"]

COLOURS = ("#1f5a92", "#b3541e", "#3f7d3b", "#7a3f8f")
_DASHES = ("", "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True, slots=True)
class Bar:
    """A value 0-1 with an interval, or None for both ends."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y) under a name."""

    name: str
    points: Sequence[tuple[float, float]]
    marks: bool = False


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars from 0 to 1, each with its value written beside it."""
    left, width, step = 170, 420, 24
    height = step * len(rows) + 40
    parts = [_open(title, left + width + 190, height)]
    for tick in range(0, 11, 2):
        x = left + width * tick / 10
        parts.append(f'<line x1="{x:.0f}" y1="10" x2="{x:.0f}" y2="{height - 28}" class="grid"/>')
        parts.append(
            f'<text x="{x:.0f}" y="{height - 12}" class="tick" text-anchor="middle">{tick / 10:.1f}</text>'
        )
    for index, row in enumerate(rows):
        y = 14 + step * index
        end = left + width * max(0.0, min(1.0, row.value))
        parts.append(f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{escape(row.label)}</text>')
        parts.append(
            f'<rect x="{left}" y="{y}" width="{end - left:.1f}" height="15" fill="{COLOURS[0]}" opacity="0.75"/>'
        )
        told = f"{row.value:.2f}"
        if row.low is not None and row.high is not None:
            first, last = left + width * row.low, left + width * row.high
            parts.append(
                f'<path d="M{first:.1f} {y + 7.5}H{last:.1f}M{first:.1f} {y + 3}v9M{last:.1f} {y + 3}v9" '
                'class="whisker"/>'
            )
            told += f" ({row.low:.2f}-{row.high:.2f})"
        parts.append(f'<text x="{left + width + 10}" y="{y + 12}">{told} {escape(row.note)}</text>')
    return "".join([*parts, "</svg>"])


def lines(
    title: str,
    series: Sequence[Line],
    *,
    x_label: str,
    y_label: str,
    x_range: tuple[float, float] = (0, 1),
    y_range: tuple[float, float] = (0, 1),
    diagonal: bool = False,
    mark_x: float | None = None,
    size: tuple[int, int] = (340, 240),
) -> str:
    """Lines over a grid; `diagonal` draws where x = y, `mark_x` an upright line, such as the threshold in use."""
    width, height = size
    left, top, right, bottom = (
        46,
        26,
        width - 12,
        height - 40 - 16 * ((len(series) + 1) // 2 if len(series) > 1 else 0),
    )

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - x_range[0]) / max(x_range[1] - x_range[0], 1e-9)
        up = (y - y_range[0]) / max(y_range[1] - y_range[0], 1e-9)
        return left + across * (right - left), bottom - up * (bottom - top)

    parts = [_open(title, width, height), f'<text x="{left}" y="15" class="title">{escape(title)}</text>']
    for tick in range(5):
        share = tick / 4
        y_value = y_range[0] + share * (y_range[1] - y_range[0])
        x_value = x_range[0] + share * (x_range[1] - x_range[0])
        x, y = place(x_value, y_value)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" class="grid"/>')
        parts.append(
            f'<text x="{left - 5}" y="{y + 4:.1f}" class="tick" text-anchor="end">{_number(y_value)}</text>'
        )
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 14}" class="tick" text-anchor="middle">{_number(x_value)}</text>'
        )
    middle = (left + right) / 2, (top + bottom) / 2
    parts.append(
        f'<text x="{middle[0]:.0f}" y="{bottom + 28}" class="tick" text-anchor="middle">{escape(x_label)}</text>'
        f'<text transform="translate(11 {middle[1]:.0f}) rotate(-90)" class="tick" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )
    if diagonal:
        (x1, y1), (x2, y2) = place(x_range[0], y_range[0]), place(x_range[1], y_range[1])
        parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="ideal"/>')
    if mark_x is not None:
        x, _ = place(mark_x, y_range[0])
        parts.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" class="ideal"/>')
    for index, line in enumerate(series):
        colour, dash = COLOURS[index % len(COLOURS)], _DASHES[index % len(_DASHES)]
        points = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in line.points)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        if line.marks:
            for x, y in line.points:
                across, up = place(x, y)
                parts.append(f'<circle cx="{across:.1f}" cy="{up:.1f}" r="3" fill="{colour}"/>')
        if len(series) > 1:
            x, y = left + (index % 2) * (right - left) / 2, bottom + 44 + 16 * (index // 2)
            parts.append(
                f'<line x1="{x:.0f}" y1="{y - 4:.0f}" x2="{x + 22:.0f}" y2="{y - 4:.0f}" stroke="{colour}" '
                f'stroke-width="2" stroke-dasharray="{dash}"/>'
            )
            parts.append(f'<text x="{x + 27:.0f}" y="{y:.0f}" class="tick">{escape(line.name)}</text>')
    return "".join([*parts, "</svg>"])


def _open(title: str, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'role="img" aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title>'
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2f}"
