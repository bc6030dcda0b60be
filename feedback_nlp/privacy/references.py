"""Numbers of customers, policies, orders, cases and the like.

A shape alone is not enough (a price, a product number and an order number are all digits), so the words before count.

Every finder takes a text in lower case and yields findings. Patterns have bounded repeats, so that their time is linear
in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback_nlp.privacy.context import DATE, digits_of, is_amount, is_product
from feedback_nlp.privacy.records import Found, Kind

__all__ = ["find_loose_numbers", "find_references"]

_PUBLIC = re.compile(r"(?:0800|090[069]|088)[ -]?\d|14 ?0\d\d?$")
_SUBJECT = (
    r"(?:klant(?:en)?|cli[eë]nt|polis|order|bestel|bestelling|dossier|zaak|claim|schade|factuur|nota"
    r"|relatie|contract|lidmaatschaps?|lid|ticket|meldings?|melding"
    r"|lening|leen|hypotheek|reserverings?|reservering|boekings?|boeking|abonnements?|abonnement"
    r"|pati[eë]nt|debiteur(?:en)?|crediteur(?:en)?|deelnemers?|inschrijf|student"
    r"|retour|verzend|zending|pakket|track\s?(?:&|and|en)\s?trace|transactie|betalings?|incasso|volg"
    r"|case|incident|aanvraag|offerte|kaart|pas|rijbewijs|paspoort"
    r"|document|meter|aansluit|imei|leerling|personeels|account|gebruikers?|verzekerden?"
    r"|verzekering|sepa|mandaat|machtigings?|kenmerk|referentie|ref|toestel|klacht(?:en)?|machine)"
)
_NUMBER_WORD = r"(?:[\s-]?(?:nummers?|nrs?\b\.?|nmr\.?|num\.?|no\b\.?|codes?|id\b|kenmerk|referentie))"
_VALUE = (
    r"(?:[a-z]{1,6}[-/.]?)?\d[\w]*(?:[-/.][\w]{1,12}){0,4}|[a-z]{1,6}(?:[-/.][\w]{1,12}){1,4}"
    r"|[a-z]{1,6}\d[a-z0-9]{2,12}"
)
_SPACED = r"(?:[a-z]{0,4}\d{2,6}(?: \d{2,6}){1,4})(?![\w])"
_JOIN = (
    r"(?:\s?(?:is|was|luidt|met|van mij|nr\.?|nummer|no\.|onder|betreft|staat op|toch|gewoon|dus|:|=|#"
    r"|\()){0,3}[\s:=#(.\-]{0,4}"
)
_STRONG = re.compile(rf"{_SUBJECT}{_NUMBER_WORD}{_JOIN}({_SPACED}|{_VALUE})")
_NAMED = re.compile(
    rf"\b(?:kl\.?\s?nr\.?|kenmerk|referentie|ref\.?|track\s?(?:&|and|en)\s?trace|t&t"
    rf"|imei)(?:[\s-]?code)?{_JOIN}({_SPACED}|{_VALUE})"
)
_FAR = re.compile(
    rf"{_SUBJECT}{_NUMBER_WORD}(?:\s(?!\w*(?:nummer|nr\b|tel|artikel|datum"
    rf"|euro))[a-z']{{1,12}}){{1,4}}[\s:=#(]{{1,3}}"
    r"((?:[a-z]{1,6}[-/.]?)?\d{4,20}(?:[-/.]\w{1,12}){0,3})(?!\w)",
)
_SCAN = re.compile(
    rf"\b{_SUBJECT}|(?:polis|claim|dossier|order|bestelling|melding|lening|contract|ticket|abonnement"
    rf"|factuur|verzekering)"
)
_WEAK = re.compile(rf"{_SUBJECT}\b{_JOIN}({_SPACED}|{_VALUE})")
_BARE_CUE = re.compile(
    rf"(?<!huis)(?<!telefoon)(?:\bnummer|\bnr\.?|\bnum\."
    rf"|#){_JOIN}((?:[a-z]{{1,4}}[-/]?)?\d{{5,20}}(?:[-/]\w{{1,8}})?)(?!\w)"
)
_ANY_NUMBER = re.compile(
    rf"\b(?!telefoon|tel|mobiel|gsm|fax|huis|artikel|product|type|model|serie|kvk|btw|kamer|lijn|vlucht"
    rf"|versie|bus|spoor|rug|nood|alarm|service|info|06|volg(?!\w*code))"
    rf"[a-z]{{3,25}}-?(?:nummers?|nr\b\.?|nrs\.){_JOIN}({_SPACED}|{_VALUE})"
)
_AT_YOURS = re.compile(
    r"\bnummer (?:bij|van) (?:jullie|u|mij|ons) is[\s:]{1,2}((?:[a-z]{1,4}[-/]?)?\d{4,20})(?!\w)"
)
_ENERGY = re.compile(r"(?<!\w)87\d{16}(?!\w)")
_HASH = re.compile(r"(?<![\w&])#(\d{4,20}(?:-\d{1,6})?)(?!\w)")
_NEXT = re.compile(rf"\s?(?:,|en|of|&|/)\s?(?:ook\s|nr\.?\s|nummer\s)?({_VALUE})(?!\w)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE_ONLY = re.compile(DATE)
_TAIL = ".-/,;:)("


def _reference(text: str, start: int, end: int, least: int) -> Found | None:
    """The value as a finding, or None when it is a date, a year, an amount or has fewer than ``least`` digits."""
    while end > start and text[end - 1] in _TAIL:
        end -= 1
    value = text[start:end]
    digits = len(digits_of(value))
    mixed = any(c.isalpha() for c in value)
    if digits < least or (digits < 4 and not mixed and least > 3):
        return None
    if _YEAR.fullmatch(value) or is_amount(text, start, end) or re.match(r",\d\d(?!\d)", text[end : end + 3]):
        return None
    if _DATE_ONLY.fullmatch(value) and not re.fullmatch(r"\d{8}", value):
        return None
    if re.match(r"\d{1,2}[:.]\d\d(?![\d.])", value) or (least > 3 and re.fullmatch(r"\d{1,3}\.\d{3}", value)):
        return None
    return Found(start, end, Kind.REFERENCE)


def find_references(text: str) -> Iterator[Found]:
    """Numbers of customers, policies, orders, cases, claims and the like, known by the word before them."""
    for word in _SCAN.finditer(text):
        for pattern, least in ((_STRONG, 2), (_FAR, 4), (_WEAK, 4)):
            match = pattern.match(text, word.start())
            if match:
                yield from _listed(text, match, least)
    for match in _ENERGY.finditer(text):
        yield Found(match.start(), match.end(), Kind.REFERENCE)
    for pattern, least in ((_ANY_NUMBER, 4), (_AT_YOURS, 4), (_NAMED, 3), (_BARE_CUE, 5), (_HASH, 4)):
        for match in pattern.finditer(text):
            yield from _listed(text, match, least)


def _listed(text: str, match: re.Match[str], least: int) -> Iterator[Found]:
    """The value a cue points at, and those listed after it."""
    found = _reference(text, match.start(1), match.end(1), least)
    if match.re is _BARE_CUE and _PUBLIC.match(match.group(1)):
        return
    while found is not None:
        if not is_product(text, found.start):
            yield found
        more = _NEXT.match(text, found.end)
        found = _reference(text, more.start(1), more.end(1), 5) if more else None


_LOOSE = re.compile(
    r"(?<![\w.,/€-])(?:\d{8,20}|[A-Z]{1,5}-\d{5,12}(?:-\d{1,6})?|[A-Z]{1,5}\d{6,12})(?![\w/-]|[.,]\d)"
)
_STAMP = re.compile(
    r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]"
    r"|[12]\d|3[01])"
)


def find_loose_numbers(text: str, low: str) -> Iterator[Found]:
    """Long numbers and codes without a word that says what they are; dates, amounts and product numbers are left."""
    for match in _LOOSE.finditer(text):
        start, end = match.span()
        if _STAMP.fullmatch(match.group()) or is_product(low, start) or is_amount(low, start, end):
            continue
        yield Found(start, end, Kind.REFERENCE)
