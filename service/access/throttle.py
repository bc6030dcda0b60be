"""Limits on how often something may happen, counted in this process."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Allowance", "RateLimiter", "Throttle"]

_MOST_NAMES: Final = 10_000


class Throttle:
    """Lets a name do something so many times within a period; a fixed window that begins with the first time."""

    def __init__(self, times: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    def allows(self, name: str) -> bool:
        """Whether it has times left."""
        with self._lock:
            count, until = self._counts.get(name, (0, 0.0))
            return count < self._times or until <= self._clock()

    def count(self, name: str) -> None:
        """It happened once."""
        with self._lock:
            moment = self._clock()
            count, until = self._counts.get(name, (0, 0.0))
            if until <= moment:
                count, until = 0, moment + self._seconds
            self._counts[name] = (count + 1, until)
            if len(self._counts) > _MOST_NAMES:
                self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > moment}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a request costs and leaves.

    Attributes:
        allowed: Whether it may go on.
        quota: Requests a minute.
        remaining: Requests that can follow at once.
        seconds: Whole seconds until the next one if none remain, else until all of them are back.
    """

    allowed: bool
    quota: int
    remaining: int
    seconds: int


class RateLimiter:
    """A bucket a name that holds a minute's requests and fills steadily."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, quota: int) -> Allowance:
        """Take one request out of a bucket of `quota` a minute."""
        rate = quota / 60
        with self._lock:
            moment = self._clock()
            level, at = self._buckets.get(name, (float(quota), moment))
            level = min(float(quota), level + (moment - at) * rate)
            allowed = level >= 1
            if allowed:
                level -= 1
            self._buckets[name] = (level, moment)
        wait = (1 - level) / rate if level < 1 else (quota - level) / rate
        return Allowance(allowed, quota, int(level), max(1, math.ceil(wait)))
