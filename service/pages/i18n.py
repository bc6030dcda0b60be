"""Dutch and English: catalogues, and how numbers, dates and ages are written.

Messages in code and templates are English; `service/locales/nl/messages.po` says them in Dutch and is read at start, so
that there is nothing to compile.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

from feedback_nlp.taxonomy import Language

__all__ = ["DEFAULT", "LANGUAGES", "Translator", "language_of", "translator"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "nl"
_LOCALES: Final = {"nl": "nl_NL", "en": "en_GB"}
_FOLDER: Final = Path(__file__).resolve().parent.parent / "locales"
_ZONE: Final = ZoneInfo("Europe/Amsterdam")


class Translator:
    """Says messages, numbers and moments in one language. Moments are shown in Dutch time."""

    def __init__(self, language: Language) -> None:
        """Read the language's catalogue, if it has one."""
        self.language: Final[Language] = language
        self.locale: Final = Locale.parse(_LOCALES[language])
        self._catalogue = _catalogue(language)

    def raw(self, message: str) -> str:
        """The message with nothing filled in, as templates want it."""
        return str(self._catalogue.ugettext(message))

    def raw_plural(self, one: str, many: str, count: int) -> str:
        """The form for a count, with nothing filled in."""
        return str(self._catalogue.ungettext(one, many, count))

    def gettext(self, message: str, /, **values: object) -> str:
        """The message in this language; `%(name)s` is filled in."""
        text = self.raw(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The message for one or for several; `%(num)s` is the count."""
        return self.raw_plural(one, many, count) % {"num": self.number(count), **values}

    def number(self, value: float) -> str:
        """With the language's separators, at most one decimal."""
        return format_decimal(round(value, 1), locale=self.locale)

    def decimal(self, value: float, digits: int) -> str:
        """With the language's separators and exactly so many decimals."""
        shown = round(value, digits) + 0.0
        return format_decimal(shown, format=f"#,##0.{'0' * digits}", locale=self.locale)

    def percent(self, share: float) -> str:
        """A share 0-1 as whole per cent."""
        return format_percent(
            share, format="#,##0 %" if self.language == "nl" else "#,##0%", locale=self.locale
        )

    def day(self, moment: datetime | date) -> str:
        """A date such as 3 mrt 2026."""
        at = moment.astimezone(_ZONE) if isinstance(moment, datetime) else moment
        return format_date(at, "d MMM y", locale=self.locale)

    def short_day(self, day: date) -> str:
        """A date without its year, such as 3 mrt."""
        return format_date(day, "d MMM", locale=self.locale)

    def month(self, day: date) -> str:
        """A month such as mrt 2026."""
        return format_date(day, "MMM y", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """A date with the time."""
        return format_datetime(moment, "d MMM y HH:mm", tzinfo=_ZONE, locale=self.locale)

    def ago(self, moment: datetime, now: datetime) -> str:
        """An age such as 3 uur, in one unit."""
        return format_timedelta(now - moment, threshold=1.2, locale=self.locale)


@cache
def translator(language: Language) -> Translator:
    """The translator of a language, made once."""
    return Translator(language)


def language_of(asked: str | None, default: Language = DEFAULT) -> Language:
    """A language that is known, or the default."""
    return next((known for known in LANGUAGES if known == asked), default)


def _catalogue(language: Language) -> NullTranslations:
    source = _FOLDER / language / "messages.po"
    if not source.is_file():
        return NullTranslations()
    with source.open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled)
