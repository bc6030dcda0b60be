"""The page itself: figures, plots and examples of one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from feedback_nlp.artifacts import Manifest
from feedback_nlp.metrics.intervals import wilson_bounds
from feedback_nlp.records import Analysis, ThemeMention
from feedback_nlp.themes import NEUTRAL_BAND
from training.behaviour import BehaviourResult, Rate
from training.report.svg import Bar, Line, bars, lines

__all__ = ["Example", "render_report"]

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid #ccc}.note{color:#555}
table{border-collapse:collapse}td,th{padding:.15rem .9rem .15rem 0;text-align:left}td.n,th.n{text-align:right}
svg{max-width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:#1a1a1a}.tick{fill:#444;font-size:11px}
.title{font-weight:600}.grid{stroke:#ddd}.ideal{stroke:#666;stroke-dasharray:3
3}.whisker{stroke:#000;stroke-width:1.5;fill:none}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}
mark{background:#fde9a9;color:inherit;padding:0 .1em;text-decoration:underline} .example{border-left:4px solid
#1f5a92;padding:.2rem .8rem;margin:.8rem 0} .bad{border-color:#b3541e}
@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}.note{color:#aaa}svg
text,.tick{fill:#ddd}.grid{stroke:#444} .whisker{stroke:#fff}mark{background:#6b5200}} @media
print{.plots{display:block}}
"""


@dataclass(frozen=True, slots=True)
class Example:
    """An analysed test item with its labels and the quotes that annotators gave for them."""

    id: str
    labelled: Mapping[str, int]
    quotes: Mapping[str, Sequence[str]]
    analysis: Analysis

    @property
    def right(self) -> bool:
        """Whether exactly the labelled themes are assigned."""
        return {theme.code for theme in self.analysis.assigned_themes} == set(self.labelled)


def render_report(
    manifest: Manifest,
    metrics: Mapping[str, Any],
    curves: Mapping[str, Any] | None,
    examples: Sequence[Example],
    behaviour: BehaviourResult | None,
) -> str:
    """The whole page.

    Args:
        manifest: The model's.
        metrics: Its `metrics.json`.
        curves: Its `curves.json`, or None for a model without.
        examples: Items to show.
        behaviour: What came of the behavioural cases, or None.
    """
    title = f"{manifest.name} {manifest.version}"
    sections = [
        f"<h1>{escape(title)}</h1>",
        (
            f'<p class="note">Profile {escape(manifest.profile)}, made {escape(manifest.created)}, '
            f"digest {escape(manifest.digest[:19])}…</p>"
        ),
        _sources(manifest),
        _headline(metrics),
        _themes(metrics),
    ]
    if curves is not None:
        sections += [
            _learning(curves),
            _reliability(curves),
            _thresholds(curves, manifest),
            _confused(curves),
        ]
    if behaviour:
        sections.append(_behaviour(behaviour))
    sections.append(_examples(examples))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        + "\n".join(sections)
        + "</body></html>\n"
    )


def _sources(manifest: Manifest) -> str:
    training = manifest.training
    counts = training.get("sources", {}).get("counts") or {}
    weights = training.get("sources", {}).get("weights") or {}
    listed = ", ".join(
        f"{escape(name)}: {count:,}" + (f" (weight {weights[name]:g})" if weights.get(name, 1) != 1 else "")
        for name, count in counts.items()
    )
    return (
        f"<p>Learned from {training['training_items']:,} labelled items; {training['test_items']:,} others, the frozen "
        f"test split, serve for judging only. {'Sources: ' + listed + '. ' if listed else ''}"
        "<strong>The project's corpus is synthetic: written for "
        "this project, not collected from customers. Expect lower figures on your own feedback.</strong></p>"
    )


_HEADLINES = (
    ("macro_f1", "macro-F1 over themes"),
    ("micro_f1", "micro-F1"),
    ("polarity_accuracy", "polarity accuracy of assigned themes"),
    ("sentiment_r", "sentiment, Pearson r"),
)


def _headline(metrics: Mapping[str, Any]) -> str:
    test, cross = metrics["test"], metrics["cross_validation"]
    rows = [
        f'<tr><td>{label}</td><td class="n">{_figure(cross.get(name))}</td>'
        f'<td class="n">{_figure(test.get(name))}</td></tr>'
        for name, label in _HEADLINES
    ]
    for name, label in (("nps", "NPS answer, mean error"), ("cas", "CAS answer, mean error")):
        cells = [_figure(part[name]["mean_absolute_error"]) if name in part else "" for part in (cross, test)]
        rows.append(f'<tr><td>{label}</td><td class="n">{cells[0]}</td><td class="n">{cells[1]}</td></tr>')
    errors = [str(part.get("expected_calibration_error", "")) for part in (cross, test)]
    rows.append(
        f'<tr><td>expected calibration error</td><td class="n">{errors[0]}</td><td class="n">{errors[1]}</td></tr>'
    )
    return (
        "<h2>Figures</h2><table><tr><th>with 95 % intervals</th><th class='n'>cross-validation</th>"
        f"<th class='n'>test split</th></tr>{''.join(rows)}</table>"
    )


def _themes(metrics: Mapping[str, Any]) -> str:
    part = metrics["test"] if metrics["test"].get("items") else metrics["cross_validation"]
    where = "test split" if metrics["test"].get("items") else "cross-validation"
    plots = []
    for name, label in (("f1", "F1"), ("recall", "recall"), ("precision", "precision")):
        rows = []
        for code, row in {**part["themes"], **part["signals"]}.items():
            low, high = _bounds(name, row)
            rows.append(Bar(code, row[name], low, high, f"n={row['support']:.0f}"))
        plots.append(f"<h3>{label}</h3>" + bars(f"{label} per theme and signal, {where}", rows))
    return (
        f"<h2>Per theme and signal ({where})</h2>"
        "<p class='note'>With 95 % intervals (Wilson). Whether another model differs, <code>compare</code> says.</p>"
        + "".join(plots)
    )


def _bounds(name: str, row: Mapping[str, float]) -> tuple[float | None, float | None]:
    """Wilson's interval; for F1 by that of j, hits among labelled or assigned items: F1 = 2 j / (1 + j)."""
    hits = row["recall"] * row["support"]
    found = hits / row["precision"] if row["precision"] else 0.0
    whole = {"recall": row["support"], "precision": found, "f1": row["support"] + found - hits}[name]
    if round(whole) < 1 or (name != "recall" and not found):
        return None, None
    low, high = (float(end) for end in wilson_bounds(round(hits), round(whole)))
    return (2 * low / (1 + low), 2 * high / (1 + high)) if name == "f1" else (low, high)


def _learning(curves: Mapping[str, Any]) -> str:
    steps = curves.get("learning_curve")
    if not steps:
        return ""
    points = [(float(step["items"]), float(step["average_precision"])) for step in steps]
    gain = points[-1][1] - points[-2][1]
    plot = lines(
        "Learning curve",
        [Line("average precision", points, marks=True)],
        x_label="items learned from",
        y_label="macro average precision",
        x_range=(0, points[-1][0]),
        size=(520, 280),
    )
    return (
        f"<h2>Would more labels help?</h2><p>From {points[-2][0]:,.0f} to {points[-1][0]:,.0f} items "
        "the macro average precision of the "
        f"first level, on items held out, changed by {gain:+.3f}.</p>{plot}"
    )


def _reliability(curves: Mapping[str, Any]) -> str:
    plots = "".join(
        lines(
            code,
            [Line("found", [(b["expected"], b["found"]) for b in bins], marks=True)],
            x_label="probability given",
            y_label="share found",
            diagonal=True,
        )
        for code, bins in curves["reliability"].items()
    )
    return (
        "<h2>Can the probabilities be believed?</h2>"
        "<p class='note'>Held-out items in ten bins by the probability given; the dashed "
        f"line is where a probability means what it says.</p><div class='plots'>{plots}</div>"
    )


def _thresholds(curves: Mapping[str, Any], manifest: Manifest) -> str:
    plots = []
    for code, curve in curves["labels"].items():
        places = range(len(curve["threshold"]))
        cut = curve["threshold"]
        series = [
            Line(
                "precision",
                [(cut[i], curve["hits"][i] / curve["assigned"][i]) for i in places if curve["assigned"][i]],
            ),
            Line("recall", [(cut[i], curve["hits"][i] / max(curve["positives"], 1)) for i in places]),
        ]
        if "review" in curve:
            series.append(Line("items for review", [(cut[i], curve["review"][i]) for i in places]))
        plots.append(
            lines(code, series, x_label="threshold", y_label="share", mark_x=manifest.thresholds.get(code))
        )
    return (
        "<h2>Thresholds and the work they make</h2>"
        "<p class='note'>Held-out items. The dashed upright line is the threshold in use; "
        "<em>items for review</em> is the share of all items that people would be asked to look at, "
        "the other themes keeping their "
        f"thresholds (now {curves['review_share']:.0%}).</p><div class='plots'>{''.join(plots)}</div>"
    )


def _confused(curves: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(pair['labelled'])}</td><td>{escape(pair['assigned'])}</td>"
        f"<td class='n'>{pair['items']:,}</td></tr>"
        for pair in curves["confused"][:12]
    )
    return (
        "<h2>Most confused pairs</h2>"
        "<p class='note'>Held-out items in which the first theme was missed and the second wrongly "
        f"assigned.</p><table><tr><th>missed</th><th>assigned instead</th><th class='n'>items</th></tr>{rows}</table>"
    )


def _behaviour(behaviour: BehaviourResult) -> str:
    def plot(title: str, rates: Mapping[str, Rate]) -> str:
        return bars(
            title,
            [Bar(name, rate.share, note=f"{rate.passed} of {rate.total}") for name, rate in rates.items()],
        )

    return (
        "<h2>Behavioural cases passed</h2>"
        + plot("Behavioural cases passed, by group", behaviour.groups)
        + plot("Behavioural cases passed, by capability", behaviour.capabilities)
    )


def _examples(examples: Sequence[Example]) -> str:
    parts = [
        (
            "<h2>Examples from the test split</h2>"
            "<p class='note'>Marked are the words that carried the themes assigned. Below each text, per theme: what "
            "the model found, and what the annotators quoted.</p>"
        )
    ]
    for example in examples:
        rows = "".join(_compared(example, theme) for theme in example.analysis.themes)
        parts.append(
            f'<div class="example{"" if example.right else " bad"}"><p>{_marked(example.analysis)}</p>'
            f'<p class="note">{escape(example.id)}{"" if example.right else " · not the same themes"}</p>'
            + (
                "<table><tr><th>theme</th><th>model</th><th>words found</th><th>labelled</th><th>words quoted</th></tr>"
                f"{rows}</table>"
                if rows
                else '<p class="note">no theme, neither assigned nor labelled</p>'
            )
            + "</div>"
        )
    return "".join(parts)


def _compared(example: Example, theme: ThemeMention) -> str:
    """A row for a theme that is assigned or labelled: the model's words beside the annotators'."""
    if not theme.assigned and theme.code not in example.labelled:
        return ""
    text = example.analysis.text
    signs = {-1: "−", 0: "±", 1: "+"}
    cells = (
        theme.label,
        f"{_sign(theme.polarity)} {theme.score:.0%}"
        if theme.assigned
        else f"not assigned ({theme.score:.0%})",
        " … ".join(text[span.start : span.end] for span in theme.evidence) if theme.assigned else "",
        signs[example.labelled[theme.code]] if theme.code in example.labelled else "not labelled",
        " … ".join(example.quotes.get(theme.code, ())),
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _sign(polarity: float) -> str:
    if abs(polarity) < NEUTRAL_BAND:
        return "±"
    return "+" if polarity > 0 else "−"


def _marked(analysis: Analysis) -> str:
    text = analysis.text
    inside = bytearray(len(text))
    for theme in analysis.assigned_themes:
        for span in theme.evidence:
            inside[span.start : span.end] = b"\1" * (span.end - span.start)
    pieces: list[str] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or inside[end] != inside[start]:
            piece = escape(text[start:end])
            pieces.append(f"<mark>{piece}</mark>" if inside[start] else piece)
            start = end
    return "".join(pieces)


def _figure(figure: Mapping[str, float] | None) -> str:
    return "" if not figure else f"{figure['value']:.3f} ({figure['low']:.3f}-{figure['high']:.3f})"
