"""Which items a model learned from: salted digests beside it, so that it can be asked of an id, and no id be read off.

`learned.json` in the model's folder holds no text and no id. Whoever has an id can ask for it; ids that can be guessed,
such as numbers that count up, can be tried one by one, so an id itself should not say who somebody is.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, Self

from feedback_nlp.errors import ModelMismatchError

__all__ = ["LEARNED", "LearnedItems", "Use"]

LEARNED: Final = "learned.json"
"""Name of the file in a model's folder."""

Use = Literal["learned", "judged"]
_FORMAT = 1
_BYTES = 10
"""Of a digest: among a million ids, one in 10^18 pairs is taken for another."""


@dataclass(frozen=True, slots=True)
class LearnedItems:
    """What a model was made with.

    Attributes:
        salt: Of the digests, in hexadecimal; another one for every model.
        made: When the training began, with its time zone; later labels of an item cannot have been learned.
        learned: Digests of the items that it learned from.
        judged: Digests of the items that were kept aside to judge it.
    """

    salt: str
    made: datetime
    learned: frozenset[str]
    judged: frozenset[str]

    @classmethod
    def of(cls, learned: Iterable[str], judged: Iterable[str] = (), *, made: datetime | None = None) -> Self:
        """From the items' ids, with a new salt; `made` is now when None."""
        salt = secrets.token_hex(16)
        return cls(
            salt,
            made or datetime.now(UTC),
            frozenset(_digest(salt, item_id) for item_id in learned),
            frozenset(_digest(salt, item_id) for item_id in judged),
        )

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Of the model in a folder; None when it keeps no such list.

        Raises:
            ModelMismatchError: The list cannot be read.
        """
        path = folder / LEARNED
        try:
            data = json.loads(path.read_text("utf-8"))
            if data["format"] != _FORMAT:
                raise ModelMismatchError(
                    f"{path}: format {data['format']!r} is not the one this version reads ({_FORMAT})"
                )
            made = datetime.fromisoformat(data["made"]).astimezone(UTC)
            return cls(str(data["salt"]), made, frozenset(data["learned"]), frozenset(data["judged"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise ModelMismatchError(f"{path}: not a readable list of items: {exc!r}") from exc

    def to_json(self) -> str:
        """The content of `learned.json`; sorted, so that it does not show the order of the data."""
        data = {
            "format": _FORMAT,
            "salt": self.salt,
            "made": self.made.isoformat(),
            "learned": sorted(self.learned),
            "judged": sorted(self.judged),
        }
        return json.dumps(data, indent=0) + "\n"

    def use_of(self, item_id: str) -> Use | None:
        """Whether the model learned from an item, was judged with it, or did not have it."""
        digest = _digest(self.salt, item_id)
        if digest in self.learned:
            return "learned"
        return "judged" if digest in self.judged else None


def _digest(salt: str, item_id: str) -> str:
    key = bytes.fromhex(salt)
    return hashlib.blake2b(item_id.encode("utf-8", "surrogatepass"), key=key, digest_size=_BYTES).hexdigest()
