"""Looks at effects in words of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from service.backlog.views import EffectView, FiguresView
from service.backlog.wording import BacklogWording
from service.pages.i18n import Translator
from service.pages.wording import Wording

__all__ = ["effect_view"]


def effect_view(
    result: Mapping[str, Any], wording: BacklogWording, words: Wording, tr: Translator
) -> EffectView:
    """A look, as `service.backlog.effect.EffectResult` keeps it, in words."""
    control = ", ".join(words.journey(code) or code for code in result["control"])
    notes = [
        tr.gettext(
            "%(journey)s was left out: improvement %(id)s touched it meanwhile.",
            journey=words.journey(code) or code,
            id=id_,
        )
        for code, id_ in result["left_out"].items()
    ]
    if result["skipped"]:
        count = len(result["skipped"])
        notes.append(
            tr.ngettext(
                "%(num)s week before was left out, for it was the reason to choose this improvement.",
                "%(num)s weeks before were left out, for they were the reason to choose this improvement.",
                count,
            )
        )
    if result["not_skipped"]:
        notes.append(
            tr.gettext(
                "The weeks that were the reason to choose this improvement count too, for without them too little "
                "is left; what was at its worst often recovers by itself."
            )
        )
    return EffectView(
        verdict=wording.verdict(result["verdict"]),
        verdict_code=_code(result["verdict"]),
        look=result["look"],
        until=tr.day(date.fromisoformat(result["until"])),
        compared=tr.gettext(
            "%(journey)s before and after %(day)s, compared with %(control)s.",
            journey=words.journey(result["journey"]) or result["journey"],
            day=tr.day(date.fromisoformat(result["done_on"])),
            control=control,
        ),
        notes=tuple(notes),
        figures=tuple(_figures(one, result, wording, words, tr) for one in result["figures"]),
    )


def _figures(
    one: Mapping[str, Any],
    result: Mapping[str, Any],
    wording: BacklogWording,
    words: Wording,
    tr: Translator,
) -> FiguresView:
    nps = one["outcome"] == "nps"
    name = (
        tr.gettext("NPS of the journey")
        if nps
        else tr.gettext(
            "Share that is dissatisfied about %(theme)s", theme=words.theme(result["theme"] or "")
        )
    )
    change = None
    if one["value"] is not None:
        change = tr.gettext(
            "%(value)s points, with %(level)s certainty between %(low)s and %(high)s",
            value=wording.points(one["value"]),
            level=_percent(one["level"], tr),
            low=wording.points(one["low"]),
            high=wording.points(one["high"]),
        )
    phases = (tr.gettext("before"), tr.gettext("after"))
    rows = tuple(
        (
            phase,
            _cell(one["mean"][index][1], one["n"][index][1], nps, tr),
            _cell(one["mean"][index][0], one["n"][index][0], nps, tr),
        )
        for index, phase in enumerate(phases)
    )
    trend = None
    if one["trend"] is not None:
        parallel = one["trend_p"] >= _TREND
        said = (
            tr.gettext("Before, it moved as the others did (%(slope)s points a week, no more than chance).")
            if parallel
            else tr.gettext("Before, it was already moving away from the others: %(slope)s points a week.")
        )
        trend = said % {"slope": wording.points(one["trend"])}
    needed = None
    if one["needed"] is not None and one["when"] is not None:
        needed = tr.gettext(
            "Still needed: %(touched)s answers in this journey and %(control)s in the others. At the present rate "
            "they are there on %(day)s.",
            touched=tr.number(one["needed"]["touched"]),
            control=tr.number(one["needed"]["control"]),
            day=tr.day(date.fromisoformat(one["when"])),
        )
    elif one["reason"] in ("too_few", "holds_zero"):
        needed = tr.gettext("Waiting will not help: there are too few answers from before.")
    return FiguresView(
        name=name,
        verdict=wording.verdict(one["verdict"]),
        verdict_code=_code(one["verdict"]),
        reason=wording.reason(one["reason"]),
        change=change,
        rows=rows,
        trend=trend,
        cautions=tuple(wording.caution(caution) for caution in one["cautions"]),
        needed=needed,
    )


_TREND = 0.05


def _code(verdict: str) -> str:
    return {"better": "pos", "worse": "neg"}.get(verdict, "neu")


def _cell(mean: float | None, n: int, nps: bool, tr: Translator) -> str:
    if mean is None:
        return tr.gettext("no answers")
    shown = tr.number(mean) if nps else tr.number(mean) + " %"
    return tr.gettext("%(mean)s (n = %(n)s)", mean=shown, n=tr.number(n))


def _percent(level: float, tr: Translator) -> str:
    return tr.number(round(100 * level, 1)) + (" %" if tr.language == "nl" else "%")
