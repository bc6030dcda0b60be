"""Reading labelled feedback (JSON Lines as the codebook describes), with every fault reported at once."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from feedback_nlp.errors import CorpusError
from feedback_nlp.labels import LabelledTexts, Quote
from feedback_nlp.taxonomy import Taxonomy

__all__ = ["CORPUS", "KINDS", "LABELLED", "SUPPLEMENT", "LabelledItem", "load_corpus", "to_arrays"]

CORPUS = Path(__file__).parent / "data" / "corpus.jsonl"
"""The corpus that comes with the project; see `training/data/README.md`."""

SUPPLEMENT = CORPUS.with_name("supplement.jsonl")
"""Items for what the corpus hardly has, such as plain verdicts; for training only: none is in the test split."""

LABELLED = (CORPUS, SUPPLEMENT)
"""What is learned from where nobody names other files."""

KINDS = ("survey", "complaint", "email", "chat", "review", "call_note")
_SHOWN_FAULTS = 50
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCALES = {"sentiment": (-2, 2), "nps": (0, 10), "cas": (0, 10)}
_REQUIRED = (
    "id", "text", "themes", "sentiment", "nps", "cas", "ces", "signals",
    "kind", "domain", "journey", "channel", "segment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """One labelled item, as in the codebook.

    Attributes:
        id: Unique within the corpus.
        text: What the customer wrote.
        themes: Theme code to polarity -1, 0 or 1.
        evidence: Theme code to the quotes that show it, each a literal piece of the text; may be empty.
        sentiment: -2 to 2.
        nps: 0 to 10.
        cas: 0 to 10.
        ces: 1 to 7, or None when the text gives no hint.
        signals: Signal codes.
        kind: Sort of text.
        domain: Sort of organisation.
        journey: Journey code.
        channel: Channel code.
        segment: Segment code.
        weight: How much it counts in training; 1 is usual.
    """

    id: str
    text: str
    themes: Mapping[str, int]
    evidence: Mapping[str, tuple[str, ...]]
    sentiment: int
    nps: int
    cas: int
    ces: int | None
    signals: tuple[str, ...]
    kind: str
    domain: str
    journey: str
    channel: str
    segment: str
    weight: float = 1.0


def load_corpus(
    paths: Path | Sequence[Path] = LABELLED, taxonomy: Taxonomy | None = None
) -> list[LabelledItem]:
    """Read labelled files.

    Args:
        paths: One or more JSON Lines files.
        taxonomy: The codes that may occur; the default taxonomy when None.

    Raises:
        CorpusError: A file cannot be read, or rows are faulty; each fault is named with file, line, field and value.
    """
    taxonomy = taxonomy or Taxonomy.default()
    items: list[LabelledItem] = []
    faults: list[str] = []
    seen: dict[str, str] = {}
    for path in [paths] if isinstance(paths, Path) else paths:
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as exc:
            raise CorpusError(f"{path}: cannot be read: {exc.strerror or exc}") from exc
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = f"{path.name}:{number}"
            row, problems = _parse(line, taxonomy)
            faults.extend(f"{where}: {problem}" for problem in problems)
            if row is None or problems:
                continue
            if row["id"] in seen:
                faults.append(f"{where}: id: {row['id']!r} stands at {seen[row['id']]} already")
            seen.setdefault(row["id"], where)
            items.append(_item(row))
    if faults:
        more = f"\n… and {len(faults) - _SHOWN_FAULTS:,} more" if len(faults) > _SHOWN_FAULTS else ""
        raise CorpusError(
            f"{len(faults):,} faults in the labelled data:\n" + "\n".join(faults[:_SHOWN_FAULTS]) + more
        )
    if not items:
        raise CorpusError(
            "no labelled items found in "
            + ", ".join(str(p) for p in ([paths] if isinstance(paths, Path) else paths))
        )
    return items


def to_arrays(items: Sequence[LabelledItem], taxonomy: Taxonomy) -> LabelledTexts:
    """Labelled items as arrays, in the taxonomy's order of themes and signals."""
    theme_at = {code: index for index, code in enumerate(taxonomy.theme_codes)}
    signal_at = {code: index for index, code in enumerate(taxonomy.signal_codes)}
    themes = np.zeros((len(items), len(theme_at)), dtype=bool)
    polarity = np.zeros(themes.shape, dtype=np.int8)
    signals = np.zeros((len(items), len(signal_at)), dtype=bool)
    quotes: list[Quote] = []
    for row, item in enumerate(items):
        for code, value in item.themes.items():
            themes[row, theme_at[code]] = True
            polarity[row, theme_at[code]] = value
        for code, pieces in item.evidence.items():
            for piece in pieces:
                start = item.text.find(piece)
                quotes.append(Quote(row, theme_at[code], start, start + len(piece)))
        for code in item.signals:
            signals[row, signal_at[code]] = True
    return LabelledTexts(
        texts=tuple(item.text for item in items),
        themes=themes,
        polarity=polarity,
        quotes=tuple(quotes),
        sentiment=np.array([item.sentiment for item in items], dtype=np.float64),
        nps=np.array([item.nps for item in items], dtype=np.float64),
        cas=np.array([item.cas for item in items], dtype=np.float64),
        signals=signals,
        weight=np.array([item.weight for item in items], dtype=np.float64),
    )


def _parse(line: bytes, taxonomy: Taxonomy) -> tuple[dict[str, Any] | None, list[str]]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        return None, [f"not a line of JSON in UTF-8: {exc}"]
    if not isinstance(row, dict):
        return None, [f"must be an object, got {_short(row)}"]
    missing = [f"{field}: is missing" for field in _REQUIRED if field not in row]
    if missing:
        return row, missing
    return row, [
        *_text_faults(row),
        *_theme_faults(row, taxonomy),
        *_score_faults(row),
        *_code_faults(row, taxonomy),
    ]


def _text_faults(row: Mapping[str, Any]) -> Iterable[str]:
    for field in ("id", "text", "domain"):
        if not isinstance(row[field], str) or not row[field].strip():
            yield f"{field}: must be a non-empty string, got {_short(row[field])}"
        elif _SURROGATE.search(row[field]):
            yield f"{field}: holds half of a surrogate pair: {_short(row[field])}"


def _theme_faults(row: Mapping[str, Any], taxonomy: Taxonomy) -> Iterable[str]:
    themes, evidence = row["themes"], row.get("evidence", {})
    if not isinstance(themes, dict):
        yield f"themes: must map theme codes to -1, 0 or 1, got {_short(themes)}"
        return
    for code, polarity in themes.items():
        if code not in taxonomy.theme_codes:
            yield f"themes: unknown theme {code!r}; known are {', '.join(taxonomy.theme_codes)}"
        if not isinstance(polarity, int) or isinstance(polarity, bool) or polarity not in (-1, 0, 1):
            yield f"themes.{code}: must be -1, 0 or 1, got {_short(polarity)}"
    if not isinstance(evidence, dict):
        yield f"evidence: must map theme codes to lists of quotes, got {_short(evidence)}"
        return
    for code, quotes in evidence.items():
        if code not in themes:
            yield f"evidence.{code}: the item does not carry this theme"
        if not isinstance(quotes, list):
            yield f"evidence.{code}: must be a list of quotes, got {_short(quotes)}"
            continue
        for quote in quotes:
            if not isinstance(quote, str) or not quote or quote not in str(row["text"]):
                yield f"evidence.{code}: does not occur in the text: {_short(quote)}"


def _score_faults(row: Mapping[str, Any]) -> Iterable[str]:
    for field, (low, high) in _SCALES.items():
        value = row[field]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            yield f"{field}: must be a whole number {low} to {high}, got {_short(value)}"
    ces = row["ces"]
    weight = row.get("weight", 1.0)
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 < weight < math.inf:
        yield f"weight: must be a number above 0, got {_short(weight)}"
    if ces is not None and (not isinstance(ces, int) or isinstance(ces, bool) or not 1 <= ces <= 7):
        yield f"ces: must be null or a whole number 1 to 7, got {_short(ces)}"


def _code_faults(row: Mapping[str, Any], taxonomy: Taxonomy) -> Iterable[str]:
    signals = row["signals"]
    if not isinstance(signals, list):
        yield f"signals: must be a list, got {_short(signals)}"
    else:
        for code in signals:
            if code not in taxonomy.signal_codes:
                yield f"signals: unknown signal {_short(code)}; known are {', '.join(taxonomy.signal_codes)}"
    known = {
        "kind": KINDS,
        "journey": tuple(entry.code for entry in taxonomy.journeys),
        "channel": tuple(entry.code for entry in taxonomy.channels),
        "segment": tuple(entry.code for entry in taxonomy.segments),
    }
    for field, codes in known.items():
        if row[field] not in codes:
            yield f"{field}: must be one of {', '.join(codes)}, got {_short(row[field])}"


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"


def _item(row: Mapping[str, Any]) -> LabelledItem:
    return LabelledItem(
        id=row["id"],
        text=row["text"],
        themes=row["themes"],
        evidence={code: tuple(quotes) for code, quotes in row.get("evidence", {}).items()},
        sentiment=row["sentiment"],
        nps=row["nps"],
        cas=row["cas"],
        ces=row["ces"],
        signals=tuple(row["signals"]),
        kind=row["kind"],
        domain=row["domain"],
        journey=row["journey"],
        channel=row["channel"],
        segment=row["segment"],
        weight=float(row.get("weight", 1.0)),
    )
