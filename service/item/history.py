"""Everything that happened to an item, in one list of sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.audit.tables import AuditRow
from service.feedback.tables import AnalysisRow, CorrectionRow
from service.item.tables import NoteRow
from service.pages.i18n import Translator
from service.pages.wording import Wording, tone

__all__ = ["Event", "history"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `who` is None for the service itself."""

    at: datetime
    who: str | None
    lines: tuple[str, ...]
    note: str | None = None


def history(
    *,
    received_at: datetime,
    analyses: Sequence[AnalysisRow],
    corrections: Sequence[CorrectionRow],
    log: Sequence[AuditRow],
    notes: Sequence[NoteRow],
    handlers: Mapping[int, str],
    words: Wording,
    tr: Translator,
) -> tuple[Event, ...]:
    """All events, the newest first."""
    events = [Event(received_at, None, (tr.gettext("Came in."),))]
    for analysis in analyses:
        model = f"{analysis.model_name} {analysis.model_version}"
        said = tr.gettext("Read by model %(model)s.", model=model)
        events.append(Event(analysis.created_at, None, (said,)))
    for one in corrections:
        events.append(Event(one.at, one.by, _changes(one, words, tr), one.note))
    for entry in log:
        events.append(Event(entry.at, entry.actor, _settings(entry, handlers, words, tr)))
    for note in notes:
        said = tr.gettext("Handed over:") if note.kind == "handover" else tr.gettext("Note:")
        events.append(Event(note.at, note.by, (said,), note.text))
    return tuple(sorted(events, key=lambda event: event.at, reverse=True))


def _changes(correction: CorrectionRow, words: Wording, tr: Translator) -> tuple[str, ...]:
    before, after = correction.before, correction.after
    lines: list[str] = []
    if correction.undoes is not None:
        lines.append(tr.gettext("Took the last correction back."))
    for code in sorted(before["themes"].keys() | after["themes"].keys()):
        old, new = before["themes"].get(code), after["themes"].get(code)
        theme = words.theme(code)
        if old is None:
            lines.append(tr.gettext("%(theme)s added: %(tone)s", theme=theme, tone=words.tone(tone(new))))
        elif new is None:
            lines.append(tr.gettext("%(theme)s removed", theme=theme))
        elif tone(old) != tone(new):
            lines.append(
                tr.gettext(
                    "%(theme)s: %(old)s became %(new)s",
                    theme=theme,
                    old=words.tone(tone(old)),
                    new=words.tone(tone(new)),
                )
            )
    for code in sorted(set(after["signals"]) - set(before["signals"])):
        lines.append(tr.gettext("Signal %(signal)s added", signal=words.signal(code)))
    for code in sorted(set(before["signals"]) - set(after["signals"])):
        lines.append(tr.gettext("Signal %(signal)s removed", signal=words.signal(code)))
    if words.sentiment(before["sentiment"]) != words.sentiment(after["sentiment"]):
        new = words.sentiment(after["sentiment"])
        lines.append(tr.gettext("Sentiment became %(sentiment)s", sentiment=new))
    return tuple(lines) or (tr.gettext("Confirmed: the labels are right."),)


def _settings(
    entry: AuditRow, handlers: Mapping[int, str], words: Wording, tr: Translator
) -> tuple[str, ...]:
    lines: list[str] = []
    for name, change in entry.details.items():
        after: Any = change.get("after") if isinstance(change, dict) else change
        if name == "status":
            lines.append(tr.gettext("Status became %(status)s", status=words.status(str(after)).lower()))
        elif name == "assigned_to":
            who = handlers.get(after) if isinstance(after, int) else None
            said = tr.gettext("Handler became %(who)s", who=who) if who else tr.gettext("Handler taken off")
            lines.append(said)
        else:
            lines.append(f"{name}: {after}")
    return tuple(lines) or (entry.action,)
