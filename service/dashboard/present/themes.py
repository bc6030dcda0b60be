"""How each theme is spoken of along the journey, and as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from service.dashboard.boards import ThemeCell, Themes
from service.dashboard.charts import HeatCell, heat_map
from service.dashboard.present.phrasing import Phrasing
from service.dashboard.present.rows import Missing, columns, flat
from service.dashboard.views import Cell, Grid, Section

__all__ = ["theme_sections"]


def theme_sections(phrasing: Phrasing, board: Themes) -> tuple[Section, ...]:
    """The heat map of themes by stage, and the themes of all items together."""
    tr = phrasing.tr
    stages = list(dict.fromkeys(cell.journey for cell in board.cells))
    most = max((one.negative_share.value for one in board.cells if one.negative_share), default=0.0) or 1.0
    rows = []
    for theme in dict.fromkeys(cell.theme for cell in board.cells):
        cells = [_heat(phrasing, one, most) for one in board.cells if one.theme == theme]
        rows.append((phrasing.words.theme(theme), cells))
    title = tr.gettext("Dissatisfied with a theme, % of a stage's items")
    whole = tr.gettext("Themes as a whole")
    heads = [phrasing.journey(code) for code in stages]
    return (
        Section(
            title,
            tr.gettext("The darker, the more items are dissatisfied. The intervals are in the table."),
            heat_map("themes", title, phrasing.described(), rows, heads),
            _grid(phrasing, title, board.cells, with_stage=True),
        ),
        Section(
            whole,
            tr.gettext("Of all items together."),
            None,
            _grid(phrasing, whole, board.whole, with_stage=False),
            folded=False,
        ),
    )


def _heat(phrasing: Phrasing, one: ThemeCell, most: float) -> HeatCell:
    tr = phrasing.tr
    value = one.negative_share.value if one.negative_share else 0.0
    said = tr.gettext(
        "%(theme)s, %(stage)s: %(share)s%% dissatisfied, %(count)s of %(items)s items",
        theme=phrasing.words.theme(one.theme), stage=phrasing.journey(one.journey), share=tr.number(value),
        count=tr.number(one.negative), items=tr.number(one.items),
    )  # fmt: skip
    words = tr.number(value) if one.negative else "·"
    return HeatCell(words, value / most, said, _url(phrasing, one, True, polarity="negative"))


def _grid(phrasing: Phrasing, caption: str, cells: Sequence[ThemeCell], *, with_stage: bool) -> Grid:
    tr = phrasing.tr
    rows = []
    for one in cells:
        if with_stage and not one.mentions:
            continue
        url = _url(phrasing, one, with_stage)
        stage = (Cell(phrasing.journey(one.journey)),) if with_stage else ()
        rows.append(
            (
                Cell(phrasing.words.theme(one.theme), url), *stage, Cell(tr.number(one.mentions), url),
                Cell(tr.number(one.negative), _url(phrasing, one, with_stage, polarity="negative")),
                Cell(tr.number(one.positive), _url(phrasing, one, with_stage, polarity="positive")),
                Cell(phrasing.told("", one.negative_share)), Cell(phrasing.told("", one.nps)),
            )
        )  # fmt: skip
    heads = (
        tr.gettext("Theme"), *((tr.gettext("Stage"),) if with_stage else ()), tr.gettext("Items that mention it"),
        tr.gettext("dissatisfied"), tr.gettext("satisfied"), tr.gettext("% dissatisfied of items"),
        tr.gettext("NPS of those who mention it"),
    )  # fmt: skip
    data = tuple(
        flat(**{name: value for name, value in asdict(one).items() if name not in ("negative_share", "nps")},
             negative_share=one.negative_share or Missing(), nps=one.nps or Missing())
        for one in cells
    )  # fmt: skip
    return Grid(caption, heads, tuple(rows), columns(data), data)


def _url(phrasing: Phrasing, one: ThemeCell, with_stage: bool, **further: Any) -> str:
    stage = {"journey": (one.journey,)} if with_stage and one.journey else {}
    return phrasing.asked.inbox(theme=(one.theme,), **stage, **further)
