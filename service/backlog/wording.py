"""Says what improvements, their history and their effect are in words of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from service.backlog.readability import Hint, Readability
from service.backlog.records import STATUSES
from service.backlog.tables import ImprovementEventRow, ImprovementRow
from service.item.history import Event
from service.pages.i18n import Translator
from service.pages.wording import Option, Wording

__all__ = ["STATUS_WORDS", "BacklogWording"]


def N_(message: str) -> str:  # noqa: N802 - the extractor's name for a message that is translated later
    """Mark a message for the catalogue."""
    return message


STATUS_WORDS: Final[Mapping[str, str]] = {
    "proposed": N_("Proposed"),
    "chosen": N_("Chosen"),
    "in_progress": N_("Being carried out"),
    "done": N_("Done"),
    "told": N_("Customers told"),
}
_VERDICTS: Final[Mapping[str, str]] = {
    "better": N_("better"),
    "worse": N_("worse"),
    "cannot tell yet": N_("cannot be told yet"),
}
_REASONS: Final[Mapping[str, str]] = {
    "interval": N_("The interval leaves out 0."),
    "too_few": N_("There are too few answers still: each of the four groups needs 30."),
    "trends": N_(
        "The journey was already moving away from the others before; that would be taken for an effect."
    ),
    "holds_zero": N_("The interval holds 0: it may be chance."),
    "too_small": N_("An effect worth knowing is ruled out; more answers will not change that."),
    "season": N_("Last year the same weeks moved alike; the season alone can explain it."),
    "channels": N_("Customers come through other channels than before; that alone can explain it."),
}
_CAUTIONS: Final[Mapping[str, str]] = {
    "season": N_("Last year the same weeks moved too, without the improvement."),
    "season_unchecked": N_("There are no answers of a year earlier, so a season cannot be ruled out."),
    "channel_mix": N_("Customers come through other channels than before."),
    "few_weeks": N_("There are too few weeks to see whether weeks swing more than chance."),
    "trend_unchecked": N_("There are too few weeks before to see whether journeys moved alike."),
}
_HINTS: Final[Mapping[str, str]] = {
    "sentence": N_("Long sentence, make two of it: %(text)s"),
    "word": N_("Long word, is there a shorter one? %(text)s"),
    "stiff": N_("Write “%(instead)s” instead of “%(text)s”."),
    "passive": N_("Say who does it: %(text)s"),
}
_FIELDS: Final[Mapping[str, str]] = {
    "title": N_("Title"),
    "description": N_("Description"),
    "status": N_("Status"),
    "theme": N_("Theme"),
    "journey": N_("Journey"),
    "owner_id": N_("Owner"),
    "effort": N_("Effort in days"),
    "due_on": N_("Due"),
    "done_on": N_("Customers meet it from"),
    "public_title": N_("Title for customers"),
    "public_text": N_("Text for customers"),
    "published": N_("Published"),
}
_LONG: Final = ("description", "public_title", "public_text")


class BacklogWording:
    """Words in one language."""

    def __init__(self, tr: Translator, words: Wording) -> None:
        self._tr = tr
        self._words = words

    def status(self, code: str) -> str:
        """A status."""
        return self._tr.gettext(STATUS_WORDS.get(code, code))

    def statuses(self) -> tuple[Option, ...]:
        """The statuses as choices, in the order of the work."""
        return tuple(Option(code, self.status(code)) for code in STATUSES)

    def about(self, row: ImprovementRow) -> str:
        """Theme and journey."""
        parts = (row.theme and self._words.theme(row.theme), self._words.journey(row.journey))
        return " · ".join(part for part in parts if part)

    def points(self, value: float) -> str:
        """Points with a sign."""
        return ("+" if value > 0 else "−" if value < 0 else "") + self._tr.number(abs(value))

    def gain(self, value: float | None, low: float | None, high: float | None) -> str | None:
        """An expected gain with its interval; None where any of the three is not known."""
        if value is None or low is None or high is None:
            return None
        return self._tr.gettext(
            "%(gain)s points of NPS (%(low)s to %(high)s)",
            gain=self.points(value),
            low=self.points(low),
            high=self.points(high),
        )

    def verdict(self, code: str) -> str:
        """Better, worse, or not to be told yet."""
        return self._tr.gettext(_VERDICTS.get(code, code))

    def reason(self, code: str) -> str:
        """Why the verdict is what it is."""
        return self._tr.gettext(_REASONS.get(code, code))

    def caution(self, caution: Mapping[str, Any]) -> str:
        """What else may lie behind it, and how much."""
        said = self._tr.gettext(_CAUTIONS.get(caution["code"], caution["code"]))
        if caution["points"] is None:
            return said
        much = self._tr.gettext("It accounts for %(points)s points.", points=self.points(caution["points"]))
        return f"{said} {much}"

    def plain(self, found: Readability | None) -> str:
        """Whether a text is plain enough; nothing for a text without words."""
        if found is None:
            return ""
        ease = self._tr.number(found.score)
        if found.plain:
            return self._tr.gettext(
                "Plain enough for almost everybody (about B1); reading ease %(ease)s of 100.", ease=ease
            )
        return self._tr.gettext(
            "Could be plainer (the aim is about B1); reading ease %(ease)s of 100.", ease=ease
        )

    def hints(self, found: Readability | None) -> tuple[str, ...]:
        """What could be plainer."""
        return tuple(self._hint(hint) for hint in found.hints) if found else ()

    def history(self, rows: Sequence[ImprovementEventRow], names: Mapping[int, str]) -> tuple[Event, ...]:
        """What was done, the newest first."""
        return tuple(Event(row.at, row.by, self._lines(row, names)) for row in reversed(rows))

    def _hint(self, hint: Hint) -> str:
        return self._tr.gettext(_HINTS[hint.kind], text=hint.text, instead=hint.instead)

    def _lines(self, row: ImprovementEventRow, names: Mapping[int, str]) -> tuple[str, ...]:
        tr, details = self._tr, row.details
        items = details.get("items", ())
        count = items if isinstance(items, int) else len(items)
        if row.action == "changed":
            return tuple(self._change(name, change, names) for name, change in details.items())
        if row.action == "created":
            return (tr.gettext("Made: %(title)s", title=details["title"]),)
        if row.action == "measured":
            if details["gain"] is None:
                return (tr.gettext("Measured: too few scores to tell what it is worth."),)
            gain = self.points(details["gain"])
            low, high = self.points(details["low"]), self.points(details["high"])
            return (
                tr.gettext("Measured: %(gain)s points (%(low)s to %(high)s)", gain=gain, low=low, high=high),
            )
        if row.action == "linked":
            return (tr.ngettext("%(num)s item added", "%(num)s items added", count),)
        if row.action == "unlinked":
            return (tr.ngettext("%(num)s item taken off", "%(num)s items taken off", count),)
        if row.action == "merged":
            return (tr.gettext("“%(title)s” went up in this one", title=details["title"]),)
        if row.action == "merged into":
            return (tr.gettext("Went up in improvement %(into)s", into=details["into"]),)
        if row.action == "split":
            return (tr.gettext("Split off: “%(title)s”", title=details["title"]),)
        if row.action == "split from":
            return (tr.gettext("Split off from improvement %(one)s", one=details["from"]),)
        if row.action == "sent":
            return (tr.gettext("Sent to %(tracker)s", tracker=details["tracker"]),)
        if row.action == "told":
            return (tr.ngettext("%(num)s customer told", "%(num)s customers told", details["customers"]),)
        if row.action == "looked":
            verdict = self.verdict(details["verdict"])
            return (
                tr.gettext("Look %(look)s at the effect: %(verdict)s", look=details["look"], verdict=verdict),
            )
        return (row.action,)

    def _change(self, name: str, change: Mapping[str, Any], names: Mapping[int, str]) -> str:
        tr = self._tr
        field = tr.gettext(_FIELDS.get(name, name))
        if name in _LONG:
            return tr.gettext("%(field)s changed", field=field)
        return tr.gettext(
            "%(field)s became %(value)s", field=field, value=self._value(name, change["after"], names)
        )

    def _value(self, name: str, value: Any, names: Mapping[int, str]) -> str:
        if value is None:
            return self._tr.gettext("nothing")
        if isinstance(value, bool):
            return self._tr.gettext("yes") if value else self._tr.gettext("no")
        if name == "status":
            return self.status(value)
        if name == "theme":
            return self._words.theme(value)
        if name == "journey":
            return self._words.journey(value) or value
        if name == "owner_id":
            return names.get(value, str(value))
        if name in ("due_on", "done_on"):
            return self._tr.day(date.fromisoformat(value))
        return self._tr.number(value) if isinstance(value, int | float) else str(value)
