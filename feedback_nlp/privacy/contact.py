"""E-mail addresses, telephone numbers, and tokens in addresses of pages.

Every finder takes a text in lower case and yields findings. Patterns have bounded repeats, so that their time is linear
in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from feedback_nlp.privacy.context import DATE, digits_of, is_amount, is_product
from feedback_nlp.privacy.records import Found, Kind

__all__ = ["find_emails", "find_phones", "find_tokens"]

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+%'’-]{1,64}(?:\s?@\s?|\s?[(\[]\s?(?:at|@|apenstaartje)\s?[)\]]\s?)"
    r"(?:[a-z0-9-]{1,63}\s?(?:\.|[(\[](?:dot|punt)[)\]])\s?){1,4}?[a-z]{2,18}(?!\w)(?:\.[a-z]{2,3}\b)?",
)
_SPOKEN = re.compile(
    r"(?<!\w)\w[\w.-]{0,40}(?: (?:punt|dot|streepje|underscore) \w{1,40}){0,3} (?:at|apenstaartje|@) \w{1,40}"
    r"(?: ?\. ?| (?:punt|dot) )(?:nl|com|be|net|org|eu|de)\b",
)


def find_emails(text: str) -> Iterator[Found]:
    """E-mail addresses, also those written with ``(at)`` or spoken (``punt``, ``apenstaartje``)."""
    for pattern in (_EMAIL, _SPOKEN):
        for match in pattern.finditer(text):
            lead = len(match.group()) - len(match.group().lstrip(".'’-%"))
            yield Found(match.start() + lead, match.end(), Kind.EMAIL)


_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]{3,2000}|(?<![\w@.-])[a-z0-9-]{1,60}\.(?:nl|com|be|net|org|eu"
    r"|io)/[^\s<>\"]{3,2000}"
)
_URL_PARTS = ("://", "www.", ".nl/", ".com/", ".be/", ".net/", ".org/", ".eu/", ".io/")
_PARAMETER = re.compile(r"[?&#;]([\w.\[\]%-]{1,60})=([^&#;\s]{1,2000})")
_SECRET = re.compile(
    r"token|key|sess|secret|sig|auth|code|pass|wachtw|pwd|hash|jwt|nonce|state|sid|uid|guid|uuid|otp|pin"
    r"|ticket|magic|invite|uitnod"
    r"|access|refresh|client|klant|polis|order|dossier|customer|user|mail|bsn|iban|^id$|_id$|id$|^t$|^k$"
    r"|^s$|^h$|^u$|^c$",
)
_SURE = re.compile(r"token|key|secret|sess|auth|passw|wachtw")
_TOKEN_PATH = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<=[/=])[a-z0-9_.-]{10,200}(?=[/?#.,!)]|$)",
)
_USERINFO = re.compile(r"(?<=://)[^\s/@]{1,100}:[^\s/@]{1,100}(?=@)")
_BARE_TOKEN = re.compile(
    r"\beyj[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]{4,})?|(?<=bearer )[\w.~+/-]{12,}"
    r"|(?:(?<=pincode )|(?<=pincode: )|(?<=pincode is )|(?<=cvc )|(?<=cvc-code )|(?<=cvv ))\d{3,6}\b"
    r"|(?:(?<=token )|(?<=token: )|(?<=token=)|(?<=sleutel ))(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{8,}",
)


def _random_looking(part: str) -> bool:
    """Whether a part of a path looks drawn at random rather than written: letters and digits that keep changing."""
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(part) if a.isalnum() and b.isalnum())
    digits = sum(c.isdigit() for c in part)
    longest = max((len(run) for run in re.split(r"[-_.]", part)), default=0)
    return digits >= 2 and longest >= 8 and len(part) - digits >= 2 and changes >= 3


def find_tokens(text: str) -> Iterator[Found]:
    """Secrets and identifiers in addresses of pages, and JSON web tokens, PIN and CVC codes anywhere.

    Only the value is a finding: the page itself is no personal data.
    """
    for url in _URL.finditer(text) if any(part in text for part in _URL_PARTS) else ():
        start, end = url.start(), url.end()
        while end > start and text[end - 1] in ".,;:!?)]}'’":
            end -= 1
        for match in _USERINFO.finditer(text, start, end):
            yield Found(match.start(), match.end(), Kind.TOKEN)
        for match in _PARAMETER.finditer(text, start, end):
            value = match.group(2)
            secret = _SECRET.search(match.group(1)) and (len(value) >= 4 or any(c.isdigit() for c in value))
            if (
                (secret and not value.isalpha())
                or (secret and (len(value) >= 12 or _SURE.search(match.group(1))))
                or (len(value) >= 8 and _random_looking(value))
            ):
                yield Found(match.start(2), match.end(2), Kind.TOKEN)
        for match in _TOKEN_PATH.finditer(text, start, end):
            part = match.group()
            if (
                (len(part) == 36 and part.count("-") == 4)
                or _random_looking(part)
                or (len(part) >= 8 and part.isdigit())
            ):
                yield Found(match.start(), match.end(), Kind.TOKEN)
    for match in _BARE_TOKEN.finditer(text):
        yield Found(match.start(), match.end(), Kind.TOKEN)


_S = r"[ \u00a0().\-–/]{0,3}"
_PHONE = re.compile(
    rf"(?<![\w+])\(?(?:\+|00)\s?31\)?{_S}(?:\(?0\)?{_S})?[1-9](?:{_S}\d){{8}}(?!\d)"
    rf"|(?<![\w+])\(?(?:\+|00)\s?32\)?{_S}(?:\(?0\)?{_S})?[1-9](?:{_S}\d){{7,8}}(?!\d)"
    rf"|(?<![\w+])\(?\+\s?[1-9]\d{{0,2}}\)?(?:{_S}\d){{6,12}}(?!\d)"
    rf"|(?<![\w+])00[1-9]\d(?:{_S}\d){{7,11}}(?!\d)"
    rf"|(?<![\w.,+-])31{_S}6(?:{_S}\d){{8}}(?!\d)"
    rf"|(?<![\w.,+-])\(?[0oO](?:{_S}\d){{9}}(?!\d)"
    rf"|(?<![\w.,+-])\(?[0oO]6(?:{_S}\d){{7,9}}(?!\d)"
    rf"|(?<![\w.,+-])\(?0[1-9]\d{{0,2}}\)?[ \u00a0().\-–/]{{1,3}}\d(?:{_S}\d){{4,6}}(?![ .\-/]?\d)",
)
_PHONE_CUED = re.compile(
    r"(?:\btel(?:efoon|efonisch)?(?:nummer|nr)?\b|\bmob(?:iel)?(?:nummer|nr)?\b|\bgsm(?:-?nummer|nr)?\b"
    r"|\bbel(?:len)?\b|\b06-?nummer|\bwhatsapp\b|\bapp(?:en)?\b)"
    rf"[\s:.=]{{0,3}}(?:(?:is|me|mij|ons|op|nr\.?|naar|dan|aub|even"
    rf"|via)\s){{0,3}}(\d(?:{_S}\d){{5,10}})(?![\w])",
)
_DATE_FIRST = re.compile(r"0?\d[-./ ]\d{1,2}[-./ ](?:19|20)\d\d|\d\d[.:]\d\d\s?[-–]\s?\d\d[.:]\d\d")
_PUBLIC = ("0800", "0900", "0906", "0909", "088")


def _is_public(digits: str) -> bool:
    """Whether the number is one that organisations publish: 0800, 0900, 0906, 0909, 088, and 070 and 078 in Belgium."""
    for prefix in ("0031", "31", "0032", "32"):
        if digits.startswith(prefix):
            digits = "0" + digits[len(prefix) :].lstrip("0")
            break
    return digits.startswith(_PUBLIC) or (len(digits) == 9 and digits.startswith(("070", "078")))


def find_phones(text: str) -> Iterator[Found]:
    """Telephone numbers of people: Dutch, Belgian and with a country code, however they are spaced.

    The numbers that organisations publish (0800, 0900, 088, 14 0xx) are left alone.
    """
    for match in _PHONE.finditer(text):
        value, start, end = match.group(), match.start(), match.end()
        if _is_public(digits_of(value)) or _DATE_FIRST.match(value.lstrip("(")) or is_product(text, start):
            continue
        if len(digits_of(value)) < 9 and not value.startswith(("06", "(06", "o6", "(o6")):
            continue
        if value.startswith("(") and ")" not in value:
            start += 1
        yield Found(start, end, Kind.PHONE)
    for match in _PHONE_CUED.finditer(text):
        start, end = match.span(1)
        value = match.group(1)
        digits = digits_of(value)
        if (
            digits.startswith("14")
            or _is_public(digits)
            or _DATE_FIRST.match(value)
            or re.fullmatch(DATE, value)
        ):
            continue
        if not is_amount(text, start, end) and (len(digits) >= 7 or " " not in value):
            yield Found(start, end, Kind.PHONE)
