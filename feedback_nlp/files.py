"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["atomic_write"]


@contextmanager
def atomic_write(path: str | Path) -> Iterator[IO[bytes]]:
    """Write bytes to a temporary file beside `path`, which takes its place when the block ends without an exception.

    Whatever stops the block (Ctrl-C included), `path` stays as it was and no temporary file is left. A reader sees
    the old content or the new, never a part.

    Args:
        path: The file to make or replace; its folder must exist.

    Raises:
        OSError: The folder is missing or cannot be written; raised when the block is entered.
    """
    target = Path(path)
    if target.is_symlink():
        target = target.resolve()
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", suffix=".part", delete=False
    ) as stream:
        part = Path(stream.name)
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            part.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
