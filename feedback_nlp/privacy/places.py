"""Personal data about places and vehicles: street addresses, postcodes and licence plates.

A street without a house number is left alone (it may be where a branch is), and so is a bare city.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from feedback_nlp.privacy.lexicon import Lexicon, word_set
from feedback_nlp.privacy.records import Found, Kind

__all__ = ["STREET_SUFFIX", "find_addresses", "find_plates", "find_postcodes"]

_I = re.IGNORECASE
_UNIT = (
    r"(?!\s?(?:uur|u\b|u\.|min\b|minuut|minuten|sec|dag|dagen|week|weken|maand|maanden|jaar|jaren|keer"
    r"|x\b|maal|euro|eur\b|€|%|procent|km\b|kilometer"
    r"|m\b|meter|mensen|personen|man\b|graden|stuks|winkels?|huizen|nieuwe|andere|extra|verschillende"
    r"|storingen|klachten|auto|pakket|brieven|mails?"
    r"|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|:\d|[.,]\d))"
)
_HOUSE = (
    r"\d{1,4}(?!\d)(?:\s?[-/]\s?(?:\d{1,3}(?!\d)|[a-zA-Z]{1,3}\b|[IVXivx]{1,4}\b)|[a-zA-Z](?![\w])"
    r"|\s[a-hA-H](?![\w'’.])"
    r"|\s?(?:bis|hs|rood|zw|rd|[IVXivx]{2,4}|I)\b(?:\s[A-F]\b)?)?(?:,?\s?(?:bus|bte|app\.?"
    r"|appartement)\s?\w{1,4})?"
)
_NUMBER = rf"(?:\s?,?\s?(?:huis)?(?:nummer|nr\.?|no\.?))?\s?{_HOUSE}{_UNIT}(?!\w)"

_STRONG = (
    r"(?:straat|str\.|laan|weg|plein|gracht|kade|singel|dijk|steeg|dreef|plantsoen|boulevard|steenweg|stwg"
    r"|straatweg|laantje|straatje|pleintje)"
)
_WEAK = (
    r"(?:hof|hofje|pad|markt|park|ring|wal|burg|berg|veld|velden|baan|haven|dam|hoek|kamp|erf|oord|brink"
    r"|es|poort|bos|tuin|akker|heuvel|wijk|donk|ven"
    r"|waard|stein|horst|hove|hoven|weide|weiden|sloot|vaart|plaats|zoom|zijde|eiland|polder|heide"
    r"|gaarde|meent|werf|terp|loo|lei|vest|rei|kaai|voort|dorp"
    r"|sluis|brug|molen|kreek|meer|rak|wetering|kamer|rade|hage|singels|drift|spui|sloot|houw|borg"
    r"|tuinen|landen|bergen)"
)
STREET_SUFFIX: re.Pattern[str] = re.compile(rf"{_STRONG}$|(?:park|pad)$", _I)
"""Ends of words that are streets: a first name before such a word belongs to the street."""

_STREET = re.compile(rf"{_STRONG}(?:\s(?:[nozw]|noord|oost|zuid|west|noordzijde|zuidzijde)\b\.?)?{_NUMBER}")
_WEAK_STREET = re.compile(rf"{_WEAK}{_NUMBER}")
_TWO_WORD = re.compile(
    r"(?<![\w-])(?:(?:[Ll]aan|[Pp]lein|[Ww]eg|[Pp]ark|[Hh]of) (?:(?:van|der|den|de|het"
    r"|'t) ){0,2}[A-Z0-9][\w'’-]{2,30}"
    r"|(?:Lange|Korte|Oude|Nieuwe|Grote|Kleine|Hoge|Lage|Eerste|Tweede|Achter|Sint|St\.) (?:de "
    r"|het )?[A-Z][\w'’-]{2,30})" + _NUMBER
)
_NAMED = re.compile(
    r"(?<![\w-])(?:(?:(?:Het|het|Op de|De|de) )?(?:Spui|Rokin|Damrak|Meir|Neude|Voorstreek|Vrijthof"
    r"|Binnenhof|Buitenhof|Lijnbaan|Blaak|Nes|Zeedijk|Vismarkt|Plantage|Ganzenmarkt|Mariaplaats)"
    r"|(?:Rue|Avenue|Chaussée|Boulevard|Place|Quai|Allée) (?:(?:de|du|des|la|le|d'"
    r"|l') ?){0,2}[A-Z][\w'’-]{1,30}(?: [A-Z][\w'’-]{1,30})?)" + _NUMBER
)
_BELGIAN_LINE = re.compile(
    rf"(?<![\w-])((?:[A-Z][\w'’.-]{{1,30}}\s){{0,3}}[A-Z][\w'’.-]{{2,30}}{_NUMBER}),?\s[1-9]\d{{3}}\s(?=[A-Z][a-z])"
)
_CUE = re.compile(
    r"(?:\b[Ww]oon(?:t|achtig)?|\bwonen(?:d|de)?|[Aa]dres(?:wijziging)?|[Ll]everadres|[Ff]actuuradres"
    r"|\bverhui\w+|\bbezorg\w*|\bafgelever\w*|\bgeleverd|\bgebracht|\bwonende|\bburen|\bpand|\bhuis"
    r"|\bwoning)"
    r"(?: (?:is|was|wij|we|ik|nu|zelf|namelijk|al|sinds|hier|daar|tegenwoordig|te|van|mij|ons))*[\s:,]{1,3}"
    r"(?:(?:op|aan|in|naar|bij|te|van)\s)?(?:(?:de|het|den|'t)\s)?"
    rf"((?:(?:[A-Z][\w'’.-]{{1,30}}|van|de|der|den|het|'t|op|aan|ten"
    rf"|ter)\s){{0,4}}[A-Z][\w'’.-]{{2,30}}{_NUMBER})"
)
_CUE_WORDS = (
    "woon",
    "adres",
    "verhui",
    "wonen",
    "bezorg",
    "lever",
    "gebracht",
    "buren",
    "pand",
    "huis",
    "woning",
)
_CUE_LOWER = re.compile(
    rf"\b(?:woon|woont|wonen|woonachtig) (?:op|aan|in) (?:de |het |'t )?((?:(?:van|de|der|den|het"
    rf"|'t) ){{0,3}}[a-z'’-]{{4,30}}{_NUMBER})"
)
_HOUSE_ONLY = re.compile(rf"\b(?:huisnummer|huisnr\.?)[\s:=]{{1,3}}(?:is\s|van\s)?({_HOUSE})(?!\w)")
_INSTEAD = re.compile(
    rf",?\s(?:ipv|i\.p\.v\.|in plaats van|niet)\s(?:(?:op|nummer|nr\.?)\s)?({_HOUSE}){_UNIT}(?!\w)", _I
)
_BELGIAN_CODE = re.compile(r"[\s,]{1,3}([1-9]\d{3})(?=\s+[A-Z][a-z])")
_PREFIX = re.compile(
    r"(?:(?<![\w-])(?:[A-Z]\.\s?|[A-Z0-9][\w'’.-]{0,30} |(?:van|de|der|den|het|'t|ten|ter|op|aan"
    r"|v\.?d\.?|le|la|du) )){1,5}$"
)
_PREFIX_WORD = word_set(
    "nieuwezijds oudezijds van der den ten ter v.d. vd burgemeester dokter kon. kon burg burg. prof prof. professor dr"
    " dr. doctor ds ds. dominee mr mr. pastoor pater deken kardinaal generaal admiraal"
    " president minister sint st st. koningin koning prins prinses graaf gravin jonkheer jhr. oude"
    " nieuwe lange korte grote kleine hoge lage eerste tweede derde"
    " vierde 1e 2e 3e 4e 1ste 2de noord zuid oost west noorder zuider ooster wester martin johan karel"
    " jacob anne nelson albert"
)
_ORDINARY_ROADS = word_set(
    "onderweg terugweg heenweg snelweg omweg uitweg halverweg spoorweg luchtweg autoweg rondweg zandweg"
    " landweg weg straat laan plein dijk gracht kade steeg autosnelweg fietsstraat"
    " winkelstraat buurtweg ventweg voetweg waterweg"
    " marktplein schoolplein parkeerplein"
)
_POSTCODE = re.compile(r"(?<![\w.,€+-])([1-9]\d{3})(\s{0,2})([A-Za-z]{2})(?![\w'’]|-[A-Za-z])")
_POSTBUS = re.compile(r"postbus\s?\d{1,5}[\s,]{1,3}$", _I)
_POSTCODE_CUE = re.compile(r"post\s?code[\s:=(]{0,3}(?:is\s|van\s|was\s|nummer\s)?$", _I)
_POSTCODE_FOUR = re.compile(
    r"\bpost\s?code[\s:=(]{0,3}(?:is\s|was\s)?([1-9]\d{3})(?![\w])(?!\s?[A-Za-z]{2}\b)", _I
)
_AFTER_CODE = re.compile(
    rf"[\s,/-]{{0,3}}(?:(?:en|met|op)\s)?(?:(?:huis)?(?:nummer|nr\.?"
    rf"|no\.?)[\s:]{{0,2}}(?:is\s)?)?({_HOUSE}){_UNIT}(?!\w)",
    _I,
)
_BEFORE_CODE = re.compile(
    r"((?:(?:[A-Z0-9][\w'’.-]{0,30}|van|de|der|den|het|'t|op"
    r"|aan) ){0,4}[A-Za-z][\w'’.-]{2,30} (?:(?:nr\.?|nummer)\s)?" + _HOUSE + r")[\s,;]{1,3}$"
)
_UNITS = word_set("gb mb kb tb kg mm cm ml kw km wh va hz")
_NO_LETTERS = word_set(
    "ah tv eu bv nv nl wk ek hp wh px dp cc hz ma va ne ja en op in na of te er is ik we ze me"
    " al de nu we bi wo vr di do za zo"
    " st kv kn lb oz sm sa sd ss be uk us vs cv ok"
)


def _grow(text: str, start: int, lexicon: Lexicon) -> int:
    """Move the start of a street back over the words that belong to its name."""
    before = _PREFIX.search(text, max(0, start - 70), start)
    if before is None:
        return start
    words = list(re.finditer(r"\S+", before.group()))
    first = start
    for word in reversed(words):
        plain = word.group().lower()
        known = (
            plain in _PREFIX_WORD
            or plain in lexicon.first_names
            or re.fullmatch(r"(?:[a-z]\.)+", plain) is not None
        )
        known = known or (word.group()[0].isupper() and plain in {"de", "het", "den", "van"})
        inner = plain in {"de", "het", "'t", "le", "la", "du"} and word is not words[0]
        if not known and not inner:
            break
        if inner:
            continue
        first = before.start() + word.start()
    if text[
        start
    ].isupper():  # "van de Dorpsstraat": a name does not begin in lower case when it goes on with a capital
        while text[first].islower():
            first = text.index(" ", first) + 1
    return first


def _word_start(text: str, place: int) -> int:
    start = place
    while start > 0 and place - start < 40 and (text[start - 1].isalnum() or text[start - 1] in "'’-"):
        start -= 1
    return start


def _is_street(first: str, word: str, strong: bool, lexicon: Lexicon) -> bool:
    """Whether a word before a house number is a street: ``strong`` when its ending is that of streets alone."""
    if strong:
        road = word in _ORDINARY_ROADS and (first.islower() or word in {"weg", "straat"} or len(word) > 7)
        return not road and not word.endswith(("snelweg", "onderweg", "spoorweg"))
    known = word in lexicon.not_names or word in lexicon.ordinary or word in lexicon.first_names
    return first != first.lower() and len(word) > 4 and not known


def find_addresses(text: str, low: str, lexicon: Lexicon) -> Iterator[Found]:
    """Streets with a house number, with the Belgian postcode after it, and a house number named as such.

    Args:
        text: The text as typed.
        low: The same in lower case, of the same length.
        lexicon: The word lists.

    Yields:
        Findings of the kind ADRES.
    """
    for match in chain(_TWO_WORD.finditer(text), _NAMED.finditer(text)):
        yield from _with_code(text, _grow(text, match.start(), lexicon), match.end())
    for match in _BELGIAN_LINE.finditer(text):
        if match.group(1).split()[0].lower() not in lexicon.not_names:
            yield from _with_code(text, match.start(1), match.end(1))
    for pattern in (_STREET, _WEAK_STREET):
        for match in pattern.finditer(low):
            start = _word_start(text, match.start())
            word = re.match(r"[\w'’-]+", low[start : match.end()])
            if word and _is_street(text[start : start + 4], word.group(), pattern is _STREET, lexicon):
                yield from _with_code(text, _grow(text, start, lexicon), match.end())
    for match in _CUE.finditer(text) if any(word in low for word in _CUE_WORDS) else ():
        words = re.findall(r"[\w'’.-]+", match.group(1).lower())
        if (
            words
            and words[0] not in lexicon.not_names
            and not any(w in lexicon.not_names for w in words[:-1] if not w.isdigit())
        ):
            yield from _with_code(text, match.start(1), match.end(1))
    for match in _CUE_LOWER.finditer(low):
        words = [w for w in match.group(1).split() if w.isalpha()]
        if words and words[-1] not in lexicon.ordinary and words[-1] not in lexicon.not_names:
            yield Found(match.start(1), match.end(1), Kind.ADDRESS)
    for match in _HOUSE_ONLY.finditer(low):
        yield Found(match.start(1), match.end(1), Kind.ADDRESS)


def _with_code(text: str, start: int, end: int) -> Iterator[Found]:
    yield Found(start, end, Kind.ADDRESS)
    other = _INSTEAD.match(text, end)
    if other:
        yield Found(other.start(1), other.end(1), Kind.ADDRESS)
    code = _BELGIAN_CODE.match(text, end)
    if (code and not re.match(r"(?:19|20)\d\d$", code.group(1))) or (code and "," in code.group()):
        yield Found(code.start(1), code.end(1), Kind.ADDRESS)


def find_postcodes(text: str) -> Iterator[Found]:
    """Dutch postcodes; with a house number before or after it the whole is an address."""
    for match in _POSTCODE.finditer(text):
        digits, gap, letters = match.groups()
        start, end = match.span()
        if _POSTBUS.search(text, max(0, start - 20), start):
            continue
        cued = _POSTCODE_CUE.search(text, max(0, start - 25), start) is not None
        before = _BEFORE_CODE.search(text, max(0, start - 90), start)
        if before and not re.search(r"[-\s,](?:postcode)$", before.group(1), _I):
            cued = cued or letters.isupper() or not gap
        if not cued:
            unit = letters.lower() in _UNITS and (
                not letters.isupper() or digits.endswith("0") or digits in ("1024", "2048", "4096")
            )
            if (
                unit
                or letters.lower() in _NO_LETTERS
                or (letters.islower() and gap)
                or (letters != letters.upper() and letters != letters.lower() and gap)
            ):
                continue
        after = _AFTER_CODE.match(text, end)
        if before and before.group(1)[0].isupper() and not re.search(r"\d{4}", before.group(1)):
            yield Found(before.start(1), before.end(1), Kind.ADDRESS)
        if after:
            yield Found(start, after.end(1), Kind.ADDRESS)
        else:
            yield Found(start, end, Kind.ADDRESS if before else Kind.POSTCODE)
    for match in _POSTCODE_FOUR.finditer(text):
        after = _AFTER_CODE.match(text, match.end())
        yield Found(
            match.start(1), after.end(1) if after else match.end(1), Kind.ADDRESS if after else Kind.POSTCODE
        )


_L = r"[A-Za-z]"
_SIDECODES = (
    "LL-DD-DD DD-DD-LL DD-LL-DD LL-DD-LL LL-LL-DD DD-LL-LL DD-LLL-D D-LLL-DD"
    " LL-DDD-L L-DDD-LL LLL-DD-L L-DD-LLL D-LL-DDD DDD-LL-D"
)


def _shape(separator: str) -> str:
    """A pattern for every Dutch sidecode (L a letter, D a digit) with this pattern between its groups."""
    codes = _SIDECODES.replace("L", "[A-Za-z]").replace("D", r"\d")
    return "|".join(
        code.replace("]-", f"]{separator}").replace("d-", f"d{separator}") for code in codes.split()
    )


_PLATE = re.compile(rf"(?<![\w-])(?:{_shape('-')}|[1-9]-{_L}{{3}}-\d{{3}})(?![\w-])")
_PLATE_LOOSE = re.compile(
    rf"(?<![\w-])(?:{_shape('[ .-]?')}|[1-9][ .-]?{_L}{{3}}[ .-]?\d{{3}}|{_L}{{3}}[ .-]?\d{{3}}"
    rf"|\d{{3}}[ .-]?{_L}{{3}})(?![\w-])"
)
_PLATE_CUE = re.compile(
    r"kenteken|nummerplaat|nummerplaten|plaat\b|\bauto\b|\bwagen\b|voertuig|\bmotor\b|\bscooter"
    r"|\bbusje?\b|lease|\bbrommer|caravan|aanhanger|camper|parkeer|boete|geflitst"
    r"|\brdw\b|\bapk\b|\bvolvo|\bgolf\b|\bpolo\b|\btoyota|\bbmw|\baudi|\bopel|\bford|\bkia\b|peugeot"
    r"|renault|skoda|citro[eë]n|mercedes|tesla|\bfiat\b|volkswagen",
)
_VEHICLE_WORDS = tuple(
    word_set(
        "kenteken nummerpla plaat auto wagen voertuig motor scooter bus lease brommer caravan aanhanger camper parkeer"
        " boete flits rdw apk volvo golf polo toyota bmw audi opel ford kia peugeot renault skoda"
        " citro mercedes tesla fiat"
        " volkswagen"
    )
)
_PLATE_WORD = re.compile(
    r"(?:kenteken|nummerplaat)(?:nummer|plaat)?[\s:=(]{0,3}(?:(?:is|was|met|van|mijn|auto"
    r"|de)\s){0,2}((?=[A-Za-z]{0,4}[ .-]?\d)[A-Za-z0-9]{1,4}(?:[ .-]?[A-Z0-9a-z]{1,4}){1,2})(?![\w-])",
)
_MONTHS = word_set("jan feb mrt apr mei jun jul aug sep okt nov dec")


def find_plates(text: str, low: str) -> Iterator[Found]:
    """Licence plates: every Dutch sidecode and the Belgian series; without dashes only near a word for a vehicle."""
    for match in _PLATE_WORD.finditer(low) if "kenteken" in low or "nummerplaat" in low else ():
        value = text[match.start(1) : match.end(1)]
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        if mixed and (_PLATE_LOOSE.match(value) is None) and len(value) >= 5 and " " not in value:
            yield Found(match.start(1), match.end(1), Kind.PLATE)
    for match in _PLATE.finditer(text) if "-" in text else ():
        if not _is_date(match.group()):
            yield Found(match.start(), match.end(), Kind.PLATE)
    for match in _PLATE_LOOSE.finditer(text) if any(word in low for word in _VEHICLE_WORDS) else ():
        start, end = match.span()
        near = _PLATE_CUE.search(low, max(0, start - 60), min(len(text), end + 40))
        close = re.search(
            r"(?:kenteken|nummerplaat)\W{0,3}(?:(?:is|was|met|van|mijn)\W){0,2}$",
            text[max(0, start - 30) : start],
            _I,
        )
        value = match.group()
        letters = "".join(c for c in value if c.isalpha())
        if near and not _is_date(value) and (close or (letters.isupper() and " " not in value)):
            yield Found(start, end, Kind.PLATE)


def _is_date(value: str) -> bool:
    return any(
        part.lower() in _MONTHS or part.lower() in {"uur", "dag", "en", "tot", "van"}
        for part in re.split(r"[ .-]", value)
    )
