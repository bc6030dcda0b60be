"""Changing the taxonomy: rename, merge, split and add themes, seen before anything is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from feedback_nlp.errors import TaxonomyError
from feedback_nlp.taxonomy import Entry, Taxonomy
from training.aliases import Aliases
from training.corpus import LabelledItem

__all__ = [
    "Change",
    "Preview",
    "apply_to_items",
    "apply_to_taxonomy",
    "check",
    "item_line",
    "parse_changes",
    "preview",
    "to_toml",
]

_RENAME, _MERGE, _SPLIT, _ADD = "rename", "merge", "split", "add"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `rename` and `merge` lead to one new code, `split` to several, `add` comes from none."""

    kind: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {','.join(self.old)}{'=' if self.old else ''}{','.join(self.new)}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What changes would do.

    Attributes:
        changes: The changes.
        themes: The codes as they would be.
        moved: Items whose labels would be carried over to other codes, by change.
        conflicts: Items in which themes of opposite polarity would become one (polarity 0).
        relabel: Items that a person has to label again, since their theme was split.
        predictions: Predictions of the live model that would be called otherwise, by old code; empty when none were
        given.
        first_ids: Some ids of the items under `moved` and `relabel`.
    """

    changes: tuple[Change, ...]
    themes: tuple[str, ...]
    moved: Mapping[str, int]
    conflicts: int
    relabel: int
    predictions: Mapping[str, int]
    first_ids: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "changes": [str(change) for change in self.changes],
            "themes": list(self.themes),
            "moved": dict(self.moved),
            "conflicts": self.conflicts,
            "relabel": self.relabel,
            "predictions": dict(self.predictions),
            "first_ids": list(self.first_ids),
        }


def parse_changes(
    rename: Iterable[str] = (), merge: Iterable[str] = (), split: Iterable[str] = (), add: Iterable[str] = ()
) -> tuple[Change, ...]:
    """Changes as typed: `old=new`, `old1,old2=new`, `old=new1,new2`, and a code to add.

    Raises:
        TaxonomyError: One is not of its form; it is shown.
    """
    changes: list[Change] = []
    for kind, texts, least_old, least_new in (
        (_RENAME, rename, 1, 1),
        (_MERGE, merge, 2, 1),
        (_SPLIT, split, 1, 2),
    ):
        for text in texts:
            left, _, right = text.partition("=")
            old, new = _codes(left), _codes(right)
            fits = (len(old) == least_old or (kind == _MERGE and len(old) >= 2)) and (
                len(new) == least_new or (kind == _SPLIT and len(new) >= 2)
            )
            if not fits:
                form = {_RENAME: "old=new", _MERGE: "old1,old2=new", _SPLIT: "old=new1,new2"}[kind]
                raise TaxonomyError(f"--{kind} must be {form}, got {text!r}")
            changes.append(Change(kind, old, new))
    changes += [Change(_ADD, (), (code,)) for code in add]
    return tuple(changes)


def apply_to_taxonomy(
    taxonomy: Taxonomy, changes: Sequence[Change], entries: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[Taxonomy, Aliases]:
    """The taxonomy after the changes, and what became of its old codes.

    Args:
        taxonomy: As it is.
        changes: Applied one after another.
        entries: Labels and definitions by new code (`nl`, `en`, `definition_nl`, `definition_en`, `pillar`); a
        renamed or merged
            theme takes over what is not given, a split one and an added one must be given `nl` and `en` at least.

    Raises:
        TaxonomyError: A code does not exist, exists already, or an entry is incomplete.
    """
    given = dict(entries or {})
    themes = list(taxonomy.themes)
    aliases = Aliases()
    for change in changes:
        codes = [entry.code for entry in themes]
        for code in change.old:
            if code not in codes:
                raise TaxonomyError(f"{change}: there is no theme {code!r}; there are {', '.join(codes)}")
        for code in change.new:
            if code in codes and code not in change.old:
                raise TaxonomyError(f"{change}: the theme {code!r} exists already")
        place = codes.index(change.old[0]) if change.old else len(themes)
        template = themes[place] if change.old else None
        made = [_entry(code, template if change.kind != _SPLIT else None, given.get(code, {}), taxonomy, change,
        template)
                for code in change.new]  # fmt: skip
        rest = [entry for entry in themes if entry.code not in change.old]
        place = sum(entry.code not in change.old for entry in themes[:place])
        themes = [*rest[:place], *made, *rest[place:]]
        aliases = _more_aliases(aliases, change)
    version = taxonomy.version
    bumped = str(int(version) + 1) if version.isdigit() else f"{version}+1"
    changed = replace(taxonomy, themes=tuple(themes), version=bumped)
    return Taxonomy.from_dict(changed.to_dict(), "the changed taxonomy"), aliases


def apply_to_items(items: Sequence[LabelledItem], aliases: Aliases) -> list[LabelledItem]:
    """Items under the new codes; a theme that was split is taken off, with its evidence."""
    return [
        replace(
            item,
            themes=aliases.themes(item.themes),
            evidence={code: tuple(quotes) for code, quotes in aliases.evidence(item.evidence).items()},
        )
        for item in items
    ]


def preview(
    items: Sequence[LabelledItem],
    changes: Sequence[Change],
    changed: Taxonomy,
    aliases: Aliases,
    predictions: Iterable[Iterable[str]] = (),
) -> Preview:
    """What the changes would do to labelled items and to predictions (the codes assigned, item by item)."""
    moved: Counter[str] = Counter()
    conflicts = relabel = 0
    first: list[str] = []
    for item in items:
        touched = [change for change in changes if set(change.old) & item.themes.keys()]
        for change in touched:
            moved[str(change)] += 1
        if touched:
            first.append(item.id)
        relabel += any(change.kind == _SPLIT for change in touched)
        by_new: dict[str, set[int]] = {}
        for code, polarity in item.themes.items():
            by_new.setdefault(aliases.current(code) or "", set()).add(polarity)
        conflicts += any(code and {-1, 1} <= signs for code, signs in by_new.items())
    called: Counter[str] = Counter()
    for codes in predictions:
        for code in codes:
            now = aliases.current(code)
            if now != code:
                called[f"{code} -> {now or 'a person decides'}"] += 1
    return Preview(
        tuple(changes), changed.theme_codes, dict(moved), conflicts, relabel, dict(called), tuple(first[:10])
    )


def check(taxonomy: Taxonomy, items: Sequence[LabelledItem], aliases: Aliases) -> list[str]:
    """What is wrong or weak, in plain words: themes without items or of one polarity, aliases that lead nowhere."""
    faults = []
    for code in taxonomy.theme_codes:
        signs = Counter(item.themes[code] for item in items if code in item.themes)
        if not signs:
            faults.append(f"{code}: no labelled item carries it")
        elif signs.total() < 50:
            faults.append(f"{code}: only {signs.total()} labelled items; 50 are the least to learn from")
        elif not (signs[-1] and signs[1]):
            faults.append(f"{code}: every item has the same polarity")
    for old in aliases.codes:
        now = aliases.current(old)
        if now is not None and now not in taxonomy.theme_codes:
            faults.append(f"alias {old}: leads to {now}, which is no theme")
        if old in taxonomy.theme_codes:
            faults.append(f"alias {old}: is a theme at the same time")
    for left, first in enumerate(taxonomy.themes):
        for other in taxonomy.themes[left + 1 :]:
            if first.nl.casefold() == other.nl.casefold():
                faults.append(f"{first.code} and {other.code}: have the same Dutch label, {first.nl!r}")
    return faults


def to_toml(taxonomy: Taxonomy) -> str:
    """The taxonomy as a file that `Taxonomy.load` reads."""
    data = taxonomy.to_dict()
    lines = [f"name = {_quoted(data['name'])}", f"version = {_quoted(data['version'])}"]
    for section, rows in data.items():
        if isinstance(rows, list):
            for row in rows:
                lines += ["", f"[[{section}]]", *(f"{key} = {_quoted(value)}" for key, value in row.items())]
    return "\n".join(lines) + "\n"


def item_line(item: LabelledItem) -> bytes:
    """An item as a line of a labelled file."""
    row = {name: getattr(item, name) for name in item.__slots__}
    row |= {"themes": dict(item.themes), "signals": list(item.signals)}
    row["evidence"] = {code: list(quotes) for code, quotes in item.evidence.items()}
    if item.weight == 1.0:
        del row["weight"]
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip())


def _more_aliases(aliases: Aliases, change: Change) -> Aliases:
    if change.kind == _SPLIT:
        return Aliases(aliases.codes, {**aliases.split, change.old[0]: change.new})
    return Aliases(
        {**aliases.codes, **{old: change.new[0] for old in change.old if old != change.new[0]}}, aliases.split
    )


def _entry(
    code: str,
    template: Entry | None,
    given: Mapping[str, str],
    taxonomy: Taxonomy,
    change: Change,
    parent: Entry | None,
) -> Entry:
    if template is None and not (given.get("nl") and given.get("en")):
        raise TaxonomyError(
            f"{change}: {code} needs a Dutch and an English label: --label {code}=Nederlands/English"
        )
    named = code.replace("_", " ").capitalize()
    nl, en = given.get("nl") or named, given.get("en") or named
    if template is not None and code == template.code:
        nl, en = given.get("nl") or template.nl, given.get("en") or template.en
    source = template or parent
    return Entry(
        code,
        nl,
        en,
        given.get("definition_nl") or (template.definition_nl if template else nl),
        given.get("definition_en") or (template.definition_en if template else en),
        given.get("pillar") or (source.pillar if source else taxonomy.pillars[0].code),
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
