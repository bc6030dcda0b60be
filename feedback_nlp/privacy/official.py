"""Bank accounts, cards, citizen numbers and dates of birth.

Every finder takes a text in lower case and yields findings. Patterns have bounded repeats, so that their time is linear
in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import luhn
from stdnum.nl import bsn

from feedback_nlp.privacy.context import DATE, MONTH, digits_of, is_amount, is_product
from feedback_nlp.privacy.records import Found, Kind

__all__ = [
    "find_bank_accounts",
    "find_birth_date_after",
    "find_birth_dates",
    "find_cards",
    "find_citizen_numbers",
]

_IBAN_LENGTH = {
    "de": 22,
    "fr": 27,
    "gb": 22,
    "es": 24,
    "it": 27,
    "lu": 20,
    "at": 20,
    "ch": 21,
    "pl": 28,
    "tr": 26,
    "pt": 25,
}
_IBAN_LENGTH |= {
    "ie": 22,
    "dk": 18,
    "se": 24,
    "no": 15,
    "fi": 18,
    "cz": 24,
    "hu": 28,
    "ro": 24,
    "bg": 22,
    "hr": 21,
    "gr": 27,
    "lt": 20,
}
_IBAN = re.compile(
    r"(?<![a-z0-9])(?:nl[ .-]?\d\d[ .-]{0,2}[a-z]{4}(?:[ .-]{0,2}\d){8,11}(?![\w])"
    r"|be[ .-]?\d\d(?:[ .-]{0,2}\d){12}(?!\w)"
    + "".join(rf"|{cc}[ .-]?\d\d(?:[ .-]?[a-z0-9]){{{n - 4}}}(?!\w)" for cc, n in _IBAN_LENGTH.items())
    + ")",
)
_OLD_ACCOUNT = re.compile(
    r"(?:rekening(?:nummer|nr)?|rek\.?\s?(?:nummer|nr\.?)|bankrekening"
    r"|giro(?:nummer)?)[\s:.=]{1,3}(?:is\s|van\s|nr\.?\s)?"
    r"(p?\d{1,4}(?:[. -]?\d{2,4}){1,4}|\d{3}-\d{7}-\d{2})(?![\w])",
)


def find_bank_accounts(text: str) -> Iterator[Found]:
    """IBANs, whether or not their check digits are right (a typing error is personal too), and old account numbers."""
    for match in _IBAN.finditer(text):
        if len(digits_of(match.group())) >= 10:
            yield Found(match.start(), match.end(), Kind.IBAN)
    for match in _OLD_ACCOUNT.finditer(text):
        if len(digits_of(match.group(1))) >= 6 and not is_amount(text, match.start(1), match.end(1)):
            yield Found(match.start(1), match.end(1), Kind.IBAN)


_CARD = re.compile(r"(?<![\w.,-])\d(?:[ .-]{0,2}\d){11,18}(?![\w-])")
_CARD_CUE = re.compile(
    r"(?:card|kaart|pas|visa|amex|express|maestro)(?:nummer|nr\.?|houder)?(?:\s?(?:is|met|nr\.?"
    r"|nummer)){0,2}[\s:=(]{0,3}$"
)


def find_cards(text: str) -> Iterator[Found]:
    """Numbers of payment cards: 13 to 19 digits with a right Luhn digit, or 12 to 19 after a word for a card."""
    for match in _CARD.finditer(text):
        digits = digits_of(match.group())
        cued = _CARD_CUE.search(text, max(0, match.start() - 30), match.start()) is not None
        if cued or (len(digits) >= 13 and luhn.is_valid(digits) and not is_product(text, match.start())):
            yield Found(match.start(), match.end(), Kind.CARD)


_BSN_CUED = re.compile(
    r"(?:\bbsn|burger\s?service\s?(?:nummer|nr\.?)|sofi|rijksregister|\binsz|\brrn)[\s-]?(?:nummers?"
    r"|nrs?\.?|code)?\s?(?:\([a-z]{3}\))?"
    r"(?:\s?(?:is|was|van mij|luidt|nl|dus|=)|\s(?!\w*(?:nummer|nr\b|klant|polis|tel|order"
    r"|bestel))[a-z']{1,12}){0,5}[\s:=(]{0,4}(\d(?:[ .\-/]{0,2}\d){7,10})(?![\w])",
)
_BSN = re.compile(
    r"(?<![\w.,-])(?:\d{9}|\d{3}([ .-])\d{3}\1\d{3}|\d{4}[. -]\d{2}[. -]\d{3}"
    r"|\d{2}[. ]\d{2}[. ]\d{2}[. ]\d{3})(?![\w-])"
)
_BELGIAN = re.compile(r"(?<![\w.-])\d{2}[. ]?\d{2}[. ]?\d{2}[ -]?\d{3}[. ]?\d{2}(?![\w-])")


def find_citizen_numbers(text: str) -> Iterator[Found]:
    """BSN: nine digits that pass the eleven-test, or any after the word; Belgian national numbers (check modulo 97)."""
    for match in _BSN_CUED.finditer(text):
        yield Found(match.start(1), match.end(1), Kind.BSN)
    for match in _BSN.finditer(text):
        start, end = match.span()
        if (
            bsn.is_valid(digits_of(match.group()))
            and not is_product(text, start)
            and not is_amount(text, start, end)
        ):
            yield Found(start, end, Kind.BSN)
    for match in _BELGIAN.finditer(text):
        digits = digits_of(match.group())
        body, check = digits[:9], int(digits[9:])
        if check in (97 - int(body) % 97, 97 - int("2" + body) % 97) and not is_product(text, match.start()):
            yield Found(match.start(), match.end(), Kind.BSN)


_BORN = re.compile(
    r"(?:\bgeboren|\bgeb(?:\.|oorte)?[\s-]?(?:datum|dat|dag|dd|dt)?\b\.?|\bgebdat\w*|\bverjaardag"
    r"|\bjarig|°|\bd\.?o\.?b\.?(?=[\s:]))"
    rf"[^\d\n!?;]{{0,35}}?({DATE})|(?:\bben|\bis) van (?:het jaar )?({DATE})",
)
_BIRTH_WORDS = ("geb", "jaardag", "jarig", "°", "*", "dob", "d.o.b", "ben van", "is van")
_BORN_AFTER = re.compile(
    rf"({DATE})[^\d.!?\n]{{0,20}}\b(?:geboren|geboortedatum|geboortedag|verjaardag|jarig)\b"
)
_NEXT_TO_NAME = re.compile(
    r"[ ,]{0,2}\(?\*? ?(\d{1,2}[-/. ]\d{1,2}[-/. ](?:19\d\d|200\d|201[0-5])|\d{1,2} "
    + MONTH
    + r" (?:19\d\d|200\d|201[0-5]))(?!\d)"
)
_STAR = re.compile(rf"\*\s?({DATE})")


def find_birth_dates(text: str) -> Iterator[Found]:
    """Dates with a word for birth before or after them. A bare year and any other date are left alone."""
    for match in _BORN.finditer(text) if any(word in text for word in _BIRTH_WORDS) else ():
        start, end = match.span(1) if match.group(1) is not None else match.span(2)
        if match.group(2) is not None and not re.search(r"(?:19|20)\d\d|['’]\d\d$", match.group(2)):
            continue
        yield Found(start, end, Kind.BIRTH_DATE)
    for pattern in (_BORN_AFTER, _STAR) if any(word in text for word in _BIRTH_WORDS) else ():
        for match in pattern.finditer(text):
            yield Found(match.start(1), match.end(1), Kind.BIRTH_DATE)


def find_birth_date_after(text: str, place: int) -> Iterator[Found]:
    """The date right after a name that ends at ``place``, when its year is one that people are born in."""
    match = _NEXT_TO_NAME.match(text, place)
    if match:
        yield Found(match.start(1), match.end(1), Kind.BIRTH_DATE)
