"""A labelling session: the model proposes, a person corrects with single keys, every answer is saved at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from feedback_nlp.records import Analysis
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.themes import NEUTRAL_BAND
from training.annotations import append_annotation, read_annotations

__all__ = ["RESERVED", "Answer", "Session", "Tally", "proposal", "theme_keys"]

RESERVED = "squ"
"""Letters that do something else than naming a theme: skip, quit, undo."""

_NEXT = {None: -1, -1: 1, 1: 0, 0: None}
"""What pressing a theme's key makes of it: absent, dissatisfied, satisfied, neutral or mixed, absent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The labels of an item while a person works on them: theme to polarity, signals, sentiment -2 to 2."""

    themes: Mapping[str, int] = field(default_factory=dict)
    signals: frozenset[str] = frozenset()
    sentiment: int = 0


@dataclass
class Tally:
    """How a session went."""

    saved: int = 0
    skipped: int = 0
    changed: int = 0
    left: int = 0


class _Screen(Protocol):
    def __call__(self, item: Mapping[str, Any], analysis: Analysis, answer: Answer, place: str, /) -> None:
        """Show an item with its labels; `place` says which of how many it is."""


def proposal(analysis: Analysis) -> Answer:
    """The model's own labels as the default answer."""
    return Answer(
        themes={
            theme.code: 0 if abs(theme.polarity) < NEUTRAL_BAND else (1 if theme.polarity > 0 else -1)
            for theme in analysis.assigned_themes
        },
        signals=frozenset(signal.code for signal in analysis.signals if signal.assigned),
        sentiment=round(analysis.sentiment.score * 2),
    )


def theme_keys(taxonomy: Taxonomy) -> dict[str, str]:
    """Key to theme code; lower-case letters first, then capitals."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    keys = [key for key in letters + letters.upper() if key not in RESERVED]
    return dict(zip(keys, taxonomy.theme_codes, strict=False))


class Session:
    """One person's way through the items.

    Args:
        items: Rows with `id` and `text`.
        out: The file the answers are appended to.
        annotator: The person's name.
        taxonomy: What can be assigned.
        analyze: The model.
        key: Waits for a key and gives it.
        show: Shows an item.
    """

    def __init__(
        self,
        items: Sequence[Mapping[str, Any]],
        out: Path,
        annotator: str,
        taxonomy: Taxonomy,
        analyze: Callable[[str], Analysis],
        key: Callable[[], str],
        show: _Screen,
    ) -> None:
        self._items = items
        self._out = out
        self._annotator = annotator
        self._themes = theme_keys(taxonomy)
        self._signals = dict(zip("123456789", taxonomy.signal_codes, strict=False))
        self._analyze = analyze
        self._key = key
        self._show = show

    def run(self) -> Tally:
        """Go through the items this person has not answered yet, until all are done or `q` is pressed."""
        done = {one.id for one in read_annotations(self._out) if one.annotator == self._annotator}
        todo = [item for item in self._items if item["id"] not in done]
        tally = Tally(left=len(todo))
        place = 0
        while place < len(todo):
            item = todo[place]
            analysis = self._analyze(item["text"])
            proposed = proposal(analysis)
            outcome = self._ask(item, analysis, proposed, f"{place + 1} of {len(todo)}")
            if outcome is None:
                break
            if outcome == "undo":
                place = max(0, place - 1)
                continue
            if isinstance(outcome, Answer):
                append_annotation(self._out, self._row(item, outcome))
                tally.saved += item["id"] not in done
                tally.changed += outcome != proposed
                done.add(item["id"])
            else:
                tally.skipped += 1
            place += 1
        tally.left = sum(item["id"] not in done for item in todo)
        return tally

    def _ask(
        self, item: Mapping[str, Any], analysis: Analysis, answer: Answer, place: str
    ) -> Answer | str | None:
        while True:
            self._show(item, analysis, answer, place)
            key = self._key()
            if key in ("\r", "\n"):
                return answer
            if key in ("q", "\x03", "\x04"):
                return None
            if key == "s":
                return "skip"
            if key == "u":
                return "undo"
            answer = self._pressed(answer, key)

    def _pressed(self, answer: Answer, key: str) -> Answer:
        if key in self._themes:
            code = self._themes[key]
            themes = dict(answer.themes)
            polarity = _NEXT[themes.pop(code, None)]
            if polarity is not None:
                themes[code] = polarity
            return replace(answer, themes=themes)
        if key in self._signals:
            return replace(answer, signals=answer.signals ^ {self._signals[key]})
        if key in "+=":
            return replace(answer, sentiment=min(2, answer.sentiment + 1))
        if key in "-_":
            return replace(answer, sentiment=max(-2, answer.sentiment - 1))
        return answer

    def _row(self, item: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
        context = {name: item.get(name) for name in ("kind", "domain", "journey", "channel", "segment")}
        scores = {name: item.get(name) for name in ("nps", "cas", "ces")}
        return {
            "id": item["id"],
            "text": item["text"],
            "themes": dict(answer.themes),
            "evidence": {},
            "sentiment": answer.sentiment,
            **scores,
            "signals": sorted(answer.signals),
            **context,
            "annotator": self._annotator,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
