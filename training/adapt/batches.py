"""Examples to tensors, in batches of similar length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from training.adapt.examples import Example, joined, part
from training.adapt.noise import typed_carelessly

__all__ = ["Batch", "Mixture", "batches", "collate", "epoch_examples"]

BEGIN, PADDING, END, UNKNOWN_PIECE = 0, 1, 2, 3


@dataclass(frozen=True)
class Mixture:
    """How many of each kind of example an epoch has, as a share of the items.

    Attributes:
        noisy: Share of items typed carelessly (instead of as they are).
        parts: Parts of items, in addition.
        joined: Pairs of items, in addition.
        dropped: Share of tokens replaced by the unknown piece, in half of the examples.
    """

    noisy: float = 0.35
    parts: float = 0.4
    joined: float = 0.12
    dropped: float = 0.05


@dataclass(frozen=True)
class Batch:
    """Tensors of one step; targets below zero, or NaN among the scalars, are masked."""

    ids: Tensor
    mask: Tensor
    tags: Tensor
    tagged: Tensor
    themes: Tensor
    polarity: Tensor
    scalars: Tensor
    signals: Tensor


def epoch_examples(items: Sequence[Example], mixture: Mixture, rng: random.Random) -> list[Example]:
    """The examples of one epoch, in random order."""
    result = list(items)
    for _ in range(int(mixture.parts * len(items))):
        piece = part(rng.choice(items), rng)
        if piece is not None and len(piece.text) > 2:
            result.append(piece)
    short = [item for item in items if len(item.text) < 300]
    for _ in range(int(mixture.joined * len(items))):
        result.append(
            joined(rng.choice(short), rng.choice(short), rng.choice((" ", " ", "\n", " En ", ". ")))
        )
    result = [typed_carelessly(one, rng) if rng.random() < mixture.noisy else one for one in result]
    rng.shuffle(result)
    return result


def batches(
    examples: Sequence[Example],
    tokenizer: Tokenizer,
    mixture: Mixture,
    rng: random.Random,
    tokens: int,
    longest: int,
) -> Iterator[Batch]:
    """Batches of at most ``tokens`` places each, in random order; texts are cut after ``longest`` tokens."""
    encodings = tokenizer.encode_batch([example.text for example in examples], add_special_tokens=False)
    lengths = [min(len(encoding.ids) + 2, longest) for encoding in encodings]
    order = sorted(range(len(examples)), key=lambda i: lengths[i] + rng.uniform(0.0, 4.0))
    groups: list[list[int]] = [[]]
    width = 0
    for index in order:
        width = max(width, lengths[index])
        if groups[-1] and (len(groups[-1]) + 1) * width > tokens:
            groups.append([])
            width = lengths[index]
        groups[-1].append(index)
    rng.shuffle(groups)
    for group in groups:
        yield collate(
            [examples[i] for i in group], [encodings[i] for i in group], longest, mixture.dropped, rng
        )


def collate(
    examples: Sequence[Example],
    encodings: Sequence[Encoding],
    longest: int,
    dropped: float,
    rng: random.Random,
) -> Batch:
    """One batch of exactly these examples, which ``encodings`` are the tokens of."""
    width = max(min(len(encoding.ids), longest - 2) for encoding in encodings) + 2
    themes = len(examples[0].themes)
    ids = torch.full((len(examples), width), PADDING, dtype=torch.long)
    mask = torch.zeros(len(examples), width)
    tags = torch.zeros(len(examples), width, themes)
    for row, (example, encoding) in enumerate(zip(examples, encodings, strict=True)):
        numbers = encoding.ids[: longest - 2]
        offsets = encoding.offsets[: longest - 2]
        if dropped and rng.random() < 0.5:
            numbers = [UNKNOWN_PIECE if rng.random() < dropped else number for number in numbers]
        ids[row, : len(numbers) + 2] = torch.tensor([BEGIN, *numbers, END])
        mask[row, : len(numbers) + 2] = 1.0
        for start, end, theme in example.spans:
            for place, (a, b) in enumerate(offsets, start=1):
                if a < end and b > start:
                    tags[row, place, theme] = 1.0
    nan = float("nan")
    return Batch(
        ids,
        mask,
        tags,
        torch.tensor([example.tagged for example in examples], dtype=torch.float32),
        torch.tensor([example.themes for example in examples], dtype=torch.float32),
        torch.tensor([example.polarity for example in examples], dtype=torch.long),
        torch.tensor([[nan if v is None else v for v in example.scalars] for example in examples]),
        torch.tensor([example.signals for example in examples], dtype=torch.float32),
    )
