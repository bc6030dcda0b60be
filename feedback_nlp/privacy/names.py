"""Names of people, by what introduces them, by first name and by form.

Three roads lead to a name. (1) A cue: a title ("mevr."), an introduction ("mijn naam is"), a greeting, a signature or a
word for a person ("uw collega"); after it even unknown and lower-case words are taken when they are no everyday Dutch.
(2) Initials with a surname. (3) A known first name, on its own or with a surname. Words that are both a name and
something else need more evidence; names of companies and streets are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from feedback_nlp.privacy.lexicon import Lexicon
from feedback_nlp.privacy.name_cues import (
    ACTS,
    COMPANY_AFTER,
    COMPANY_BEFORE,
    CUE,
    CUE_GAP,
    EVERYDAY_BEGINNINGS,
    EVERYDAY_ENDINGS,
    LED_LOWER,
    NEVER_LOWER,
    NO_CUE,
    OPEN,
    OPENERS,
    OPENING_PREFIXES,
    PREFIXES,
    PRODUCT_WORD,
    SHORT_PREFIXES,
    SIGN_GAP,
    TOKEN,
)
from feedback_nlp.privacy.places import STREET_SUFFIX
from feedback_nlp.privacy.records import Found, Kind

__all__ = ["NameRules"]


class _Trust(IntEnum):
    """How much a cue alone proves: WEAK needs a known first name, FAIR a capital, STRONG takes lower case as well."""

    WEAK = 1
    FAIR = 2
    STRONG = 3


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    low: str
    upper: bool
    """Whether a capital says something: false throughout a text typed in capitals."""
    opens: bool
    """Whether it is the first word of a sentence."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """Words ``first`` to ``last`` look like a name; ``person`` is false when it is a company's or a street's."""

    first: int
    last: int
    person: bool


class NameRules:
    """Finds names without a trained model.

    Args:
        lexicon: The word lists.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lex = lexicon
        self._family = lexicon.surnames
        self._first = lexicon.first_names
        self._clear = lexicon.first_names - lexicon.ambiguous
        self._blocked = lexicon.not_names - lexicon.surnames - lexicon.first_names
        self._phrases = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(lexicon.phrases)))})(?!\w)")
        self._phrase_words = frozenset(re.split(r"[ .]", phrase)[0] for phrase in lexicon.phrases)

    def find(self, text: str, low: str) -> Iterator[Found]:
        """Yield names, not always in order and sometimes overlapping; earlier ones come from better evidence.

        Args:
            text: Any text; placeholders in it break names off.
            low: The same in lower case, of the same length.

        Yields:
            Findings of the kind NAAM.
        """
        words = self._words(text, low)
        if not words:
            return
        at = {word.start: i for i, word in enumerate(words)}
        done = bytearray(len(words))
        hits: list[_Hit] = []
        past = 0
        for word in words:
            match = CUE.match(low, word.start) if word.start >= past and word.low[:1] not in NO_CUE else None
            if match is None:
                continue
            past = match.end()
            first = self._after(text, match.end(), at, match.group("sign") is not None)
            hit = None if first is None else self._cued(text, words, first, match)
            if hit is None:
                continue
            hits.append(hit)
            done[hit.first : hit.last + 1] = b"\1" * (hit.last + 1 - hit.first)
            joined = self._joined(text, words, hit.last + 1)
            if joined is not None:
                hits.append(joined)
                done[joined.first : joined.last + 1] = b"\1" * (joined.last + 1 - joined.first)
        for i, word in enumerate(words):
            if word.low in self._phrase_words:
                phrase = self._phrases.match(low, word.start)
                if phrase:
                    for j in range(i, len(words)):
                        if words[j].start >= phrase.end():
                            break
                        done[j] = 1
        maybe = self._first
        for i, word in enumerate(words):
            if done[i] or not (word.upper or word.low in maybe or "-" in word.low or "'" in word.low):
                continue
            hit = self._loose(text, words, i)
            if hit is not None:
                hits.append(hit)
                done[hit.first : hit.last + 1] = b"\1" * (hit.last + 1 - hit.first)
                joined = self._joined(text, words, hit.last + 1) if hit.person else None
                if joined is not None and not done[joined.first]:
                    hits.append(joined)
                    done[joined.first : joined.last + 1] = b"\1" * (joined.last + 1 - joined.first)
        for hit in hits:
            if hit.person:
                yield Found(words[hit.first].start, words[hit.last].end, Kind.NAME)

    def may_be_name(self, text: str, start: int, end: int) -> bool:
        """Whether what a trained model takes for a name is not a company, a street, a place or an everyday word."""
        words = text[start:end].lower().split()
        if not words or "[" in text[start:end] or self._is_company(text, start, end):
            return False
        return any(word not in self._blocked and word not in self._lex.ordinary for word in words)

    # --- reading -------------------------------------------------------------------------------------------------
    def _words(self, text: str, low: str) -> list[_Word]:
        capitals = sum(map(str.isupper, text))
        shouting = capitals >= 12 and capitals > 0.7 * sum(map(str.isalpha, text))
        words: list[_Word] = []
        end = 0
        opens = True
        for match in TOKEN.finditer(text):
            raw = match.group().rstrip(" -")
            start = match.start()
            if start - end != 1 or text[end] != " ":
                opens = opens or not words or not OPEN.isdisjoint(text[end:start])
            words.append(
                _Word(
                    start,
                    start + len(raw),
                    raw,
                    low[start : start + len(raw)],
                    raw[0].isupper() and not shouting,
                    opens,
                )
            )
            end = start + len(raw)
            opens = raw[-1] == "." and len(raw) > 2
        return words

    def _after(self, text: str, end: int, at: dict[int, int], sign: bool) -> int | None:
        """The word that a cue ending at ``end`` points to, past spaces, a comma or, after a signature, line ends."""
        match = (SIGN_GAP if sign else CUE_GAP).match(text, end)
        return at.get(match.end() if match else end)

    # --- judging words -------------------------------------------------------------------------------------------
    def _bare(self, word: _Word) -> str:
        low = word.low.replace("’", "'")
        return low[:-2] if low.endswith("'s") else low

    def _is_initials(self, word: _Word) -> bool:
        return word.text.endswith(".") and len(word.text) <= 14

    def _known_family(self, low: str) -> bool:
        if low in self._family:
            return True
        parts = low.split("-")
        return (
            len(parts) > 1
            and any(p in self._family for p in parts)
            and not any(p in self._lex.not_names or len(p) < 2 for p in parts)
        )

    def _known_first(self, low: str) -> bool:
        if low in self._clear:
            return True
        parts = low.split("-")
        return len(parts) > 1 and all(p in self._first for p in parts)

    def _is_everyday(self, low: str) -> bool:
        """Whether a word is everyday Dutch, also as a compound or with an ending that names do not have."""
        lex = self._lex
        if low in lex.ordinary or low in lex.not_names:
            return True
        if "-" in low and any(
            part in lex.ordinary or part in lex.not_names for part in low.split("-") if part not in PREFIXES
        ):
            return True
        return len(low) > 7 and (low.endswith(EVERYDAY_ENDINGS) or low.startswith(EVERYDAY_BEGINNINGS))

    def _family_word(self, word: _Word, trust: _Trust, led: bool) -> bool:
        """Whether the word can be (part of) a surname here; ``led`` when a prefix such as "van der" leads it."""
        low = self._bare(word)
        if len(low) < 2 or low in self._blocked:
            return False
        if (
            led
            and word.upper
            and trust >= _Trust.STRONG
            and (low not in self._lex.not_names or low in self._family)
        ):
            return True
        if self._known_family(low):
            return (
                word.upper
                or (led and trust is _Trust.STRONG and low in LED_LOWER)
                or (low not in NEVER_LOWER and (trust >= _Trust.STRONG or low not in self._lex.ordinary))
            )
        if low in self._lex.ordinary or low in self._lex.not_names:
            return False
        if word.upper:
            return not (word.text.isupper() and len(low) <= 4) and not self._is_everyday(low)
        return (trust >= _Trust.STRONG or led) and len(low) >= 3 and not self._is_everyday(low)

    # --- taking a whole name -------------------------------------------------------------------------------------
    def _gap(self, text: str, left: _Word, right: _Word) -> bool:
        between = text[left.end : right.start]
        return between in (" ", "\u00a0", "  ", "", "-", " - ") and not (
            between == "" and not left.text.endswith((".", "-"))
        )

    def _take(
        self, text: str, words: list[_Word], i: int, trust: _Trust, need_case: bool = False
    ) -> tuple[int, bool] | None:
        """Read on from word ``i``, a first name or initials: the name's last index, and whether a surname came."""
        j, family = i, False
        while j + 1 < len(words) and j - i < 7:
            nxt = words[j + 1]
            if not self._gap(text, words[j], nxt):
                break
            if self._is_initials(nxt) and nxt.upper and not family:
                j += 1
                continue
            low = self._bare(nxt)
            if (
                len(nxt.text) == 1
                and nxt.text.isupper()
                and not family
                and self._surname_at(text, words, j + 2, trust, need_case) is not None
            ):
                j += 1
                continue
            if (
                len(low.rstrip(".")) == 1
                and nxt.text[0].isupper()
                and not family
                and not self._is_initials(words[i])
            ):
                j += 1
                break
            if not family and nxt.upper and self._known_first(low) and not self._known_family(low):
                j += 1
                continue
            if (
                family
                and nxt.low in PREFIXES
                and text[words[j].end : nxt.start] == " "
                and not self._family_follows(words, j + 1)
            ):
                break
            sure = (
                _Trust.STRONG
                if nxt.low in OPENING_PREFIXES and (nxt.upper or nxt.low in SHORT_PREFIXES)
                else trust
            )
            end = self._surname_at(text, words, j + 1, sure, need_case)
            if end is None:
                break
            j, family = end, True
        return (j, family) if j > i else None

    def _family_follows(self, words: list[_Word], i: int) -> bool:
        """Whether a known surname stands after the prefixes from word ``i`` on."""
        while i < len(words) and words[i].low in PREFIXES:
            i += 1
        return i < len(words) and words[i].upper and self._known_family(self._bare(words[i]))

    def _surname_at(
        self, text: str, words: list[_Word], i: int, trust: _Trust, need_case: bool
    ) -> int | None:
        """The index of the last word of a surname that starts at word ``i``, its prefixes included, or None."""
        j = i
        while (
            j < len(words)
            and j - i < 4
            and (words[j].low in PREFIXES or (self._is_initials(words[j]) and words[j].low in ("v.d.", "v.")))
        ):
            if j + 1 >= len(words) or text[words[j].end : words[j + 1].start] not in (" ", "", "\u00a0"):
                return None
            j += 1
        if j >= len(words) or (j > i and words[i].low not in OPENING_PREFIXES):
            return None
        word, led = words[j], j > i
        if (
            led
            and words[i].low in ("te", "in", "op")
            and (
                word.low in self._lex.not_names
                or (not self._known_family(word.low) and words[i + 1].low != "'t")
            )
        ):
            return None
        if need_case and not word.upper:
            return None
        parts = word.low.split("-")
        if parts[-1] in PREFIXES and len(parts) > 1 and j + 1 < len(words):
            return self._surname_at(text, words, j + 1, trust, need_case)
        if not self._family_word(word, trust, led):
            return None
        if led and not word.upper and not self._known_family(self._bare(word)) and trust < _Trust.STRONG:
            return None
        if (
            led
            and words[i].low in ("de", "van", "het", "in", "op")
            and not word.upper
            and self._is_everyday(word.low)
            and not self._known_family(word.low)
        ):
            return None
        return j

    def _is_company(self, text: str, start: int, end: int) -> bool:
        ends = [start + m.start() for m in re.finditer(r"\s", text[start:end])] + [end]
        if any(COMPANY_AFTER.match(text, place) for place in ends) or COMPANY_BEFORE.search(
            text, max(0, start - 25), start
        ):
            return True
        plain = text[start:end].lower()
        return any(
            STREET_SUFFIX.search(w) and w not in self._family and len(w) > 5 for w in plain.split()[-2:]
        )

    def _found(self, text: str, words: list[_Word], i: int, j: int) -> _Hit:
        return _Hit(i, j, not self._is_company(text, words[i].start, words[j].end))

    def _cued(self, text: str, words: list[_Word], i: int, cue: re.Match[str]) -> _Hit | None:
        word = words[i]
        sign = cue.group("sign") is not None
        trust = _Trust.STRONG if cue.group("strong") else _Trust.FAIR
        low = self._bare(word)
        if sign:
            trust = _Trust.STRONG if text[word.end :].count(" ") < 5 else _Trust.FAIR
        if self._is_initials(word):
            if not word.upper and trust < _Trust.STRONG:
                return None
            taken = self._take(text, words, i, _Trust.STRONG)
            return self._found(text, words, i, taken[0]) if taken and taken[1] else None
        if len(word.text) == 1 and low.isalpha():
            end = self._surname_at(text, words, i + 1, trust, False)
            if end is not None and self._gap(text, word, words[i + 1]):
                return self._found(text, words, i, end)
            return None
        if low in OPENING_PREFIXES:
            end = self._surname_at(text, words, i, trust, need_case=trust < _Trust.STRONG and not sign)
            if end is None or end == i:
                return None
            taken = self._take(text, words, end, trust, need_case=True)
            return self._found(text, words, i, taken[0] if taken else end)
        if not self._starts_name(text, words, i, cue, trust, sign):
            return None
        own = cue.group() in ("ik ben", "ben ik", "u spreekt met", "je spreekt met", "met mij,")
        taken = self._take(text, words, i, _Trust.STRONG if own else trust)
        return self._found(text, words, i, taken[0] if taken else i)

    def _starts_name(
        self, text: str, words: list[_Word], i: int, cue: re.Match[str], trust: _Trust, sign: bool
    ) -> bool:
        """Whether the word right after a cue begins a name."""
        word = words[i]
        low = self._bare(word)
        said = cue.group().lower()
        alone = (
            i + 1 >= len(words)
            or not self._gap(text, word, words[i + 1])
            or words[i + 1].low in ("en", "van", "uit", "die", "heeft", "was", "had")
        )
        full = (
            self._surname_at(text, words, i + 1, _Trust.FAIR, False) is not None
            if i + 1 < len(words) and self._gap(text, word, words[i + 1])
            else False
        )
        if self._known_first(low):
            return word.upper or low not in self._lex.ordinary
        if low in self._first and low not in ("mei", "nam", "anders", "ni", "made", "nader"):
            if word.upper:
                return (
                    low not in self._lex.ordinary
                    or trust is _Trust.STRONG
                    or full
                    or (alone and not word.opens)
                    or sign
                )
            greets = said in ("hoi", "hallo", "beste", "hey", "hi", "lieve", "geachte")
            return (
                low not in self._lex.ordinary
                and low not in self._lex.not_names
                and (trust is _Trust.STRONG or alone or full or greets)
            )
        if said in (
            "ik ben",
            "ben ik",
            "wij zijn",
            "klant",
            "manager",
            "expert",
            "dag",
            "bedankt",
            "dank",
            "agent",
        ):
            return word.upper and (self._known_family(low) or full) and not self._is_everyday(low)
        if low in self._blocked or low in PREFIXES:
            return False
        if said in ("genaamd", "genoemd") and PRODUCT_WORD.search(
            text, max(0, cue.start() - 30), cue.start()
        ):
            return False
        if self._known_family(low):
            if word.upper:
                return trust is _Trust.STRONG or sign or not self._is_everyday(low) or not word.opens
            return (
                trust is _Trust.STRONG
                and low not in NEVER_LOWER
                and not (low in self._lex.ordinary and not self._short_title(said))
            )
        if self._is_everyday(low):
            titled = (
                trust is _Trust.STRONG
                and not sign
                and text[cue.end() : word.start] in (" ", ". ")
                and low not in self._lex.not_names
            )
            return (
                titled
                and word.upper
                and len(low) >= 4
                and low not in OPENERS
                and low not in NEVER_LOWER
                and low in self._lex.ordinary
            )
        if word.upper:
            least = 2 if trust is _Trust.STRONG else 3
            return len(low) >= least and not (word.text.isupper() and len(low) <= 5)
        if sign:
            return trust is _Trust.STRONG and len(low) >= 3 and len(words) - i <= 3
        return trust is _Trust.STRONG and len(low) >= 4

    def _short_title(self, said: str) -> bool:
        return said.rstrip(".") in (
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

    def _joined(self, text: str, words: list[_Word], i: int) -> _Hit | None:
        """A second name after "en", "&" or a comma: "Yvonne en Bram", "de heren Bos en De Wit"."""
        if (
            i + 1 >= len(words)
            or i == 0
            or words[i].low not in ("en", "of")
            or not self._gap(text, words[i], words[i + 1])
        ):
            return None
        word = words[i + 1]
        low = self._bare(word)
        if low in self._first and low not in self._lex.ordinary and low not in self._lex.not_names:
            taken = self._take(text, words, i + 1, _Trust.FAIR)
            return self._found(text, words, i + 1, taken[0] if taken else i + 1)
        if (
            word.upper
            and words[i - 1].upper
            and len(low) > 1
            and not self._is_everyday(low)
            and not word.text.isupper()
        ):
            taken = self._take(text, words, i + 1, _Trust.FAIR)
            return self._found(text, words, i + 1, taken[0] if taken else i + 1)
        return None

    # --- without a cue -------------------------------------------------------------------------------------------
    def _loose(self, text: str, words: list[_Word], i: int) -> _Hit | None:
        word = words[i]
        low = self._bare(word)
        if self._is_initials(word):
            return self._initials(text, words, i)
        if (
            len(word.text) == 1
            and word.upper
            and i + 1 < len(words)
            and text[word.end : words[i + 1].start] == " "
        ):
            end = self._surname_at(text, words, i + 1, _Trust.WEAK, need_case=True)
            known = end is not None and self._known_family(self._bare(words[end]))
            return self._found(text, words, i, end) if end is not None and known and not word.opens else None
        if (
            low in self._first
            or self._known_first(low)
            or (
                word.upper
                and low.endswith("s")
                and low[:-1] in self._clear
                and len(low) > 4
                and not self._is_everyday(low)
            )
        ):
            return self._first_name(text, words, i)
        if word.upper:
            return self._surname_alone(text, words, i)
        return None

    def _initials(self, text: str, words: list[_Word], i: int) -> _Hit | None:
        word = words[i]
        if not word.upper or not all(part[:1].isupper() for part in re.split(r"[. -]+", word.text) if part):
            return None
        led = i + 1 < len(words) and words[i + 1].low in OPENING_PREFIXES
        end = (
            self._surname_at(text, words, i + 1, _Trust.STRONG if led else _Trust.WEAK, need_case=True)
            if i + 1 < len(words)
            else None
        )
        if end is None or text[word.end : words[i + 1].start] not in (" ", "", "\u00a0"):
            return None
        if not led and self._is_everyday(words[end].low) and not self._known_family(self._bare(words[end])):
            return None
        taken = self._take(text, words, end, _Trust.WEAK, need_case=True)
        return self._found(text, words, i, taken[0] if taken else end)

    def _first_name(self, text: str, words: list[_Word], i: int) -> _Hit | None:
        word = words[i]
        low = self._bare(word)
        clear = self._known_first(low) or low[:-1] in self._clear
        taken = self._take(text, words, i, _Trust.WEAK, need_case=word.upper)
        if word.upper:
            if taken is not None and (taken[1] or clear):
                known = self._known_family(self._bare(words[taken[0]]))
                if clear or known or not word.opens or low not in self._lex.ordinary:
                    return self._found(text, words, i, taken[0])
            if clear:
                return self._found(text, words, i, i) if not (word.text.isupper() and len(low) <= 3) else None
            before = words[i - 1].low if i else ""
            if (
                low in self._lex.not_names
                or before in self._lex.not_names
                or before.isdigit()
                or (word.text.isupper() and len(low) <= 4)
            ):
                return None
            if not word.opens:
                return (
                    self._found(text, words, i, i)
                    if not text[word.start - 2 : word.start - 1].isdigit() and len(low) > 2
                    else None
                )
            if self._did_us(words, i):
                return self._found(text, words, i, i)
            acts = (
                i + 1 < len(words) and words[i + 1].low in ACTS and low not in ("hoop", "wil", "lot", "roos")
            )
            return (
                self._found(text, words, i, i)
                if acts and self._gap(text, word, words[i + 1]) and low not in self._lex.ordinary
                else None
            )
        if (
            taken is not None
            and taken[1]
            and low not in self._lex.ordinary
            and low not in self._lex.not_names
        ):
            return self._found(text, words, i, taken[0])
        if clear and len(low) >= 4 and low not in self._lex.ordinary:
            return self._found(text, words, i, i)
        return None

    def _did_us(self, words: list[_Word], i: int) -> bool:
        """Whether the words after ``i`` say that somebody did something for the writer: "heeft mij", "belde ons"."""
        after = [w.low for w in words[i + 1 : i + 3]]
        return (
            len(after) == 2
            and after[0] in ACTS
            and after[1] in ("mij", "me", "ons", "meteen", "direct", "netjes", "keurig")
        )

    def _surname_alone(self, text: str, words: list[_Word], i: int) -> _Hit | None:
        word = words[i]
        before = words[i - 1].low if i and self._gap(text, words[i - 1], word) else ""
        if word.low in ("van", "de", "den", "ten", "ter", "el", "ait", "vande", "vander", "v.d."):
            end = self._surname_at(text, words, i, _Trust.WEAK, need_case=True)
            if end is None or end == i or before in ("bij", "firma", "van", "merk", "in", "naar"):
                return None
            core = self._bare(words[end])
            if not self._known_family(core) or (word.opens and core in self._lex.ordinary and end - i < 2):
                return None
            return self._found(text, words, i, end)
        low = self._bare(word)
        if (
            not self._known_family(low)
            or low in self._lex.ordinary
            or low in self._lex.not_names
            or low in self._lex.ambiguous
            or len(low) < 4
        ):
            return None
        if (
            before in ("bij", "firma", "merk", "in", "naar", "te", "via")
            or before in PREFIXES
            or (word.text.isupper() and len(low) <= 4)
        ):
            return None
        if word.opens and not (
            i + 1 < len(words)
            and self._gap(text, word, words[i + 1])
            and (words[i + 1].low in ACTS or words[i + 1].low in ("was", "is"))
        ):
            return None
        taken = self._take(text, words, i, _Trust.WEAK, need_case=True)
        return self._found(text, words, i, taken[0] if taken else i)
