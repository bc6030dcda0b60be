"""Style sheet and scripts, under an address that changes with their content, so that browsers keep them for good.

The digest is of the whole folder: modules import each other by relative address, and no two versions ever mix.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

__all__ = ["Asset", "Assets", "assets"]

_FOLDER: Final = Path(__file__).resolve().parent.parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file and how it is announced."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files, by name, and the digest of them all."""

    files: dict[str, Asset]
    digest: str

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a folder; only the known types are served."""
        files = {
            path.name: Asset(path.read_bytes(), _TYPES[path.suffix])
            for path in sorted(folder.iterdir())
            if path.suffix in _TYPES
        }
        digest = hashlib.sha256()
        for name, asset in files.items():
            digest.update(f"{name}\0{len(asset.content)}\0".encode() + asset.content)
        return cls(files, digest.hexdigest()[:16])

    def url(self, name: str) -> str:
        """Where a file is.

        Raises:
            KeyError: There is no such file.
        """
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"


@cache
def assets() -> Assets:
    """The service's own, read once."""
    return Assets.load(_FOLDER)
