"""Says what models and people found in words a handler reads at a glance."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from feedback_nlp.taxonomy import Entry, Taxonomy
from service.feedback.repository import NEUTRAL
from service.feedback.urgency import OPEN_STATUSES
from service.pages.i18n import Translator

__all__ = ["N_", "STATUS_WORDS", "Chip", "Option", "Term", "Tone", "Wording", "tone"]

Tone = Literal["neg", "neu", "pos"]

_REASON: Final = re.compile(r"(?P<code>[a-z_]+)(?:: (?P<detail>.*))?", re.DOTALL)
_SOON_DAYS: Final = 7


def N_(message: str) -> str:  # noqa: N802 - the extractor's name for a message that is translated later
    """Mark a message for the catalogue."""
    return message


STATUS_WORDS: Final[Mapping[str, str]] = {
    "new": N_("New"),
    "in_progress": N_("In progress"),
    "answered": N_("Answered"),
    "closed": N_("Closed"),
}
_KINDS: Final[Mapping[str, str]] = {
    "survey": N_("Survey"),
    "complaint": N_("Complaint"),
    "email": N_("E-mail"),
    "chat": N_("Chat"),
    "review": N_("Review"),
    "call_note": N_("Call note"),
}
_TONES: Final[Mapping[Tone, tuple[str, str]]] = {
    "neg": ("−", N_("dissatisfied")),
    "neu": ("±", N_("neutral")),
    "pos": ("+", N_("satisfied")),
}
_SENTIMENTS: Final = (
    N_("very negative"),
    N_("negative"),
    N_("neutral"),
    N_("positive"),
    N_("very positive"),
)
_TERM_KINDS: Final = ("complaint",)


def tone(polarity: float) -> Tone:
    """Negative, neutral or positive."""
    if abs(polarity) < NEUTRAL:
        return "neu"
    return "pos" if polarity > 0 else "neg"


@dataclass(frozen=True, slots=True)
class Chip:
    """A theme in words: its tone is said by colour, by sign and by word."""

    code: str
    label: str
    tone: Tone
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice."""

    code: str
    label: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """How long there is to answer a complaint; `state` is `over`, `soon` or `fine`."""

    due: datetime
    days: int
    state: Literal["over", "soon", "fine"]
    words: str


class Wording:
    """Words in one language for one taxonomy."""

    def __init__(self, tr: Translator, taxonomy: Taxonomy) -> None:
        self._tr = tr
        self._taxonomy = taxonomy

    def options(self, entries: Sequence[Entry]) -> tuple[Option, ...]:
        """A section of the taxonomy as choices."""
        dutch = self._tr.language == "nl"
        return tuple(
            Option(
                entry.code,
                entry.label(self._tr.language),
                entry.definition_nl if dutch else entry.definition_en,
            )
            for entry in entries
        )

    def statuses(self) -> tuple[Option, ...]:
        """The statuses as choices, in the order of the work."""
        return tuple(Option(code, self.status(code)) for code in STATUS_WORDS)

    def label(self, entries: Sequence[Entry], code: str | None) -> str | None:
        """The label of a code; the code itself when the taxonomy does not know it."""
        if code is None:
            return None
        return next((entry.label(self._tr.language) for entry in entries if entry.code == code), code)

    def theme(self, code: str) -> str:
        """A theme's label."""
        return self.label(self._taxonomy.themes, code) or code

    def pillar(self, code: str) -> str:
        """A pillar's label."""
        return self.label(self._taxonomy.pillars, code) or code

    def signal(self, code: str) -> str:
        """A signal's label."""
        return self.label(self._taxonomy.signals, code) or code

    def journey(self, code: str | None) -> str | None:
        """A journey's label."""
        return self.label(self._taxonomy.journeys, code)

    def channel(self, code: str | None) -> str | None:
        """A channel's label."""
        return self.label(self._taxonomy.channels, code)

    def segment(self, code: str | None) -> str | None:
        """A segment's label."""
        return self.label(self._taxonomy.segments, code)

    def kind(self, code: str | None) -> str | None:
        """What kind of text it is."""
        return None if code is None else self._tr.gettext(_KINDS.get(code, code))

    def status(self, code: str) -> str:
        """A status."""
        return self._tr.gettext(STATUS_WORDS.get(code, code))

    def tone(self, which: Tone) -> str:
        """Satisfied or not, in a word."""
        return self._tr.gettext(_TONES[which][1])

    def chip(self, code: str, polarity: float) -> Chip:
        """A theme with its polarity."""
        which = tone(polarity)
        return Chip(code, self.theme(code), which, _TONES[which][0], self.tone(which))

    def sentiment(self, score: float) -> str:
        """The tone of the whole text, from a score -1..1."""
        return self._tr.gettext(_SENTIMENTS[max(0, min(4, round(score * 2) + 2))])

    def sentiments(self) -> tuple[Option, ...]:
        """The five tones, -2 to 2."""
        return tuple(
            Option(str(step), self._tr.gettext(word))
            for step, word in zip(range(-2, 3), _SENTIMENTS, strict=True)
        )

    def advocacy(self, advocacy: Mapping[str, Any]) -> str:
        """Who this writer most probably is, such as: probably detractor, 72 %."""
        tr = self._tr
        names = {
            "promoter": tr.gettext("promoter"),
            "passive": tr.gettext("passive"),
            "detractor": tr.gettext("detractor"),
        }
        best = max(names, key=lambda name: advocacy[name])
        share = float(advocacy[best])
        if share >= _SURE:
            said = tr.gettext("very probably %(who)s, %(share)s")
        elif share >= _LIKELY:
            said = tr.gettext("probably %(who)s, %(share)s")
        else:
            said = tr.gettext("perhaps %(who)s, %(share)s")
        return said % {"who": names[best], "share": tr.percent(share)}

    def estimate(self, estimate: Mapping[str, Any]) -> str:
        """An expected answer with its interval."""
        tr = self._tr
        return tr.gettext(
            "%(value)s, with 80%% certainty between %(low)s and %(high)s",
            value=tr.number(estimate["value"]),
            low=tr.number(estimate["low"]),
            high=tr.number(estimate["high"]),
        )

    def reason(self, reason: str) -> str:
        """Why a person should look."""
        tr = self._tr
        match = _REASON.fullmatch(reason)
        code, detail = (match["code"], match["detail"]) if match else (reason, None)
        if code == "not_dutch":
            return tr.gettext("The text does not look Dutch; the model only knows Dutch.")
        if code == "too_short":
            return tr.gettext("The text is too short to be sure of anything.")
        if code == "out_of_domain":
            return tr.gettext("Many words in it are unknown to the model.")
        if code == "low_confidence":
            if detail in self._taxonomy.theme_codes:
                return tr.gettext("The model is in doubt about %(theme)s.", theme=self.theme(detail or ""))
            return tr.gettext("The model is in doubt.")
        if code == "score_mismatch":
            return tr.gettext("The text does not fit the score given (%(score)s).", score=self._given(detail))
        if code == "models_disagree":
            theme = self.theme(detail) if detail else tr.gettext("the themes")
            return tr.gettext("Two models disagree about %(theme)s.", theme=theme)
        return reason

    def term(self, *, kind: str | None, signals: Sequence[str], status: str, since: datetime, days: int,
             now: datetime) -> Term | None:  # fmt: skip
        """The time left to answer, for complaints that are open; None for everything else."""
        if status not in OPEN_STATUSES or (kind not in _TERM_KINDS and "klacht" not in signals):
            return None
        tr = self._tr
        due = since + timedelta(days=days)
        left = (due.date() - now.date()).days
        if left < 0:
            words = tr.ngettext("%(num)s day over term", "%(num)s days over term", -left)
            return Term(due, left, "over", words)
        if left == 0:
            return Term(due, left, "soon", tr.gettext("due today"))
        words = tr.ngettext("%(num)s day left", "%(num)s days left", left)
        return Term(due, left, "soon" if left <= _SOON_DAYS else "fine", words)

    def _given(self, detail: str | None) -> str:
        name, _, value = (detail or "").partition(" ")
        return f"{name.upper()} {value}".strip()


_SURE: Final = 0.9
_LIKELY: Final = 0.5
