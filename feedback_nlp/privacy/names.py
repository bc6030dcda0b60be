"""Names of people, by what introduces them, by first name and by form.

Three roads lead to a name. (1) A cue: a title ("mevr."), an introduction ("mijn naam is"), a greeting, a signature or a
word for a person ("uw collega"); after it even unknown and lower-case words are taken when they are no everyday Dutch.
(2) Initials with a surname. (3) A known first name, on its own or with a surname. Words that are both a name and
something else need more evidence; names of companies and streets are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback_nlp.privacy.lexicon import Lexicon
from feedback_nlp.privacy.name_cues import (
    ACTS,
    ALSO_THINGS,
    CALLED,
    CUE,
    CUE_GAP,
    FOR_US,
    GOES_ON,
    GREETINGS,
    LEADING_PREFIXES,
    LOOSE_CUES,
    NEVER_LOWER,
    NO_CUE,
    NOT_BEFORE_LED,
    NOT_BEFORE_SURNAME,
    OPENERS,
    OPENING_PREFIXES,
    OWN_CUES,
    PREFIXES,
    PRODUCT_WORD,
    RARELY_FIRST,
    SHORT_TITLES,
    SIGN_GAP,
)
from feedback_nlp.privacy.name_spans import Hit, NameSpans
from feedback_nlp.privacy.name_words import Trust, Word, WordJudge, bare, gap, is_initials, read_words
from feedback_nlp.privacy.records import Found, Kind

__all__ = ["NameRules"]


class NameRules:
    """Finds names without a trained model.

    Args:
        lexicon: The word lists.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._judge = WordJudge(lexicon)
        self._spans = NameSpans(self._judge)
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
        words = read_words(text, low)
        if not words:
            return
        at = {word.start: i for i, word in enumerate(words)}
        done = bytearray(len(words))
        hits: list[Hit] = []
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
            joined = self._spans.joined(text, words, hit.last + 1)
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
        maybe = self._judge.first
        for i, word in enumerate(words):
            if done[i] or not (word.upper or word.low in maybe or "-" in word.low or "'" in word.low):
                continue
            hit = self._loose(text, words, i)
            if hit is not None:
                hits.append(hit)
                done[hit.first : hit.last + 1] = b"\1" * (hit.last + 1 - hit.first)
                joined = self._spans.joined(text, words, hit.last + 1) if hit.person else None
                if joined is not None and not done[joined.first]:
                    hits.append(joined)
                    done[joined.first : joined.last + 1] = b"\1" * (joined.last + 1 - joined.first)
        for hit in hits:
            if hit.person:
                yield Found(words[hit.first].start, words[hit.last].end, Kind.NAME)

    def may_be_name(self, text: str, start: int, end: int) -> bool:
        """Whether what a trained model takes for a name is not a company, a street, a place or an everyday word."""
        words = text[start:end].lower().split()
        if not words or "[" in text[start:end] or self._spans.is_company(text, start, end):
            return False
        return any(word not in self._judge.blocked and word not in self._judge.ordinary for word in words)

    def _after(self, text: str, end: int, at: dict[int, int], sign: bool) -> int | None:
        """The word that a cue ending at ``end`` points to, past spaces, a comma or, after a signature, line ends."""
        match = (SIGN_GAP if sign else CUE_GAP).match(text, end)
        return at.get(match.end() if match else end)

    # --- after a cue -----------------------------------------------------------------------------------------------
    def _cued(self, text: str, words: list[Word], i: int, cue: re.Match[str]) -> Hit | None:
        word = words[i]
        sign = cue.group("sign") is not None
        trust = Trust.STRONG if cue.group("strong") else Trust.FAIR
        low = bare(word)
        if sign:
            trust = Trust.STRONG if text[word.end :].count(" ") < 5 else Trust.FAIR
        if is_initials(word):
            if not word.upper and trust < Trust.STRONG:
                return None
            taken = self._spans.take(text, words, i, Trust.STRONG)
            return self._spans.hit(text, words, i, taken[0]) if taken and taken[1] else None
        if len(word.text) == 1 and low.isalpha():
            end = self._spans.surname_at(text, words, i + 1, trust, False)
            if end is not None and gap(text, word, words[i + 1]):
                return self._spans.hit(text, words, i, end)
            return None
        if low in OPENING_PREFIXES:
            end = self._spans.surname_at(text, words, i, trust, need_case=trust < Trust.STRONG and not sign)
            if end is None or end == i:
                return None
            taken = self._spans.take(text, words, end, trust, need_case=True)
            return self._spans.hit(text, words, i, taken[0] if taken else end)
        if not self._starts_name(text, words, i, cue, trust, sign):
            return None
        own = cue.group() in OWN_CUES
        taken = self._spans.take(text, words, i, Trust.STRONG if own else trust)
        return self._spans.hit(text, words, i, taken[0] if taken else i)

    def _starts_name(
        self, text: str, words: list[Word], i: int, cue: re.Match[str], trust: Trust, sign: bool
    ) -> bool:
        """Whether the word right after a cue begins a name."""
        word = words[i]
        low = bare(word)
        said = cue.group().lower()
        alone = i + 1 >= len(words) or not gap(text, word, words[i + 1]) or words[i + 1].low in GOES_ON
        full = (
            self._spans.surname_at(text, words, i + 1, Trust.FAIR, False) is not None
            if i + 1 < len(words) and gap(text, word, words[i + 1])
            else False
        )
        if self._judge.known_first(low):
            return word.upper or low not in self._judge.ordinary
        if low in self._judge.first and low not in RARELY_FIRST:
            if word.upper:
                return (
                    low not in self._judge.ordinary
                    or trust is Trust.STRONG
                    or full
                    or (alone and not word.opens)
                    or sign
                )
            greets = said in GREETINGS
            return (
                low not in self._judge.ordinary
                and low not in self._judge.not_names
                and (trust is Trust.STRONG or alone or full or greets)
            )
        if said in LOOSE_CUES:
            return word.upper and (self._judge.known_family(low) or full) and not self._judge.is_everyday(low)
        if low in self._judge.blocked or low in PREFIXES:
            return False
        if said in CALLED and PRODUCT_WORD.search(text, max(0, cue.start() - 30), cue.start()):
            return False
        if self._judge.known_family(low):
            if word.upper:
                return trust is Trust.STRONG or sign or not self._judge.is_everyday(low) or not word.opens
            return (
                trust is Trust.STRONG
                and low not in NEVER_LOWER
                and not (low in self._judge.ordinary and not self._short_title(said))
            )
        if self._judge.is_everyday(low):
            titled = (
                trust is Trust.STRONG
                and not sign
                and text[cue.end() : word.start] in (" ", ". ")
                and low not in self._judge.not_names
            )
            return (
                titled
                and word.upper
                and len(low) >= 4
                and low not in OPENERS
                and low not in NEVER_LOWER
                and low in self._judge.ordinary
            )
        if word.upper:
            least = 2 if trust is Trust.STRONG else 3
            return len(low) >= least and not (word.text.isupper() and len(low) <= 5)
        if sign:
            return trust is Trust.STRONG and len(low) >= 3 and len(words) - i <= 3
        return trust is Trust.STRONG and len(low) >= 4

    def _short_title(self, said: str) -> bool:
        return said.rstrip(".") in SHORT_TITLES

    # --- without a cue ---------------------------------------------------------------------------------------------
    def _loose(self, text: str, words: list[Word], i: int) -> Hit | None:
        word = words[i]
        low = bare(word)
        if is_initials(word):
            return self._initials(text, words, i)
        if (
            len(word.text) == 1
            and word.upper
            and i + 1 < len(words)
            and text[word.end : words[i + 1].start] == " "
        ):
            end = self._spans.surname_at(text, words, i + 1, Trust.WEAK, need_case=True)
            known = end is not None and self._judge.known_family(bare(words[end]))
            return (
                self._spans.hit(text, words, i, end) if end is not None and known and not word.opens else None
            )
        if (
            low in self._judge.first
            or self._judge.known_first(low)
            or (
                word.upper
                and low.endswith("s")
                and low[:-1] in self._judge.clear
                and len(low) > 4
                and not self._judge.is_everyday(low)
            )
        ):
            return self._first_name(text, words, i)
        if word.upper:
            return self._surname_alone(text, words, i)
        return None

    def _initials(self, text: str, words: list[Word], i: int) -> Hit | None:
        word = words[i]
        if not word.upper or not all(part[:1].isupper() for part in re.split(r"[. -]+", word.text) if part):
            return None
        led = i + 1 < len(words) and words[i + 1].low in OPENING_PREFIXES
        end = (
            self._spans.surname_at(text, words, i + 1, Trust.STRONG if led else Trust.WEAK, need_case=True)
            if i + 1 < len(words)
            else None
        )
        if end is None or text[word.end : words[i + 1].start] not in (" ", "", "\u00a0"):
            return None
        if (
            not led
            and self._judge.is_everyday(words[end].low)
            and not self._judge.known_family(bare(words[end]))
        ):
            return None
        taken = self._spans.take(text, words, end, Trust.WEAK, need_case=True)
        return self._spans.hit(text, words, i, taken[0] if taken else end)

    def _first_name(self, text: str, words: list[Word], i: int) -> Hit | None:
        word = words[i]
        low = bare(word)
        clear = self._judge.known_first(low) or low[:-1] in self._judge.clear
        taken = self._spans.take(text, words, i, Trust.WEAK, need_case=word.upper)
        if word.upper:
            if taken is not None and (taken[1] or clear):
                known = self._judge.known_family(bare(words[taken[0]]))
                if clear or known or not word.opens or low not in self._judge.ordinary:
                    return self._spans.hit(text, words, i, taken[0])
            if clear:
                return (
                    self._spans.hit(text, words, i, i)
                    if not (word.text.isupper() and len(low) <= 3)
                    else None
                )
            before = words[i - 1].low if i else ""
            if (
                low in self._judge.not_names
                or before in self._judge.not_names
                or before.isdigit()
                or (word.text.isupper() and len(low) <= 4)
            ):
                return None
            if not word.opens:
                return (
                    self._spans.hit(text, words, i, i)
                    if not text[word.start - 2 : word.start - 1].isdigit() and len(low) > 2
                    else None
                )
            if self._did_us(words, i):
                return self._spans.hit(text, words, i, i)
            acts = i + 1 < len(words) and words[i + 1].low in ACTS and low not in ALSO_THINGS
            return (
                self._spans.hit(text, words, i, i)
                if acts and gap(text, word, words[i + 1]) and low not in self._judge.ordinary
                else None
            )
        if (
            taken is not None
            and taken[1]
            and low not in self._judge.ordinary
            and low not in self._judge.not_names
        ):
            return self._spans.hit(text, words, i, taken[0])
        if clear and len(low) >= 4 and low not in self._judge.ordinary:
            return self._spans.hit(text, words, i, i)
        return None

    def _did_us(self, words: list[Word], i: int) -> bool:
        """Whether the words after ``i`` say that somebody did something for the writer: "heeft mij", "belde ons"."""
        after = [w.low for w in words[i + 1 : i + 3]]
        return len(after) == 2 and after[0] in ACTS and after[1] in FOR_US

    def _surname_alone(self, text: str, words: list[Word], i: int) -> Hit | None:
        word = words[i]
        before = words[i - 1].low if i and gap(text, words[i - 1], word) else ""
        if word.low in LEADING_PREFIXES:
            end = self._spans.surname_at(text, words, i, Trust.WEAK, need_case=True)
            if end is None or end == i or before in NOT_BEFORE_LED:
                return None
            core = bare(words[end])
            if not self._judge.known_family(core) or (
                word.opens and core in self._judge.ordinary and end - i < 2
            ):
                return None
            return self._spans.hit(text, words, i, end)
        low = bare(word)
        if (
            not self._judge.known_family(low)
            or low in self._judge.ordinary
            or low in self._judge.not_names
            or low in self._judge.ambiguous
            or len(low) < 4
        ):
            return None
        if before in NOT_BEFORE_SURNAME or before in PREFIXES or (word.text.isupper() and len(low) <= 4):
            return None
        if word.opens and not (
            i + 1 < len(words)
            and gap(text, word, words[i + 1])
            and (words[i + 1].low in ACTS or words[i + 1].low in ("was", "is"))
        ):
            return None
        taken = self._spans.take(text, words, i, Trust.WEAK, need_case=True)
        return self._spans.hit(text, words, i, taken[0] if taken else i)
