"""A customer's text on its way in: checked, and free of personal data."""

from __future__ import annotations

from service.redaction import Redactor

__all__ = ["cleaned"]


def cleaned(text: str, redactor: Redactor) -> str:
    """The text as it may be analysed and kept.

    U+0000, which PostgreSQL cannot keep, becomes U+FFFD.

    Raises:
        TextError: It is empty or too long, or holds half a surrogate pair.
    """
    from feedback_nlp.analyzer import check_text

    check_text(text)
    return redactor.redact(text.replace("\0", "\ufffd")).text
