"""What stands around a number and tells what it is; dates as people type them.

All take text in lower case.
"""

from __future__ import annotations

import re

__all__ = ["DATE", "MONTH", "digits_of", "is_amount", "is_product"]

MONTH = (
    r"(?:jan(?:uari)?|feb(?:ruari)?|mrt|maart|apr(?:il)?|mei|juni?|juli?|aug(?:ustus)?|sept?(?:ember)?"
    r"|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
DATE = (
    r"(?:(?<!\d)(?:\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}"
    r"|\d{1,2}\s?[-/. ]\s?\d{1,2}\s?[-/. ]\s?(?:\d{4}|['’]?\d{2})"
    rf"|\d{{1,2}}(?:e|ste|de)?[\s-]{{1,2}}{MONTH}(?:[\s-]{{1,2}}(?:\d{{4}}|['’]?\d{{2}}))?"
    r"|\d{8})(?!\d))"
)
"""A date as people type it, with or without its year."""

_PRODUCT = re.compile(
    r"(?:artikel|art\.?|product|type|model|ean|isbn|serie|sku|barcode|kvk|k\.v\.k\.?|btw|onderdeel|item"
    r"|fout|error|versie|firmware)"
    r"(?:[\s-]?(?:nummers?|nrs?\.?|no\.?|codes?|id|melding))?\s?(?:is|was)?[\s:=#.(]{0,3}$",
)
_UNIT_AFTER = re.compile(
    r"\s?(?:euro|eur\b|€|,-|%|procent|km\b|kwh|m2|m3|uur|minuten|dagen|weken|maanden|jaar|jr\b|keer|x\b"
    r"|mb\b|gb\b|stuks|klanten"
    r"|mensen|leden|punten|volgers|followers|stappen|reviews)",
)


def is_product(text: str, start: int) -> bool:
    """Whether the words before ``start`` say that a product, a company or a law is numbered here."""
    return _PRODUCT.search(text, max(0, start - 40), start) is not None


def is_amount(text: str, start: int, end: int) -> bool:
    """Whether the number from ``start`` to ``end`` is a sum of money or a quantity."""
    return (
        text[max(0, start - 2) : start].rstrip().endswith(("€", "$"))
        or _UNIT_AFTER.match(text, end) is not None
    )


def digits_of(value: str) -> str:
    """The digits 0-9 of a value."""
    return "".join(c for c in value if "0" <= c <= "9")
