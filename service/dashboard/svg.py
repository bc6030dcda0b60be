"""Charts as SVG: drawn on the server, read by screen readers, styled by the pages' own sheet, links in every mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import resvg_py
from font_lato import font_files
from markupsafe import Markup

__all__ = ["Canvas", "Chart", "Interval", "Scale", "intervals"]

_FONTS: Final = 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif'
_FILE_STYLE: Final = (
    f"svg {{ background: #fff; font: 13px {_FONTS}; }}"
    """
text { fill: #1b222c; } .soft { fill: #525c69; } .line, .tick { stroke: #2453a6; } .axis { stroke: #7d8794; }
.grid { stroke: #d5dae1; } .line { fill: none; stroke-width: 2; } .tick { stroke-width: 3; } .dot { fill: #2453a6; }
.neg { fill: #9b1c1c; } .pos { fill: #17633a; } .neu { fill: #4c5561; } .warn { fill: #7a4b00; }
.hit { fill: #fff; fill-opacity: 0; }
.span { stroke: #7d8794; stroke-width: 2; } .limit { stroke: #9b1c1c; stroke-width: 2; stroke-dasharray: 4 3; }
.h0 { fill: #fff; } .h1 { fill: #fdf5f4; } .h2 { fill: #fcebe9; } .h3 { fill: #f2d2d0; } .h4 { fill: #e4b7b6; }
.cell { stroke: #d5dae1; } .strong { font-weight: 600; }
"""
)
"""What the pages' style sheet says of charts, in its light colours, for files that stand alone."""
_PNG_FONT: Final = "Lato"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title and description; `name` is unique on the page."""

    name: str
    title: str
    description: str
    width: int
    height: int
    body: str

    def inline(self) -> Markup:
        """For a page: a group with a name, so that the links within it stay links."""
        drawn = self._open(f'class="chart" width="{self.width}" height="{self.height}"') + "</svg>"
        return Markup(drawn)  # noqa: S704 - every word in it went through `escape`  # nosec

    def file(self, base: str = "") -> bytes:
        """A file that stands alone; links in it begin with `base`."""
        opened = self._open(
            f'xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}"',
            f"<style>{_FILE_STYLE}</style>",
        )
        return (opened.replace('href="/', f'href="{escape(base)}/') + "</svg>").encode()

    def png(self) -> bytes:
        """A picture at twice the size, for slides and letters.

        Words are drawn in a font that comes with the project, so that it looks the same on every machine; what the
        font lacks is taken from those of the system.
        """
        drawn = resvg_py.svg_to_bytes(
            svg_string=self.file().decode().replace(_FONTS, _PNG_FONT),
            background="#ffffff",
            zoom=2.0,
            font_family=_PNG_FONT,
            sans_serif_family=_PNG_FONT,
            font_files=[font_files[name] for name in ("Lato", "LatoBold")],
        )
        return bytes(drawn)

    def _open(self, attributes: str, style: str = "") -> str:
        named = f"{self.name}-title {self.name}-desc"
        return (
            f'<svg {attributes} viewBox="0 0 {self.width} {self.height}" role="group" aria-labelledby="{named}">'
            f'<title id="{self.name}-title">{escape(self.title)}</title>'
            f'<desc id="{self.name}-desc">{escape(self.description)}</desc>{style}{self.body}'
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places along an axis."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; values beyond the ends stand at the ends."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float, *, least: float = 1.0) -> Scale:
        """A scale that holds all values and 0, with some room beside them."""
        low, high = min([0.0, *values]), max([0.0, *values])
        room = max((high - low) * 0.06, least / 2)
        return cls(low - room, high + room, start, end)


class Canvas:
    """Collects marks; places in whole pixels, y downwards."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: list[str] = []

    @property
    def body(self) -> str:
        """What has been drawn."""
        return "".join(self._parts)

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A straight line."""
        self._parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def path(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """A line through points."""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline class="{kind}" points="{places}"/>')

    def box(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """A rectangle."""
        self._parts.append(
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
            f'height="{max(height, 0):.1f}"/>'
        )

    def dot(self, x: float, y: float, kind: str, radius: float = 5) -> None:
        """A point."""
        self._parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>')

    def text(self, x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> None:
        """Words."""
        named = f' class="{kind}"' if kind else ""
        self._parts.append(
            f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
        )

    def link(self, address: str, said: str, mark: Canvas) -> None:
        """Marks that lead somewhere; `said` is what they are called."""
        inside = f"<title>{escape(said)}</title>{mark.body}"
        self._parts.append(f'<a href="{escape(address)}" aria-label="{escape(said)}">{inside}</a>')


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of a chart of intervals.

    Attributes:
        label: What it is.
        value: The figure; None leaves the row without a mark.
        low: Lower end.
        high: Upper end.
        said: The figure in words.
        address: Where the mark leads.
        kind: `neg`, `pos`, `neu` or `warn`.
        limit: A value from which on it is more than noise, or None.
    """

    label: str
    value: float | None
    low: float
    high: float
    said: str
    address: str
    kind: str = "dot"
    limit: float | None = None


def intervals(name: str, title: str, description: str, rows: Sequence[Interval]) -> Chart:
    """Figures with their intervals, one under the other, on one scale with 0."""
    left, right, step, width = 210, 170, 30, 760
    there = [row for row in rows if row.value is not None]
    ends = [end for row in there for end in (row.low, row.high, row.value or 0.0, row.limit or 0.0)]
    scale = Scale.around(ends, left, width - right)
    height = 20 + step * len(rows)
    canvas = Canvas()
    canvas.line(scale(0), 6, scale(0), height - 8, "axis")
    for number, row in enumerate(rows):
        y = 10 + step * (number + 0.5)
        mark = Canvas()
        mark.box(0, y - step / 2, width, step, "hit")
        mark.text(left - 10, y + 4, row.label, anchor="end")
        if row.value is not None:
            mark.line(scale(row.low), y, scale(row.high), y, "span")
            if row.limit is not None:
                mark.line(scale(row.limit), y - 9, scale(row.limit), y + 9, "limit")
            mark.dot(scale(row.value), y, row.kind, 6)
        mark.text(width - right + 12, y + 4, row.said, "soft")
        canvas.link(row.address, f"{row.label}: {row.said}", mark)
    return Chart(name, title, description, width, height, canvas.body)
