"""From the first word of a name to its last, and whether it is a company's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from feedback_nlp.privacy.name_cues import (
    COMPANY_AFTER,
    COMPANY_BEFORE,
    OPENING_PREFIXES,
    PLACE_PREFIXES,
    PLAIN_PREFIXES,
    PREFIXES,
    SHORT_PREFIXES,
)
from feedback_nlp.privacy.name_words import Trust, Word, WordJudge, bare, gap, is_initials
from feedback_nlp.privacy.places import STREET_SUFFIX

__all__ = ["Hit", "NameSpans"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Words ``first`` to ``last`` look like a name; ``person`` is false when it is a company's or a street's."""

    first: int
    last: int
    person: bool


class NameSpans:
    """Reads on from a name's first word to its last.

    Args:
        judge: Tells what a word may be.
    """

    def __init__(self, judge: WordJudge) -> None:
        self._judge = judge

    def take(
        self, text: str, words: list[Word], i: int, trust: Trust, need_case: bool = False
    ) -> tuple[int, bool] | None:
        """Read on from word ``i``, a first name or initials: the name's last index, and whether a surname came."""
        j, family = i, False
        while j + 1 < len(words) and j - i < 7:
            nxt = words[j + 1]
            if not gap(text, words[j], nxt):
                break
            if is_initials(nxt) and nxt.upper and not family:
                j += 1
                continue
            low = bare(nxt)
            if (
                len(nxt.text) == 1
                and nxt.text.isupper()
                and not family
                and self.surname_at(text, words, j + 2, trust, need_case) is not None
            ):
                j += 1
                continue
            if (
                len(low.rstrip(".")) == 1
                and nxt.text[0].isupper()
                and not family
                and not is_initials(words[i])
            ):
                j += 1
                break
            if (
                not family
                and nxt.upper
                and self._judge.known_first(low)
                and not self._judge.known_family(low)
            ):
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
                Trust.STRONG
                if nxt.low in OPENING_PREFIXES and (nxt.upper or nxt.low in SHORT_PREFIXES)
                else trust
            )
            end = self.surname_at(text, words, j + 1, sure, need_case)
            if end is None:
                break
            j, family = end, True
        return (j, family) if j > i else None

    def surname_at(self, text: str, words: list[Word], i: int, trust: Trust, need_case: bool) -> int | None:
        """The index of the last word of a surname that starts at word ``i``, its prefixes included, or None."""
        j = i
        while (
            j < len(words)
            and j - i < 4
            and (words[j].low in PREFIXES or (is_initials(words[j]) and words[j].low in ("v.d.", "v.")))
        ):
            if j + 1 >= len(words) or text[words[j].end : words[j + 1].start] not in (" ", "", "\u00a0"):
                return None
            j += 1
        if j >= len(words) or (j > i and words[i].low not in OPENING_PREFIXES):
            return None
        word, led = words[j], j > i
        if (
            led
            and words[i].low in PLACE_PREFIXES
            and (
                word.low in self._judge.not_names
                or (not self._judge.known_family(word.low) and words[i + 1].low != "'t")
            )
        ):
            return None
        if need_case and not word.upper:
            return None
        parts = word.low.split("-")
        if parts[-1] in PREFIXES and len(parts) > 1 and j + 1 < len(words):
            return self.surname_at(text, words, j + 1, trust, need_case)
        if not self._judge.family_word(word, trust, led):
            return None
        if led and not word.upper and not self._judge.known_family(bare(word)) and trust < Trust.STRONG:
            return None
        if (
            led
            and words[i].low in PLAIN_PREFIXES
            and not word.upper
            and self._judge.is_everyday(word.low)
            and not self._judge.known_family(word.low)
        ):
            return None
        return j

    def joined(self, text: str, words: list[Word], i: int) -> Hit | None:
        """A second name after "en", "&" or a comma: "Yvonne en Bram", "de heren Bos en De Wit"."""
        if (
            i + 1 >= len(words)
            or i == 0
            or words[i].low not in ("en", "of")
            or not gap(text, words[i], words[i + 1])
        ):
            return None
        word = words[i + 1]
        low = bare(word)
        if low in self._judge.first and low not in self._judge.ordinary and low not in self._judge.not_names:
            taken = self.take(text, words, i + 1, Trust.FAIR)
            return self.hit(text, words, i + 1, taken[0] if taken else i + 1)
        if (
            word.upper
            and words[i - 1].upper
            and len(low) > 1
            and not self._judge.is_everyday(low)
            and not word.text.isupper()
        ):
            taken = self.take(text, words, i + 1, Trust.FAIR)
            return self.hit(text, words, i + 1, taken[0] if taken else i + 1)
        return None

    def hit(self, text: str, words: list[Word], i: int, j: int) -> Hit:
        """Words `i` to `j` as a name, a person's unless what stands around them says company."""
        return Hit(i, j, not self.is_company(text, words[i].start, words[j].end))

    def is_company(self, text: str, start: int, end: int) -> bool:
        """Whether a name at this place is a company's or a street's."""
        ends = [start + m.start() for m in re.finditer(r"\s", text[start:end])] + [end]
        if any(COMPANY_AFTER.match(text, place) for place in ends) or COMPANY_BEFORE.search(
            text, max(0, start - 25), start
        ):
            return True
        plain = text[start:end].lower()
        return any(
            STREET_SUFFIX.search(w) and w not in self._judge.family and len(w) > 5 for w in plain.split()[-2:]
        )

    def _family_follows(self, words: list[Word], i: int) -> bool:
        """Whether a known surname stands after the prefixes from word ``i`` on."""
        while i < len(words) and words[i].low in PREFIXES:
            i += 1
        return i < len(words) and words[i].upper and self._judge.known_family(bare(words[i]))
