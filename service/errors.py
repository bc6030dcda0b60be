"""What can go wrong inside the service, said without HTTP; `service.problems` gives each its status.

ServiceError
├── NoModelError     no model is loaded
├── BusyError        there is more to do than can be done in time
├── NotFoundError    there is no such thing, or no longer
├── InvalidError     a value cannot be used; lists every fault with its place
├── ConflictError    it does not go with what is there; lists every difference
└── DamagedStoreError    the store is not as it was written; says how to put it right
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feedback_nlp.errors import FeedbackNlpError

__all__ = [
    "BusyError",
    "ConflictError",
    "DamagedStoreError",
    "Difference",
    "Fault",
    "InvalidError",
    "NoModelError",
    "NotFoundError",
    "ServiceError",
]


class ServiceError(FeedbackNlpError):
    """Root of the service's errors; the text is shown to the caller."""


class NoModelError(ServiceError):
    """No model is loaded, so nothing can be analysed."""


class BusyError(ServiceError):
    """There is more to do than can be done in time; it is worth asking again a little later."""


class NotFoundError(ServiceError):
    """There is no such thing, or no longer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place: a JSON pointer (RFC 6901) into the body, or `query/name`."""

    pointer: str
    detail: str


class InvalidError(ServiceError):
    """A value cannot be used."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Difference:
    """Where what was sent differs from what is stored, by JSON pointer."""

    pointer: str
    stored: Any
    sent: Any


class ConflictError(ServiceError):
    """It does not go with what is there."""

    def __init__(self, message: str, differences: Sequence[Difference] = ()) -> None:
        self.differences = tuple(differences)
        super().__init__(message)


class DamagedStoreError(ServiceError):
    """The store is damaged, of another program, or of a later version; nothing was written to it.

    Attributes:
        wrong: What is wrong, a sentence.
        remedy: What to do about it.
    """

    def __init__(self, wrong: str, remedy: str) -> None:
        self.wrong = wrong
        self.remedy = remedy
        super().__init__(f"{wrong} Nothing was changed. {remedy}")
