"""What introduces a name, what belongs to one and what shows that it is a company's.

The cues are for text in lower case.
"""

from __future__ import annotations

import re

from feedback_nlp.privacy.lexicon import word_set

__all__ = [
    "ACTS",
    "ALSO_THINGS",
    "CALLED",
    "COMPANY_AFTER",
    "COMPANY_BEFORE",
    "CUE",
    "CUE_GAP",
    "EVERYDAY_BEGINNINGS",
    "EVERYDAY_ENDINGS",
    "FOR_US",
    "GOES_ON",
    "GREETINGS",
    "LEADING_PREFIXES",
    "LED_LOWER",
    "LOOSE_CUES",
    "NEVER_LOWER",
    "NOT_BEFORE_LED",
    "NOT_BEFORE_SURNAME",
    "NO_CUE",
    "OPEN",
    "OPENERS",
    "OPENING_PREFIXES",
    "OWN_CUES",
    "PLACE_PREFIXES",
    "PLAIN_PREFIXES",
    "PREFIXES",
    "PRODUCT_WORD",
    "RARELY_FIRST",
    "SHORT_PREFIXES",
    "SHORT_TITLES",
    "SIGN_GAP",
    "TOKEN",
]

TOKEN = re.compile(
    r"(?:(?:IJ|Tj|Sj|Th|Ch|Ph|Chr|Joh|Jac|Fr|Kl|[A-ZÀ-ÖØ-ÞŠŞÇİ])\.[ -]?){1,6}(?=[^\W\d_'’ ]|[ ])"
    r"|(?:[a-z]\.){1,6}(?=[^\W\d_'’ ]|[ ])|[vV]/[dD]\b|['’][tT]\b|[^\W\d_]+(?:['’‑-][^\W\d_]+)*"
)
PREFIXES = word_set(
    "van de den der ten ter te 't ’t in op aan het vd v.d. v/d el al ben bin da dos das di du le la"
    " les von zu ait aït ould von del della don d' l' vander vande vanden uit"
    " onder over bij voor tot thoe then toe ibn abu bou"
)
OPENING_PREFIXES = word_set(
    "v/d van de den der ten ter te 't ’t vd v.d. el al ben von da di du le la op in ait aït vander vande vanden"
)
NEVER_LOWER = word_set(
    "wel heer wees meer es wilde haar oud oude nam bot link snel sterk lang korte lange jonge kant"
    " post waard vriend mens jongen land water winter zomer helder is ham can"
    " tas pen en of met die dat deze was had heeft zei van der den het een geen niet ook nog maar om"
    " uit aan bij op in te over voor door naar tot als dan toen want dus wij ik"
    " u uw je jij jullie hij zij ze we ons onze hun mijn zijn haar waar wat wie hoe nu al er hier daar"
    " heel erg zo zeer alleen ja nee per via sinds dame dames heren"
)
COMPANY_AFTER = re.compile(
    r"\s?(?:&|\+)\s?\w|\s(?:en|&) (?:zonen|zn\b|partners|co\b|zoon)|\s(?:b\.?v\b|n\.?v\b|v\.?o\.?f\b"
    r"|holding|groep\b|group\b|verzeker(?:ingen|aar)|makelaar(?:s|dij)\b"
    r"|assurant|advies|adviseurs\b|hypothe(?:ken|ek)|advoca(?:ten|tuur)|notariaat|notarissen|accountan"
    r"|bank\b|bouw(?:bedrijf|groep)?\b|install|transport\b|keukens?\b|mode\b|opti(?:ek|ciens?)\b"
    r"|tandartsen|energie\b|telecom|schilders?werken|schilderwerk|auto(?:bedrijf|'s|handel)\b|garage\b"
    r"|juwelier|meubelen|reisbureau|taxi\b|verhuiz|loodgiet|elektr|techniek\b|services?\b|fietsen\b"
    r"|tweewiel"
    r"|vastgoed|administrat|belasting|financ|pensioen(?:en)?\b|zorg\b|apothe|bakkerij|slagerij|hotel"
    r"|stichting|college\b|school\b|ziekenhuis|kliniek|instituut|museum|supermarkt|filiaal|boekhandel"
    r"|tuincentrum|sport\b|schoenen\b|parket\b|vloeren\b|dakwerken|logistiek|incasso|gerechtsdeurwaarder"
    r"|watches|cosmetics)",
    re.IGNORECASE,
)
COMPANY_BEFORE = re.compile(
    r"(?:\bfirma|\bbakkerij|\bslagerij|\bgarage|\bdrukkerij|autobedrijf|notariskantoor|\bmakelaardij"
    r"|restaurant|\bcaf[eé]|\bhotel|\bapotheek|ziekenhuis|\bschool|stichting|bedrijf"
    r"|\bwinkel|kantoor|\bpraktijk|\bhuisartsenpraktijk|\bmerk|\bkeukens? van|\bboekhandel|\bjuwelier"
    r"|\bopticien|kwekerij|klusbedrijf|\btransportbedrijf|installatiebedrijf"
    r"|\bholding|\bfamiliebedrijf|\btuincentrum|loodgietersbedrijf|\bmuseum|\btheater|\bclub|\bprijs"
    r"|\bwet|\bzaal|\bpark|\bgebouw|\bbrug|\bmagazine|\bboek van)\s$",
    re.IGNORECASE,
)


_STRONG_CUES = (
    r"de heer en mevrouw|de heer/mevrouw|de heer|dhr\.?/mevr\.?|dhr\.?|hr\.|mijnheer|menheer|meneer"
    r"|mevrouw|mevr\.?|mvr\.?|mw\.?|mej\.?|mejuffrouw|juffrouw|madame?|heer"
    r"|familie|echtpaar|fam\.?|weduwe|wed\.|drs\.?|ir\.|ing\.|mr\.|dr\.|prof\.?(?: ?dr\.?)?|ds\.|jhr\."
    r"|mrs\.?|miss"
    r"|mijn (?:volledige |voor|achter|meisjes|echte |eigen )?naam is|(?:zijn|haar|wiens|diens"
    r"|de) naam (?:is|was)|mijn naam[: ]|naam(?: en toenaam)?\s?[:=]|(?:ik|hij|zij|ze|die|dat|man|vrouw"
    r"|dame|medewerker|medewerkster|collega|monteur|persoon|meisje|jongen|dochter|zoon) heet(?:te)?"
    r"|genaamd|genoemd|ene|een zekere|op naam van|ten name van|t\.?n\.?v\.?|o\.?n\.?v\.?|ondergetekende"
    r"|voornaam(?: is)?|achternaam(?: is)?|meisjesnaam(?: is)?|roepnaam(?: is)?|contactpersoon|tekent"
    r"|getekend|was getekend|w\.g\."
    r"|klantnaam|verzekerde|rekeninghouder|polishouder|kaarthouder|contractant|erflater|naar naam"
    r"|luistert naar de naam"
)
_FAIR_CUES = (
    r"(?:ge|be)sproken(?: heb ik)? met|gesprek(?:je)? met|contact(?: gehad)? met|gebeld met|gemaild met"
    r"|gechat met|chat met|afspraak met|afgesproken met|te maken met|aan de (?:lijn|telefoon|balie) met"
    r"|in gesprek met|spreken met|spreek met|sprak(?: met)?"
    r"|geholpen door|te woord gestaan door|behandeld door|gebeld door|doorverbonden met|ontvangen door"
    r"|bijgestaan door|ondertekend door|geschreven door|opgelost door|met name door"
    r"|medewerkers?|medewerkster|collega'?s?|adviseurs?|adviseuse|monteurs?|chauffeur|bezorger|koerier"
    r"|consulente?|consultant|klantadviseur|agent(?:e)?|telefoniste?|baliemedewerk(?:er|ster)"
    r"|receptioniste?|verkoper|verkoopster|accountmanager|teamleid(?:er|ster)|manager|leidinggevende"
    r"|behandelaar|dossierbehandelaar|schade-?expert|expert|makelaar|notaris|advocaat|huisarts|dokter"
    r"|tandarts|arts|verpleegkundige|zuster|broeder|juf|meester|docent|begeleider|begeleidster"
    r"|bewindvoerder|mentor|curator|therapeut|fysiotherapeut|psycholoog|kapper|kapster|stagiair(?:e)?"
    r"|planner|technicus|installateur|bankier|agent|zr\.?|br\.|fietsenmaker|timmerman|schilder"
    r"|loodgieter|stukadoor|huismeester|reisleid(?:er|ster)|di[eë]tiste?|logopediste?|orthodontist"
    r"|mondhygi[eë]niste?|conducteur|kassi[eè]re|acceptant|assistente?|kinderarts|chirurg|cardioloog"
    r"|specialist|wijkverpleegkundige|thuishulp|maatschappelijk werker|rector|directeur|directrice"
    r"|hypotheekadviseur|verzekeringsadviseur|servicemedewerker|klantenservicemedewerker"
    r"|supportmedewerker|gids|instructeur|trainer|coach"
    r"|(?:mijn|m'n|me|ons|onze|zijn|z'n|haar|hun|uw|je|jullie|zn|mn) (?:overleden |oudste |jongste "
    r"|eigen |ex-?|nieuwe |lieve )?(?:man|vrouw|echtgenoot|echtgenote|zoon|zoontje|dochter|dochtertje"
    r"|moeder|vader|broer|broertje|zus|zusje|opa|oma|partner|vriend|vriendin|kind|kindje|kleinzoon"
    r"|kleindochter|kleinkind|schoonmoeder|schoonvader|schoonzoon|schoondochter|schoonzus|zwager|nicht"
    r"|neef|tante|oom|mama|papa|ma|pa|ex|buurman|buurvrouw|verloofde|baas|pleegzoon|pleegdochter"
    r"|stiefzoon|stiefdochter|baby|tweeling|peetzoon|petekind|metekind|gezin)"
    r"|buurman|buurvrouw|tante|oom|opa|oma|klant|cli[eë]nt|pati[eë]nt|bewoner|huurder|verhuurder"
    r"|huisbaas|kleinzoon|kleindochter|dochtertje|zoontje|echtgenoot|echtgenote|schoonmoeder|erven"
    r"|nabestaanden van|wijlen"
    r"|geachte|beste|hallo|hoi|hey|hai|dag|lieve|goedemorgen|goedemiddag|goedenavond|goedendag|hi|ha"
    r"|waarde|t\.?a\.?v\.?|ter attentie van|namens|dank(?:jewel| je wel| u wel|zij)?|bedankt|dankje"
    r"|groeten aan|complimenten (?:voor|aan)|hulde(?: aan| voor)?|pluim voor|chapeau voor|petje af voor"
    r"|bloemen voor|met dank aan|dankzij|ik ben|ben ik|wij zijn|met mij,|u spreekt met|je spreekt met"
    r"|hier met"
)
_SIGN_CUES = (
    r"(?:met )?(?:een )?(?:hele )?(?:vriendelijke?|hartelijke|warme|beleefde|oprechte|sportieve|zonnige"
    r"|gemeende|vr\.?|vriend\.?|collegiale|lieve|bezorgde|boze|teleurgestelde) (?:groet(?:en)?|groetjes"
    r"|gr\.?)(?: van)?"
    r"|m\.?v\.?r?\.?g\.?|m\.?v\.?gr\.?|vr\.? ?gr\.?|groet(?:en|jes)?(?: van)?|gr\.?|grt(?:jes)?\.?"
    r"|hoogachtend|met hoogachting|hgr|liefs|mvg\.?|dank en groet(?:en)?|alvast bedankt|bvd|met achting"
    r"|uw klant|vriendelijk groetend|afzender|ondertekenaar"
)
CUE = re.compile(rf"(?:(?P<sign>{_SIGN_CUES})|(?P<strong>{_STRONG_CUES})|(?P<fair>{_FAIR_CUES}))(?![\w-])")
LED_LOWER = word_set("jonge lange korte oude wilde waard water winter heer meer haar land")
OPEN = frozenset('.!?\n:•;"“')
NO_CUE = frozenset("qxyéë")
OPENERS = word_set(
    "hierbij graag naar bedankt dank wanneer waarom helaas vandaag gisteren mijn onze omdat vorige"
    " afgelopen sinds volgens tijdens deze hallo goed heeft zegt gaat komt kunt"
    " wilt weet toch maar over door onder zeer niet geen alle alles jammer prima super"
)
SIGN_GAP = re.compile(r"[\s,.:;!\-–*_(]{0,12}")
CUE_GAP = re.compile(r"[ \t\u00a0]{0,3}[:,(\"“]?[ \t\u00a0]{0,3}")
ACTS = word_set(
    "belde heeft hielp vertelde zei gaf beloofde kwam nam had legde luisterde reageerde mailde"
    " stuurde regelde zou kon dacht hij zij beantwoordde vroeg wist snapte begreep zocht deed ging"
    " loste bleef verwees bracht zorgde appte schreef meldde verbond bood van uit helpt belt kan denkt weet"
)

EVERYDAY_ENDINGS = tuple(
    word_set(
        "heid dienst service medewerker medewerkster afdeling ing ingen tie ties lijk lijke eur "
        "euse team verlening bedrijf verzekering kantoor winkel centrale desk isch ische baar bare "
        "loos loze achtig achtige schap"
    )
)

EVERYDAY_BEGINNINGS = (
    "klant",
    "schade",
    "verzeker",
    "hypothe",
    "pensioen",
    "energie",
    "internet",
    "afdeling",
)
PRODUCT_WORD = re.compile(
    r"(?:product|pakket|app|dienst|verzekering|rekening|abonnement|tarief|plan|tool|programma|actie|systeem|site)\s$",
    re.IGNORECASE,
)
SHORT_PREFIXES = word_set("v.d. vd v/d")
GOES_ON = word_set("en van uit die heeft was had")
"""What shows that a name before it is over."""
RARELY_FIRST = word_set("mei nam anders ni made nader")
"""First names that are hardly ever one."""
GREETINGS = word_set("hoi hallo beste hey hi lieve geachte")
NOT_BEFORE_LED = word_set("bij firma van merk in naar")
"""What stands before a place or a company rather than a surname with a prefix."""
NOT_BEFORE_SURNAME = word_set("bij firma merk in naar te via")
"""The same for a surname without one."""
LEADING_PREFIXES = word_set("van de den ten ter el ait vande vander v.d.")
"""Prefixes that may open a surname nothing introduces."""
PLACE_PREFIXES = word_set("te in op")
"""Prefixes that oftener lead to a place."""
PLAIN_PREFIXES = word_set("de van het in op")
"""Prefixes that are everyday words."""
FOR_US = word_set("mij me ons meteen direct netjes keurig")
"""What follows when somebody did something for the writer."""
ALSO_THINGS = word_set("hoop wil lot roos")
"""First names that are things, also at the beginning of a sentence."""
CALLED = word_set("genaamd genoemd")
LOOSE_CUES = frozenset(
    ("ik ben", "ben ik", "wij zijn", "klant", "manager", "expert", "dag", "bedankt", "dank", "agent")
)
"""Cues that prove little: a capital and a known surname must come too."""
OWN_CUES = frozenset(("ik ben", "ben ik", "u spreekt met", "je spreekt met", "met mij,"))
"""With these people name themselves."""
SHORT_TITLES = frozenset(
    (
        "dhr",
        "hr",
        "mevr",
        "mw",
        "mvr",
        "mej",
        "fam",
        "de heer",
        "meneer",
        "mijnheer",
        "familie",
        "mijn naam is",
    )
)
"""After these even an everyday word is a surname."""
