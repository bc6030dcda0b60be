"""Says the dashboards' figures in words, tables and charts, every mark leading to the items behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final

from service.dashboard import boards
from service.dashboard.charts import HeatCell, LineMark, MatrixMark, heat_map, line, matrix
from service.dashboard.figures import Figure, Scores
from service.dashboard.query import DashboardQuery
from service.dashboard.radar import Radar
from service.dashboard.svg import Interval, intervals
from service.dashboard.topics import Topics
from service.dashboard.views import Cell, Grid, Section, Stat
from service.pages.i18n import Translator
from service.pages.wording import N_, Wording

__all__ = ["Presenter", "dutch", "flat"]

QUADRANTS: Final = {
    "fix first": N_("fix first"),
    "fix next": N_("fix next"),
    "keep": N_("keep"),
    "build on": N_("build on"),
    "unclear": N_("unclear"),
}
_KINDS: Final = {"fix first": "neg", "fix next": "neg", "keep": "pos", "build on": "pos", "unclear": "neu"}
_WEEK: Final = timedelta(days=6)
_FIGURE: Final = ("value", "low", "high", "n", "n_given", "n_estimated")
_SCORES: Final = ("nps", "nps_all", "ces", "cas", "eps", "fcr")


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


def dutch(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with a comma in its numbers, as a Dutch spreadsheet reads them from CSV."""
    return {name: _Comma(value) if isinstance(value, float) else value for name, value in row.items()}


class _Comma(float):
    """A number that is written with a comma."""

    def __str__(self) -> str:
        return f"{float(self):.4f}".rstrip("0").rstrip(".").replace(".", ",")


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands for a figure that is not there."""


class Presenter:
    """Words, tables and charts in one language about one choice of feedback."""

    def __init__(self, tr: Translator, words: Wording, asked: DashboardQuery) -> None:
        self._tr = tr
        self._words = words
        self._asked = asked

    def stats(self, scores: Scores) -> tuple[Stat, ...]:
        """The figures at the head of a page."""
        tr = self._tr
        named = (
            (tr.gettext("NPS, given"), scores.nps),
            (tr.gettext("NPS, given and estimated"), scores.nps_all),
            (tr.gettext("CES 1-7, high is easy"), scores.ces),
            (tr.gettext("CAS, % that agrees"), scores.cas),
            (tr.gettext("EPS, employees"), scores.eps),
            (tr.gettext("Settled at first contact, %"), scores.fcr),
        )
        return tuple(
            Stat(label, tr.number(one.value), self._span(one), self._basis(one))
            for label, one in named
            if one
        )

    def journey(self, board: boards.Journey) -> tuple[Section, ...]:
        """The journey as a line of stages, and its moments of truth."""
        tr = self._tr
        marks = []
        for stage in board.stages:
            scores, theme = stage.scores, stage.main_theme
            under = (
                self._journey(stage.journey),
                self._points("NPS", scores.nps),
                self._points("CES", scores.ces),
                self._points("CAS", scores.cas),
                tr.ngettext("%(num)s item", "%(num)s items", scores.items),
                self._words.theme(theme.theme) if theme else "–",
            )
            said = "; ".join((*under[:1], self._told("NPS", scores.nps), *under[2:]))
            marks.append(LineMark(under, scores.nps, said, self._stage_url(stage)))
        title = tr.gettext("NPS along the customer journey")
        chart = line("journey", title, self._described(), marks, tr.number)
        sections = [
            Section(
                title,
                tr.gettext(
                    "Each stage with its NPS of given scores and 95% interval, CES, CAS, volume and main theme."
                ),
                chart,
                self._stages(tr.gettext("Stages of the journey"), board.stages),
                folded=False,
            )
        ]
        if board.moments:
            caption = tr.gettext("Moments of truth")
            lead = tr.gettext("Moments that came with the items, in the order of the journey.")
            sections.append(Section(caption, lead, None, self._stages(caption, board.moments), folded=False))
        return tuple(sections)

    def trend(self, board: boards.Trend) -> tuple[Section, ...]:
        """The scores over time."""
        tr = self._tr
        week = board.unit == "week"
        marks, rows = [], []
        for point in board.points:
            url = self._asked.inbox(since=point.since, until=point.until)
            when = tr.day(point.since)
            under = (
                tr.short_day(point.since) if week else tr.month(point.since),
                self._points("NPS", point.scores.nps),
                f"n = {tr.number(point.scores.nps.n if point.scores.nps else 0)}",
            )
            said = f"{when}: {self._told('NPS', point.scores.nps)}"
            marks.append(LineMark(under, point.scores.nps, said, url))
            rows.append((Cell(f"{when} – {tr.day(point.until)}", url), *self._score_cells(point.scores)))
        title = tr.gettext("NPS by week") if week else tr.gettext("NPS by month")
        data = tuple(flat(since=one.since, until=one.until, scores=one.scores) for one in board.points)
        heads = (tr.gettext("Week") if week else tr.gettext("Month"), *self._score_heads())
        grid = Grid(title, heads, tuple(rows), _columns(data), data)
        lead = tr.gettext("Given scores with their 95% intervals; a gap is a time without scores.")
        return (Section(title, lead, line("trend", title, self._described(), marks, tr.number), grid),)

    def themes(self, board: boards.Themes) -> tuple[Section, ...]:
        """How each theme is spoken of along the journey: heat map, and the themes as a whole."""
        tr = self._tr
        stages = list(dict.fromkeys(cell.journey for cell in board.cells))
        most = (
            max((one.negative_share.value for one in board.cells if one.negative_share), default=0.0) or 1.0
        )
        rows = []
        for theme in dict.fromkeys(cell.theme for cell in board.cells):
            cells = [self._heat(one, most) for one in board.cells if one.theme == theme]
            rows.append((self._words.theme(theme), cells))
        title = tr.gettext("Dissatisfied with a theme, % of a stage's items")
        heads = [self._journey(code) for code in stages]
        chart = heat_map("themes", title, self._described(), rows, heads)
        lead = tr.gettext("The darker, the more items are dissatisfied. The intervals are in the table.")
        return (
            Section(title, lead, chart, self._theme_grid(title, board.cells, with_stage=True)),
            Section(
                tr.gettext("Themes as a whole"),
                tr.gettext("Of all items together."),
                None,
                self._theme_grid(tr.gettext("Themes as a whole"), board.whole, with_stage=False),
                folded=False,
            ),
        )

    def drivers(self, board: boards.Drivers) -> tuple[Section, ...]:
        """Impact on the NPS, and the matrix of impact and volume."""
        tr = self._tr
        shown = [one for one in board.drivers if one.impact]
        bars, marks, rows = [], [], []
        for one in board.drivers:
            label, url = self._words.theme(one.theme), self._asked.inbox(theme=(one.theme,))
            quadrant = tr.gettext(QUADRANTS[one.quadrant])
            rows.append(
                (
                    Cell(label, url), Cell(tr.number(one.mentions)), Cell(self._told("", one.volume)),
                    Cell(self._told("", one.impact)), Cell(self._told("", one.share)), Cell(quadrant),
                )
            )  # fmt: skip
            if one.impact is None:
                continue
            kind, said = _KINDS[one.quadrant], f"{tr.number(one.impact.value)} ({self._span(one.impact)})"
            bars.append(Interval(label, one.impact.value, one.impact.low, one.impact.high, said, url, kind))
            told = f"{label}: {said}, {tr.number(one.volume.value)} %, {quadrant}"
            marks.append(MatrixMark(label, one.volume.value, one.impact.value, kind, told, url))
        title, second = tr.gettext("Impact on the NPS"), tr.gettext("Priority matrix")
        heads = (
            tr.gettext("Theme"), tr.gettext("Scores that mention it"), tr.gettext("% of scores"),
            tr.gettext("Impact, points of NPS"), tr.gettext("Share of the differences, %"), tr.gettext("Priority"),
        )  # fmt: skip
        data = tuple(
            flat(theme=one.theme, mentions=one.mentions, volume=one.volume, impact=one.impact or Missing(),
                 share=one.share or Missing(), quadrant=one.quadrant)
            for one in board.drivers
        )  # fmt: skip
        axes = (tr.gettext("% of scores that mention it"), tr.gettext("Impact, points of NPS"))
        none = tr.gettext("Drivers need at least two given scores.")
        return (
            Section(
                title,
                tr.gettext(
                    "How much lower (−) or higher the NPS is because of the customers who mention a theme: NPS of all "
                    "minus NPS without them, with a 95% bootstrap interval. It shows what goes together, not what "
                    "causes it."
                ),
                intervals("impact", title, self._described(), bars) if shown else None,
                Grid(title, heads, tuple(rows), _columns(data), data),
                empty="" if shown else none,
            ),
            Section(
                second,
                tr.gettext(
                    "Below the line and to the right: fix first. A theme whose interval holds 0, or that few mention, "
                    "is unclear."
                ),
                matrix("matrix", second, self._described(), marks, axes, tr.number) if shown else None,
                Grid(
                    second,
                    heads[:1] + heads[2:4] + heads[5:],
                    tuple((*row[:1], *row[2:4], row[5]) for row in rows),
                ),
                empty="" if shown else none,
            ),
        )

    def change(self, board: boards.Change) -> tuple[Section, ...]:
        """Why the NPS changed."""
        tr = self._tr
        bars: list[Interval] = []
        rows: list[tuple[Cell, ...]] = []
        for one in board.contributions:
            label = self._words.theme(one.theme) if one.theme else tr.gettext("no theme")
            url = self._asked.inbox(theme=(one.theme,) if one.theme else ())
            kind = "neg" if one.total < 0 else "pos"
            said = tr.number(one.total)
            low, high = min(0.0, one.total), max(0.0, one.total)
            bars.append(Interval(label, one.total, low, high, said, url, kind))
            rows.append(
                (
                    Cell(label, url), Cell(tr.decimal(one.total, 2)), Cell(self._told("", one.mix, 2)),
                    Cell(self._told("", one.level, 2)), Cell(tr.number(one.share_before)),
                    Cell(tr.number(one.share_after)),
                )
            )  # fmt: skip
        if board.difference:
            total = board.difference
            rows.append(
                (
                    Cell(tr.gettext("Together")),
                    Cell(tr.decimal(total.value, 2)),
                    *(Cell("") for _ in range(4)),
                )
            )
        title = tr.gettext("What the change is made of")
        heads = (
            tr.gettext("Theme"), tr.gettext("Points of NPS"), tr.gettext("of which mix"), tr.gettext("of which level"),
            tr.gettext("% of speaking before"), tr.gettext("% of speaking after"),
        )  # fmt: skip
        data = tuple(
            flat(theme=one.theme, total=one.total, mix=one.mix, level=one.level, share_before=one.share_before,
                 share_after=one.share_after)
            for one in board.contributions
        )  # fmt: skip
        none = tr.gettext("One of the two periods has no given scores.")
        return (
            Section(
                title,
                tr.gettext(
                    "Mix: a theme is spoken of more or less than before. Level: those who speak of it score otherwise. "
                    "An item with several themes counts for a part in each, so that the parts add up to the change."
                ),
                intervals("change", title, self._described(), bars) if bars else None,
                Grid(title, heads, tuple(rows), _columns(data), data),
                empty="" if bars else none,
            ),
        )

    def change_stats(self, board: boards.Change) -> tuple[Stat, ...]:
        """Both periods and their difference."""
        tr = self._tr
        made = [
            Stat(f"{tr.day(part.since)} – {tr.day(part.until)}", tr.number(part.nps.value), self._span(part.nps),
                 self._basis(part.nps))
            for part in (board.before, board.after)
            if part
        ]  # fmt: skip
        if board.difference:
            one = board.difference
            made.append(
                Stat(tr.gettext("Difference"), tr.number(one.value), self._span(one), self._basis(one))
            )
        return tuple(made)

    def dna(self, board: boards.Dna) -> tuple[Section, ...]:
        """The index of organisations or branches."""
        tr = self._tr
        bars, rows = [], []
        for one in board.organisations:
            url = self._asked.inbox(organisation=one.name)
            place = "–" if one.best is None else tr.number(one.best)
            if one.best != one.worst and one.worst is not None:
                place = tr.gettext("%(best)s to %(worst)s", best=place, worst=tr.number(one.worst))
            if one.index:
                said = f"{tr.number(one.index.value)} ({self._span(one.index)})"
                bars.append(Interval(one.name, one.index.value, one.index.low, one.index.high, said, url))
            thin = ", ".join(self._words.theme(theme) for theme in one.thin)
            pillars = [Cell(self._told("", own)) for own in one.pillars.values()]
            rows.append(
                (Cell(one.name, url), Cell(place), Cell(self._told("", one.index)), *pillars, Cell(thin))
            )
        title = tr.gettext("Customer Centric DNA index")
        names = next((tuple(one.pillars) for one in board.organisations), ())
        heads = (tr.gettext("Organisation or branch"), tr.gettext("Place"), tr.gettext("Index 0-100"),
                 *(self._words.pillar(name) for name in names), tr.gettext("Too few mentions of"))  # fmt: skip
        data = tuple(
            flat(organisation=one.name, best=one.best, worst=one.worst, index=one.index or Missing(),
                 **{name: own or Missing() for name, own in one.pillars.items()}, thin=" ".join(one.thin))
            for one in board.organisations
        )  # fmt: skip
        return (
            Section(
                title,
                tr.gettext(
                    "How customers speak of processes and employees, every theme weighing alike: 50 is as much praise "
                    "as blame. A single place is claimed only where the data carry it."
                ),
                intervals("dna", title, self._described(), bars) if bars else None,
                Grid(title, heads, tuple(rows), _columns(data), data),
                folded=False,
                empty="" if rows else tr.gettext(
                    "No item names its organisation or branch; send it along as the fact “organisation” or “branch”."
                ),
            ),
        )  # fmt: skip

    def radar(self, board: Radar) -> tuple[Section, ...]:
        """What rises, and how every theme stands."""
        tr = self._tr
        title, second = tr.gettext("Alarms"), tr.gettext("Themes in the last week")
        rows = []
        for alarm in board.alarms:
            journey = (alarm.journey,) if alarm.journey else ()
            url = self._asked.inbox(
                theme=(alarm.theme,),
                polarity="negative",
                journey=journey,
                since=alarm.since,
                until=alarm.until,
            )
            rows.append(
                (
                    Cell(self._words.theme(alarm.theme), url),
                    Cell(tr.gettext("new") if alarm.new else tr.gettext("since before")),
                    Cell(self._journey(alarm.journey) if alarm.journey else tr.gettext("the whole journey")),
                    Cell(f"{tr.day(alarm.since)} – {tr.day(alarm.until)}"), Cell(tr.number(alarm.count), url),
                    Cell(tr.number(alarm.expected)), Cell(tr.number(alarm.limit)), Cell(tr.number(alarm.volume)),
                )
            )  # fmt: skip
        heads = (
            tr.gettext("Theme"), tr.gettext("Alarm"), tr.gettext("Stage"), tr.gettext("Period"),
            tr.gettext("Dissatisfied mentions"), tr.gettext("expected"), tr.gettext("alarm from"),
            tr.gettext("of items"),
        )  # fmt: skip
        data = tuple(asdict(alarm) for alarm in board.alarms)
        empty = tr.gettext("Nothing rises by more than noise.")
        if board.week is None:
            empty = tr.gettext(
                "The radar needs 14 weeks of feedback; there are %(weeks)s.", weeks=board.weeks
            )
        bars, lines = [], []
        for one in board.themes:
            week = board.week
            assert week is not None
            url = self._asked.inbox(theme=(one.theme,), polarity="negative", since=week, until=week + _WEEK)
            told = tr.gettext(
                "%(count)s (expected %(expected)s, alarm from %(limit)s)", count=tr.number(one.count),
                expected=tr.number(one.expected), limit=tr.number(one.limit),
            )  # fmt: skip
            label, kind = self._words.theme(one.theme), "neg" if one.count >= one.limit else "dot"
            bars.append(Interval(label, one.count, one.expected, one.limit, told, url, kind, one.limit))
            numbers = (one.count, one.expected, one.limit, one.volume)
            smallest = "–" if one.smallest_rise is None else f"+{tr.number(ceil(one.smallest_rise))} %"
            lines.append((Cell(label, url), *(Cell(tr.number(number)) for number in numbers), Cell(smallest)))
        table = tuple(asdict(one) for one in board.themes)
        described = tr.gettext(
            "For each theme the count of the week as a point, a line from what is expected to the alarm limit, dashed."
        )
        return (
            Section(
                title,
                tr.gettext(
                    "Weekly dissatisfied mentions per theme, and per theme and stage, against limits that allow for "
                    "volume and season: at most %(bound)s false alarm a quarter is to be expected. An alarm that stood "
                    "the week before is the same alarm.",
                    bound=tr.number(board.false_alarms_per_quarter),
                ),
                None,
                Grid(title, heads, tuple(rows), _columns(data), data),
                folded=False,
                empty="" if rows else empty,
            ),
            Section(
                second,
                tr.gettext(
                    "The week from %(day)s. The smallest rise that shows: if a theme rises by so much, the radar tells "
                    "within two weeks in four cases of five. The more a theme is spoken of, the smaller a rise that "
                    "can be told from chance.",
                    day=tr.day(board.week),
                )
                if board.week
                else "",
                intervals("radar", second, described, bars) if bars else None,
                Grid(
                    second,
                    (heads[0], *heads[4:], tr.gettext("smallest rise that shows")),
                    tuple(lines),
                    _columns(table),
                    table,
                ),
            ),
        )

    def topics(self, board: Topics) -> Section:
        """What comes up among texts that no theme covers."""
        tr = self._tr
        title = tr.gettext("New topics")
        rows = tuple(
            (
                Cell(", ".join(one.phrases), f"/items/{one.id}"), Cell(tr.number(one.recent)),
                Cell(tr.number(one.expected)), Cell(tr.number(len(one.items))),
                *(Cell(tr.gettext("item %(id)s", id=item), f"/items/{item}") for item in one.items[-1:]),
            )
            for one in board.topics
        )  # fmt: skip
        heads = (
            tr.gettext("What it is about"), tr.gettext("in the last four weeks"), tr.gettext("expected"),
            tr.gettext("in half a year"), tr.gettext("Latest"),
        )  # fmt: skip
        data = tuple(
            {"id": one.id, "phrases": ", ".join(one.phrases), "recent": one.recent, "expected": one.expected,
             "items": " ".join(map(str, one.items)), "p_value": one.p_value}
            for one in board.topics
        )  # fmt: skip
        lead = tr.gettext(
            "Groups of like texts among the latest %(count)s that no theme covers, of which %(recent)s of the last "
            "four weeks; only groups that grew by more than noise.",
            count=tr.number(board.texts), recent=tr.number(board.recent),
        )  # fmt: skip
        compared = (
            tr.gettext("Compared by what they mean, and by their words.")
            if board.by_meaning
            else tr.gettext("Compared by their words alone.")
        )
        empty = "" if rows else tr.gettext("Nothing new comes up.")
        grid = Grid(title, heads, rows, _columns(data), data)
        return Section(title, f"{lead} {compared}", None, grid, folded=False, empty=empty)

    def _stages(self, caption: str, stages: Sequence[boards.Stage]) -> Grid:
        tr = self._tr
        rows = []
        for stage in stages:
            name = " · ".join(filter(None, (stage.moment, self._journey(stage.journey))))
            theme = stage.main_theme
            said = "–"
            if theme:
                said = tr.gettext(
                    "%(theme)s, %(share)s%% of items, %(count)s dissatisfied", theme=self._words.theme(theme.theme),
                    share=tr.number(theme.share.value), count=tr.number(theme.dissatisfied),
                )  # fmt: skip
            url = self._stage_url(stage, theme=(theme.theme,)) if theme else ""
            cells = self._score_cells(stage.scores)
            rows.append((Cell(name, self._stage_url(stage)), *cells, Cell(said, url)))
        data = tuple(
            flat(journey=one.journey, moment=one.moment, scores=one.scores,
                 main_theme=one.main_theme and one.main_theme.theme)
            for one in stages
        )  # fmt: skip
        heads = (tr.gettext("Stage"), *self._score_heads(), tr.gettext("Main theme"))
        return Grid(caption, heads, tuple(rows), _columns(data), data)

    def _theme_grid(self, caption: str, cells: Sequence[boards.ThemeCell], *, with_stage: bool) -> Grid:
        tr = self._tr
        rows = []
        for one in cells:
            if with_stage and not one.mentions:
                continue
            url = self._cell_url(one, with_stage)
            stage = (Cell(self._journey(one.journey)),) if with_stage else ()
            rows.append(
                (
                    Cell(self._words.theme(one.theme), url), *stage, Cell(tr.number(one.mentions), url),
                    Cell(tr.number(one.negative), self._cell_url(one, with_stage, polarity="negative")),
                    Cell(tr.number(one.positive), self._cell_url(one, with_stage, polarity="positive")),
                    Cell(self._told("", one.negative_share)), Cell(self._told("", one.nps)),
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
        return Grid(caption, heads, tuple(rows), _columns(data), data)

    def _heat(self, one: boards.ThemeCell, most: float) -> HeatCell:
        tr = self._tr
        value = one.negative_share.value if one.negative_share else 0.0
        said = tr.gettext(
            "%(theme)s, %(stage)s: %(share)s%% dissatisfied, %(count)s of %(items)s items",
            theme=self._words.theme(one.theme), stage=self._journey(one.journey), share=tr.number(value),
            count=tr.number(one.negative), items=tr.number(one.items),
        )  # fmt: skip
        words = tr.number(value) if one.negative else "·"
        return HeatCell(words, value / most, said, self._cell_url(one, True, polarity="negative"))

    def _cell_url(self, one: boards.ThemeCell, with_stage: bool, **further: Any) -> str:
        stage = {"journey": (one.journey,)} if with_stage and one.journey else {}
        return self._asked.inbox(theme=(one.theme,), **stage, **further)

    def _stage_url(self, stage: boards.Stage, **further: Any) -> str:
        given: dict[str, Any] = {"journey": (stage.journey,)} if stage.journey else {}
        if stage.moment:
            given["moment"] = stage.moment
        return self._asked.inbox(**given, **further)

    def _journey(self, code: str) -> str:
        return self._words.journey(code or None) or self._tr.gettext("no stage named")

    def _score_heads(self) -> tuple[str, ...]:
        tr = self._tr
        return (
            tr.gettext("Items"), tr.gettext("NPS, given"), tr.gettext("NPS, given and estimated"),
            tr.gettext("CES 1-7, high is easy"), tr.gettext("CAS, % that agrees"),
        )  # fmt: skip

    def _score_cells(self, scores: Scores) -> tuple[Cell, ...]:
        figures = (scores.nps, scores.nps_all, scores.ces, scores.cas)
        return (Cell(self._tr.number(scores.items)), *(Cell(self._told("", one)) for one in figures))

    def _points(self, name: str, one: Figure | None) -> str:
        return f"{name} {self._tr.number(one.value)}" if one else f"{name} –"

    def _told(self, name: str, one: Figure | None, digits: int = 1) -> str:
        if one is None:
            return f"{name} –".strip()
        value = f"{name} {self._tr.decimal(one.value, digits)}".strip()
        return f"{value} ({self._span(one, digits)}; {self._basis(one)})"

    def _span(self, one: Figure, digits: int = 1) -> str:
        tr = self._tr
        return tr.gettext(
            "%(low)s to %(high)s", low=tr.decimal(one.low, digits), high=tr.decimal(one.high, digits)
        )

    def _basis(self, one: Figure) -> str:
        tr = self._tr
        if one.n_estimated:
            return tr.gettext(
                "n = %(given)s given + %(estimated)s estimated", given=tr.number(one.n_given),
                estimated=tr.number(one.n_estimated),
            )  # fmt: skip
        return f"n = {tr.number(one.n)}"

    def _described(self) -> str:
        tr, asked = self._tr, self._asked
        return tr.gettext(
            "From %(since)s until %(until)s. The same figures are in the table below the chart.",
            since=tr.day(asked.since), until=tr.day(asked.until),
        )  # fmt: skip


def _columns(data: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in data for name in row))
