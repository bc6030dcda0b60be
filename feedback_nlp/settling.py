"""For a process that does nothing but read texts: keep what stays out of the garbage collector's way."""

from __future__ import annotations

import gc

__all__ = ["settle"]


def settle() -> None:
    """Take all objects that are there now out of the garbage collector's rounds.

    Libraries, vocabulary and model are some hundred thousands of objects that live as long as the process, and every
    full collection looks at each of them; the analyses of a few thousand texts set one off (what that costs:
    docs/decisions/fast-profile.md). It is for the process to decide, never for a library at import: called by workers
    after they have loaded the model, and by the service each time a model was put to work.

    May be called again: what was set aside before is taken back and collected first, so that cycles of a model that was
    replaced in the meantime do not stay. What goes by counting references is freed at once wherever it is.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
