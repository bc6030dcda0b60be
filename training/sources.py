"""Labelled items from several sources: the corpus, corrections that people made, imported sets; each with its weight.

Corrections come with gaps (`"nps": null`: the customer was not asked; `"journey": null`: nobody knows). A gap in a
score is filled with the answer that is usual for the sentiment, so that the item can teach themes, polarity and
signals; how many were filled is counted.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from feedback_nlp.errors import CorpusError
from feedback_nlp.taxonomy import Taxonomy
from training.aliases import Aliases
from training.corpus import KINDS, LabelledItem, load_corpus
from training.splits import is_test

__all__ = ["USUAL_ANSWER", "Sources", "load_labelled", "load_sources", "parse_weights", "read_ids"]

USUAL_ANSWER = {-2: (1, 1), -1: (4, 4), 0: (7, 6), 1: (8, 8), 2: (9, 9)}
"""NPS and CAS answer by sentiment where none was given: the corpus's medians."""

_USUAL_CONTEXT = {
    "kind": "survey",
    "domain": "onbekend",
    "journey": "gebruik",
    "channel": "web",
    "segment": "klant",
}
"""What stands where the context is not known; where a taxonomy has no such code, its first one."""

_SPACE = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Sources:
    """Labelled items and where they came from.

    Attributes:
        items: All items; of one id the last counts.
        counts: Items by source.
        weights: Weight by source.
        filled: Answers that were not given and are filled in.
        replaced: Rows that a later row of the same id replaced.
        withheld: Items left out because their text stands in the test split.
        erased: Items left out because somebody asked for their erasure.
    """

    items: tuple[LabelledItem, ...]
    counts: Mapping[str, int]
    weights: Mapping[str, float]
    filled: int = 0
    replaced: int = 0
    withheld: int = 0
    erased: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON, for a model's manifest."""
        return {
            "counts": dict(self.counts),
            "weights": dict(self.weights),
            "filled_answers": self.filled,
            "replaced": self.replaced,
            "withheld_as_test_texts": self.withheld,
            "left_out_as_erased": self.erased,
        }


def load_labelled(paths: Iterable[Path], taxonomy: Taxonomy, aliases: Aliases | None = None) -> Sources:
    """Read labelled files with gaps, such as the service's export of corrections; of one id the last row counts.

    Raises:
        CorpusError: A file cannot be read, or rows are faulty; each fault is named with file, line, field and value.
    """
    rows: dict[str, LabelledItem] = {}
    counts: dict[str, int] = {}
    filled = total = 0
    for path in paths:
        items, gaps = _read(path, taxonomy, aliases or Aliases())
        counts[path.stem] = counts.get(path.stem, 0) + len(items)
        filled += gaps
        total += len(items)
        rows |= {item.id: item for item in items}
    return Sources(tuple(rows.values()), counts, dict.fromkeys(counts, 1.0), filled, total - len(rows))


def load_sources(
    corpus: Sequence[Path],
    further: Sequence[Path],
    taxonomy: Taxonomy,
    weights: Mapping[str, float] | None = None,
    aliases: Aliases | None = None,
    without: Collection[str] = (),
) -> Sources:
    """The corpus and further sets as one; a further item replaces one of the corpus with the same id.

    Args:
        corpus: Complete labelled files.
        further: Labelled files that may have gaps.
        taxonomy: The codes that may occur.
        weights: Weight by source: a file's name without its ending.
        aliases: Old theme codes and what they are now.
        without: Ids that may not be learned from or judged with any more, whatever file they stand in.

    Raises:
        CorpusError: As for `load_labelled`; or a weight is for a source that is not there.
    """
    weights = dict(weights or {})
    base: dict[str, LabelledItem] = {}
    counts: dict[str, int] = {}
    for path in corpus:
        items = load_corpus(path, taxonomy)
        counts[path.stem] = counts.get(path.stem, 0) + len(items)
        for item in items:
            if item.id in base:
                raise CorpusError(f"{path.name}: id: {item.id!r} stands in another file of --data already")
            base[item.id] = _weighted(item, weights.get(path.stem, 1.0))
    test_texts = {_plain(item.text) for item in base.values() if is_test(item.id)}
    more: dict[str, LabelledItem] = {}
    filled = replaced = withheld = 0
    for path in further:
        part = load_labelled([path], taxonomy, aliases)
        counts[path.stem] = counts.get(path.stem, 0) + len(part.items)
        filled += part.filled
        replaced += part.replaced + sum(item.id in more or item.id in base for item in part.items)
        for item in part.items:
            if item.id not in base and not is_test(item.id) and _plain(item.text) in test_texts:
                withheld += 1
                continue
            more[item.id] = _weighted(item, weights.get(path.stem, 1.0))
    if unknown := sorted(weights.keys() - counts.keys()):
        raise CorpusError(f"a weight is given for {unknown[0]!r}, but the sources are {', '.join(counts)}")
    all_items = base | more
    kept = tuple(item for item in all_items.values() if item.id not in without)
    return Sources(
        kept,
        counts,
        {source: weights.get(source, 1.0) for source in counts},
        filled,
        replaced,
        withheld,
        len(all_items) - len(kept),
    )


def parse_weights(given: Iterable[str]) -> dict[str, float]:
    """`["corrections=2"]` as `{"corrections": 2.0}`.

    Raises:
        CorpusError: One is not of that form, or not above 0 and at most 100.
    """
    weights: dict[str, float] = {}
    for text in given:
        source, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not source or not 0 < value <= 100:
            raise CorpusError(
                f"a weight is SOURCE=NUMBER with a number above 0 and at most 100, got {text!r}"
            )
        weights[Path(source).stem if source.endswith(".jsonl") else source] = value
    return weights


def read_ids(paths: Iterable[Path]) -> frozenset[str]:
    """Ids, one a line, as `GET /v1/erasures/ids` answers them.

    Raises:
        CorpusError: A file cannot be read.
    """
    ids: set[str] = set()
    for path in paths:
        try:
            ids.update(line.strip() for line in path.read_text("utf-8-sig").splitlines())
        except (OSError, UnicodeDecodeError) as exc:
            raise CorpusError(f"{path}: cannot be read: {getattr(exc, 'strerror', None) or exc}") from exc
    return frozenset(ids - {""})


def _weighted(item: LabelledItem, weight: float) -> LabelledItem:
    return item if weight == 1.0 else replace(item, weight=item.weight * weight)


def _read(path: Path, taxonomy: Taxonomy, aliases: Aliases) -> tuple[list[LabelledItem], int]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as exc:
        raise CorpusError(f"{path}: cannot be read: {exc.strerror or exc}") from exc
    complete: list[bytes] = []
    context = _usual_context(taxonomy)
    gaps = 0
    seen: dict[str, int] = {}
    for number, line in enumerate(lines):
        row = _object(line)
        if row is None:
            complete.append(line)  # `load_corpus` says what is wrong with it
            continue
        gaps += _fill(row, context, aliases)
        if isinstance(row.get("id"), str):
            if row["id"] in seen:
                complete[seen[row["id"]]] = b""
            seen[row["id"]] = number
        complete.append(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(b"\n".join(complete))
        return load_corpus(copy, taxonomy), gaps


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    return row if isinstance(row, dict) else None


def _usual_context(taxonomy: Taxonomy) -> dict[str, str]:
    usual = dict(_USUAL_CONTEXT)
    for field, entries in (
        ("journey", taxonomy.journeys),
        ("channel", taxonomy.channels),
        ("segment", taxonomy.segments),
    ):
        if usual[field] not in {entry.code for entry in entries}:
            usual[field] = entries[0].code
    return usual


def _fill(row: dict[str, Any], context: Mapping[str, str], aliases: Aliases) -> int:
    """Fill what is null or not there, in place; the number of answers filled.

    The service leaves the kind of text to the sender, and no model learns from it: one of its own is as good as none.
    """
    if isinstance(row.get("kind"), str) and row["kind"] not in KINDS:
        row["kind"] = None
    for field, usual in context.items():
        if row.get(field) is None:
            row[field] = usual
    row.setdefault("ces", None)
    row.setdefault("signals", [])
    sentiment = row.get("sentiment")
    if sentiment is None and isinstance(row.get("nps"), int):
        sentiment = row["sentiment"] = min(
            USUAL_ANSWER, key=lambda tone: (abs(USUAL_ANSWER[tone][0] - row["nps"]), abs(tone))
        )
    filled = 0
    if sentiment in USUAL_ANSWER:
        for place, field in enumerate(("nps", "cas")):
            if row.get(field) is None:
                row[field] = USUAL_ANSWER[sentiment][place]
                filled += 1
    if isinstance(row.get("themes"), dict):
        row["themes"] = aliases.themes(row["themes"])
        if isinstance(row.get("evidence"), dict):
            row["evidence"] = aliases.evidence(row["evidence"])
    return filled


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text.casefold()).strip()
