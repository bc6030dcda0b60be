"""How well a redactor does on texts in which the personal data is marked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from feedback_nlp.privacy.records import Found, Kind
from feedback_nlp.privacy.redactor import Redactor

__all__ = ["Marked", "Scores", "as_table", "load_marked", "score"]


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the personal data in it.

    Attributes:
        id: Reference of the row.
        text: The text.
        spans: The personal data, in code points; empty for a decoy.
        held_out: Whether it was written only after the rules, and first tried as it was.
        at_first: The (start, end) that the rules found when a held-out row was first tried; None for other rows.
    """

    id: str
    text: str
    spans: tuple[Found, ...]
    held_out: bool
    at_first: tuple[tuple[int, int], ...] | None


@dataclass(frozen=True)
class Scores:
    """Counts over a set of marked texts.

    Attributes:
        marked: Stretches of personal data, by kind.
        caught: How many of these were taken out whole, letters and digits, by kind.
        right_kind: How many of the caught got the placeholder of their own kind, by kind.
        wrong: Findings that touch no marked stretch, by the kind given.
        decoys: Texts without personal data.
        untouched: How many of these came back unchanged.
    """

    marked: Counter[Kind]
    caught: Counter[Kind]
    right_kind: Counter[Kind]
    wrong: Counter[Kind]
    decoys: int
    untouched: int

    @property
    def recall(self) -> float:
        """Share of the marked stretches that were taken out whole, 0-1."""
        return self.caught.total() / max(1, self.marked.total())

    @property
    def decoys_left_alone(self) -> float:
        """Share of the texts without personal data that came back unchanged, 0-1."""
        return self.untouched / max(1, self.decoys)


def load_marked(path: Path) -> list[Marked]:
    """Read a test set: JSON Lines with id, text, spans, held_out and, where held out, found_at_first.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line is no JSON, or names an unknown kind.
    """
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        spans = tuple(Found(one["start"], one["end"], Kind(one["kind"])) for one in raw["spans"])
        first = raw.get("found_at_first")
        at_first = None if first is None else tuple((start, end) for start, end in first)
        rows.append(Marked(raw["id"], raw["text"], spans, raw["held_out"], at_first))
    return rows


def score(rows: Iterable[Marked], redactor: Redactor | None, *, at_first: bool = False) -> Scores:
    """Count what a redactor finds and misses.

    Args:
        rows: The marked texts.
        redactor: Finds; None only with `at_first`.
        at_first: Take what was found when the rows were first tried, without regard to its kind.
    """
    marked: Counter[Kind] = Counter()
    caught: Counter[Kind] = Counter()
    right: Counter[Kind] = Counter()
    wrong: Counter[Kind] = Counter()
    decoys = untouched = 0
    for row in rows:
        found: Sequence[Found]
        if at_first or redactor is None:
            found = [Found(start, end, Kind.NAME) for start, end in row.at_first or ()]
        else:
            found = redactor.redact(row.text).found
        covered = {place for one in found for place in range(one.start, one.end)}
        for span in row.spans:
            marked[span.kind] += 1
            if all(i in covered for i in range(span.start, span.end) if row.text[i].isalnum()):
                caught[span.kind] += 1
                right[span.kind] += any(one.kind is span.kind and _touch(one, span) for one in found)
        for one in found:
            wrong[one.kind] += not any(_touch(one, span) for span in row.spans)
        if not row.spans:
            decoys += 1
            untouched += not found
    return Scores(marked, caught, right, wrong, decoys, untouched)


def _touch(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def as_table(scores: Scores) -> str:
    """The scores as a Markdown table, a row for each kind."""
    lines = [
        "| kind | marked | taken out whole | recall | precision | own placeholder |",
        "|---|---|---|---|---|---|",
    ]
    for kind in Kind:
        if scores.marked[kind]:
            lines.append(
                f"| `{kind.placeholder}` | {scores.marked[kind]} | {scores.caught[kind]} "
                f"| {_share(scores.caught[kind], scores.marked[kind])} "
                f"| {_share(scores.right_kind[kind], scores.right_kind[kind] + scores.wrong[kind])} "
                f"| {_share(scores.right_kind[kind], scores.caught[kind])} |"
            )
    lines.append(
        f"| all | {scores.marked.total()} | {scores.caught.total()} | {scores.recall:.3f} "
        f"| {_share(scores.right_kind.total(), scores.right_kind.total() + scores.wrong.total())} "
        f"| {_share(scores.right_kind.total(), scores.caught.total())} |"
    )
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"
