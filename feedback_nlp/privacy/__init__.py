"""Redaction: personal data out of customers' texts, typed placeholders in.

>>> Redactor.default().redact("mijn naam is jan de vries, bel 06-12345678").text
'mijn naam is [NAAM], bel [TELEFOON]'
"""

from __future__ import annotations

from feedback_nlp.privacy.records import PLACEHOLDER, Found, Kind, Redaction
from feedback_nlp.privacy.redactor import NameFinder, Redactor

__all__ = ["PLACEHOLDER", "Found", "Kind", "NameFinder", "Redaction", "Redactor"]
