"""What redaction finds and gives back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["PLACEHOLDER", "Found", "Kind", "Redaction"]


class Kind(StrEnum):
    """The kinds of personal data that are found; the placeholder of a kind is its value between brackets."""

    NAME = "NAAM"
    EMAIL = "EMAIL"
    PHONE = "TELEFOON"
    BSN = "BSN"
    IBAN = "IBAN"
    ADDRESS = "ADRES"
    POSTCODE = "POSTCODE"
    PLATE = "KENTEKEN"
    BIRTH_DATE = "GEBOORTEDATUM"
    REFERENCE = "KLANTNUMMER"
    CARD = "KAART"
    TOKEN = "TOKEN"  # noqa: S105 - a kind of finding  # nosec

    @property
    def placeholder(self) -> str:
        """The text that takes the place of a finding, such as ``[NAAM]``."""
        return f"[{self.value}]"


PLACEHOLDER: re.Pattern[str] = re.compile(r"\[(?:" + "|".join(kind.value for kind in Kind) + r")\]")
"""Matches a placeholder of any kind."""


@dataclass(frozen=True, slots=True)
class Found:
    """One stretch of personal data.

    Attributes:
        start: First code point in the original text, from 0.
        end: The code point after the last one in the original text.
        kind: What it is.
    """

    start: int
    end: int
    kind: Kind

    @property
    def replacement(self) -> str:
        """The placeholder that stands in its place in the redacted text."""
        return self.kind.placeholder


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redacted text and what was taken out of it.

    Attributes:
        text: The text with every finding replaced by its placeholder.
        found: The findings in order of place, without overlap; empty when nothing was found.
    """

    text: str
    found: tuple[Found, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was taken out."""
        return bool(self.found)
