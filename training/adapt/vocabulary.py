"""A Dutch vocabulary cut out of the multilingual one, and its tokenizer.

A unigram tokenizer takes the most probable segmentation of a word. Keeping every piece of the best segmentations of
the words that matter therefore leaves those segmentations as they were, and a text of such words is tokenised exactly
as by the full vocabulary, at a fifth of the embedding table.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from training.adapt.base import BaseModel
from training.adapt.errors import MissingExtraError

__all__ = ["Vocabulary", "build_tokenizer", "frequent_words", "prune"]

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
META = "\u2581"


@dataclass(frozen=True)
class Vocabulary:
    """The pieces that were kept.

    Attributes:
        pieces: Piece and log probability, the four special ones first.
        rows: Row of each piece in the base model's embedding table, shape (pieces,).
    """

    pieces: tuple[tuple[str, float], ...]
    rows: NDArray[np.int64]


def build_tokenizer(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """A tokenizer over ``pieces``, whose offsets are code points of the text as it was given.

    Normalisation follows the base model (NFKC, white space and control characters) and in addition writes
    typographic quotation marks as plain ones.
    """
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\t\n\r\f\v\u0085\u2028\u2029]"), " "),
            normalizers.Replace(Regex(r"[\p{Cc}\p{Cf}\uFE00-\uFE0F\uFFFD]"), ""),
            normalizers.Replace(Regex("[\u2018\u2019\u201b\u2032`\u00b4]"), "'"),
            normalizers.Replace(Regex("[\u201c\u201d\u201e\u2033\u00ab\u00bb]"), '"'),
            normalizers.NFKC(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement=META, prepend_scheme="always"),
        ]
    )
    return tokenizer


def frequent_words(dutch: int = 320_000, english: int = 4_000) -> list[str]:
    """Frequent words of both languages, the frequent half of the Dutch ones with a capital too.

    The lists come from the package ``wordfreq`` (code Apache-2.0, lists CC BY-SA 4.0); they only choose which pieces
    are kept and are not part of the product.

    Raises:
        MissingExtraError: ``wordfreq`` is not installed.
    """
    try:
        from wordfreq import top_n_list
    except ImportError as exc:
        raise MissingExtraError("wordfreq") from exc
    words = list(top_n_list("nl", dutch))
    words += [word.capitalize() for word in words[: dutch // 3]]
    return words + list(top_n_list("en", english))


def prune(base: BaseModel, texts: Iterable[str], words: Iterable[str]) -> Vocabulary:
    """Keep the pieces that ``texts`` and ``words`` need, every single Latin character, sign and emoji.

    Args:
        base: The model whose vocabulary is cut.
        texts: Texts of the training part.
        words: Words to be tokenised as before.
    """
    specials = [base.begin, base.padding, base.end, base.unknown]
    order = specials + [
        i for i in range(len(base.pieces)) if i not in set(specials) and base.pieces[i] != "<mask>"
    ]
    full = build_tokenizer([(base.pieces[i], float(base.scores[i])) for i in order])
    kept = set(range(len(SPECIAL)))
    for batch in _batches(words, 10_000):
        for encoding in full.encode_batch_fast(batch, add_special_tokens=False):
            kept.update(encoding.ids)
    for batch in _batches(texts, 1_000):
        for encoding in full.encode_batch_fast(batch, add_special_tokens=False):
            kept.update(encoding.ids)
    for number, row in enumerate(order):
        if _is_basic(base.pieces[row]):
            kept.add(number)
    chosen = sorted(kept)
    pieces = tuple((base.pieces[order[n]], float(base.scores[order[n]])) for n in chosen)
    return Vocabulary(pieces, np.array([order[n] for n in chosen], dtype=np.int64))


def _is_basic(piece: str) -> bool:
    body = piece.removeprefix(META)
    if len(body) > 2:
        return body.isascii() and body.isdigit() and len(body) <= 4
    if not body:
        return True
    if len(body) == 2 and not (body.isascii() and not body.isalpha()):
        return False
    return all(_is_plain(character) for character in body)


def _is_plain(character: str) -> bool:
    if unicodedata.category(character)[0] == "L":
        return unicodedata.name(character, "").startswith("LATIN")
    return (unicodedata.category(character)[0] in "NPS" and ord(character) < 0x3000) or ord(
        character
    ) >= 0x1F000


def _batches(values: Iterable[str], size: int) -> Iterable[list[str]]:
    batch: list[str] = []
    for value in values:
        batch.append(value)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
