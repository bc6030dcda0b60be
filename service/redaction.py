"""What the service needs of `feedback_nlp.privacy`: personal data replaced by placeholders before anything is kept."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Redaction", "Redactor", "default_redactor"]


class Redaction(Protocol):
    """A text without personal data."""

    @property
    def text(self) -> str:
        """The text with placeholders such as `[NAAM]`."""


class Redactor(Protocol):
    """Finds personal data."""

    def redact(self, text: str) -> Redaction:
        """Replace what is found."""


def default_redactor() -> Redactor:
    """The library's."""
    from feedback_nlp.privacy import Redactor as LibraryRedactor

    return LibraryRedactor.default()
