"""Old theme codes that stay valid: what became of them when the taxonomy changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feedback_nlp.errors import TaxonomyError

__all__ = ["ALIASES", "Aliases", "merged_polarity"]

ALIASES = "aliases.json"
"""Name of the file, beside the taxonomy it belongs to."""


@dataclass(frozen=True, slots=True)
class Aliases:
    """Old code to present code, for renamed and merged themes.

    A theme that was split has no single present code and stands under `split`, with the codes it may have become;
    rows that still carry it lose it, since nobody but a person can say which one is meant.
    """

    codes: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def beside(cls, taxonomy: Path | None) -> Aliases:
        """Those that stand beside a taxonomy file; none when there is no such file.

        Raises:
            TaxonomyError: The file is not readable as aliases.
        """
        path = None if taxonomy is None else taxonomy.parent / ALIASES
        if path is None or not path.is_file():
            return cls()
        try:
            data = json.loads(path.read_text("utf-8"))
            return cls(
                {str(old): str(new) for old, new in data["codes"].items()},
                {str(old): tuple(map(str, new)) for old, new in data["split"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
            raise TaxonomyError(f"{path}: not readable as aliases: {exc!r}") from exc

    def to_json(self) -> str:
        """The content of the file."""
        return (
            json.dumps({"codes": dict(self.codes), "split": self.split}, indent=2, ensure_ascii=False) + "\n"
        )

    def current(self, code: str) -> str | None:
        """What a code is called now; None for one that was split."""
        seen: set[str] = set()
        while code in self.codes and code not in seen:
            seen.add(code)
            code = self.codes[code]
        return None if code in self.split else code

    def themes(self, themes: Mapping[str, int]) -> dict[str, int]:
        """Theme to polarity under the present codes; where two become one, opposite polarities make 0."""
        result: dict[str, int] = {}
        for old, polarity in themes.items():
            new = self.current(old)
            if new is not None:
                result[new] = merged_polarity([result[new], polarity]) if new in result else polarity
        return result

    def evidence(self, evidence: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
        """Theme to quotes under the present codes."""
        result: dict[str, list[str]] = {}
        for old, quotes in evidence.items():
            new = self.current(old)
            if new is not None:
                kept = result.setdefault(new, [])
                kept.extend(quote for quote in quotes if quote not in kept)
        return result


def merged_polarity(polarities: Iterable[int]) -> int:
    """One polarity for several: theirs when they agree, 0 counting as silence; else 0.

    >>> merged_polarity([-1, 0]), merged_polarity([-1, 1]), merged_polarity([0, 0])
    (-1, 0, 0)
    """
    clear = {polarity for polarity in polarities if polarity != 0}
    return clear.pop() if len(clear) == 1 else 0
