"""Pieces of a training side by side: in processes, where the work is longer than starting them takes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from joblib import Parallel

__all__ = ["side_by_side"]

_WORTH_PROCESSES = 2_000
"""From how many items on. A process takes seconds to start, as long as learning from some thousand items."""


def side_by_side(calls: Iterable[Any], processes: int, items: int) -> Iterator[Any]:
    """Results of calls made with `joblib.delayed`, in their order, each as soon as it and all before it are there.

    Args:
        calls: What to do; functions, arguments and results travel between processes.
        processes: How many at a time, from 1.
        items: How much there is to learn from; few items are done one call after another, in this process.
    """
    # joblib starts a process anew that has grown; its call is not lost, and the reader can do nothing about it
    warnings.filterwarnings(
        "ignore", message="A worker stopped while some jobs were given", category=UserWarning
    )
    return iter(
        Parallel(
            processes if items >= _WORTH_PROCESSES else 1,
            return_as="generator",
            batch_size=1,
            max_nbytes=None,  # arrays are small, and a container's shared memory often smaller
        )(calls)
    )
