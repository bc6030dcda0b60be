"""The themes, pillars, signals, journeys, channels and segments an organisation works with: data, checked on load."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from feedback_nlp.errors import TaxonomyError

__all__ = ["Entry", "Language", "Taxonomy"]

Language = Literal["nl", "en"]

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_SECTIONS = ("pillars", "themes", "signals", "journeys", "channels", "segments")
_DEFINED = ("themes", "signals")
_KEYS = {"code", "nl", "en"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the taxonomy.

    Attributes:
        code: Its key in data and models.
        nl: Dutch label.
        en: English label.
        definition_nl: When to assign it, in Dutch; empty for journeys, channels, segments and pillars.
        definition_en: The same in English.
        pillar: The pillar a theme belongs to; None for everything else.
    """

    code: str
    nl: str
    en: str
    definition_nl: str = ""
    definition_en: str = ""
    pillar: str | None = None

    def label(self, language: Language = "nl") -> str:
        """The label in the given language."""
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True)
class Taxonomy:
    """All entries, in the order of the file; codes are unique within a section."""

    name: str
    version: str
    pillars: tuple[Entry, ...]
    themes: tuple[Entry, ...]
    signals: tuple[Entry, ...]
    journeys: tuple[Entry, ...]
    channels: tuple[Entry, ...]
    segments: tuple[Entry, ...]

    @classmethod
    def default(cls) -> Taxonomy:
        """The taxonomy that comes with the library."""
        return cls.from_toml(resources.files("feedback_nlp").joinpath("taxonomy.toml").read_text("utf-8"))

    @classmethod
    def load(cls, path: str | Path) -> Taxonomy:
        """Read a taxonomy file.

        Raises:
            TaxonomyError: The file cannot be read, or a key in it is missing or wrong; the message names the key.
        """
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise TaxonomyError(f"{path}: cannot be read as a taxonomy: {exc}") from exc
        return cls.from_toml(text, source=str(path))

    @classmethod
    def from_toml(cls, text: str, source: str = "taxonomy.toml") -> Taxonomy:
        """Parse and check.

        Raises:
            TaxonomyError: As for `load`.
        """
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as exc:
            raise TaxonomyError(f"{source}: not valid TOML: {exc}") from exc
        return cls.from_dict(data, source)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = "taxonomy") -> Taxonomy:
        """Build from the structure of the file (as `to_dict` gives it).

        Raises:
            TaxonomyError: As for `load`; all faults are listed at once.
        """
        faults: list[str] = []
        for key in data.keys() - {"name", "version", *_SECTIONS}:
            faults.append(f"{key}: unknown key; known are name, version, {', '.join(_SECTIONS)}")
        for key in ("name", "version"):
            if not isinstance(data.get(key), str) or not data[key].strip():
                faults.append(f"{key}: must be a non-empty string, got {data.get(key)!r}")
        sections = {section: _entries(section, data.get(section), faults) for section in _SECTIONS}
        pillars = {entry.code for entry in sections["pillars"]}
        for index, entry in enumerate(sections["themes"]):
            if entry.pillar not in pillars:
                faults.append(
                    f"themes[{index}].pillar: must be one of {sorted(pillars)}, got {entry.pillar!r}"
                )
        if faults:
            raise TaxonomyError(f"{source}: " + "; ".join(faults))
        return cls(name=data["name"], version=data["version"], **sections)

    @cached_property
    def theme_codes(self) -> tuple[str, ...]:
        """Theme codes, in order."""
        return tuple(entry.code for entry in self.themes)

    @cached_property
    def signal_codes(self) -> tuple[str, ...]:
        """Signal codes, in order."""
        return tuple(entry.code for entry in self.signals)

    @cached_property
    def digest(self) -> str:
        """`sha256:…` over all that the taxonomy says."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The structure of the file."""
        return {
            "name": self.name,
            "version": self.version,
            **{section: [_entry_dict(entry) for entry in getattr(self, section)] for section in _SECTIONS},
        }


def _entries(section: str, rows: Any, faults: list[str]) -> tuple[Entry, ...]:
    if not isinstance(rows, list) or not rows:
        faults.append(f"{section}: must be a non-empty list of tables, got {rows!r}")
        return ()
    allowed = set(_KEYS)
    if section in _DEFINED:
        allowed |= {"definition_nl", "definition_en"}
    if section == "themes":
        allowed.add("pillar")
    entries: list[Entry] = []
    for index, row in enumerate(rows):
        where = f"{section}[{index}]"
        if not isinstance(row, Mapping):
            faults.append(f"{where}: must be a table, got {row!r}")
            continue
        before = len(faults)
        faults.extend(f"{where}.{key}: unknown key" for key in sorted(row.keys() - allowed))
        for key in sorted(allowed):
            if not isinstance(row.get(key), str) or not row[key].strip():
                faults.append(f"{where}.{key}: must be a non-empty string, got {row.get(key)!r}")
        if isinstance(row.get("code"), str) and not _CODE.fullmatch(row["code"]):
            faults.append(f"{where}.code: must be lower-case letters, digits and _, got {row['code']!r}")
        if any(entry.code == row.get("code") for entry in entries):
            faults.append(f"{where}.code: {row['code']!r} stands twice in {section}")
        if len(faults) == before:
            entries.append(Entry(**row))
    return tuple(entries)


def _entry_dict(entry: Entry) -> dict[str, str]:
    fields = {"code": entry.code, "nl": entry.nl, "en": entry.en}
    if entry.definition_nl:
        fields |= {"definition_nl": entry.definition_nl, "definition_en": entry.definition_en}
    if entry.pillar is not None:
        fields["pillar"] = entry.pillar
    return fields
