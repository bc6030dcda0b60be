"""The network: the base model's transformer with heads for every label of the codebook.

A theme's score comes from three places: the mean of the text, the words that carry the theme (found by the token tags,
which the evidence quotes teach), and the strongest such word. A theme's polarity is read from the very words that carry
it, so that one sentence can praise and blame.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.adapt.base import BaseModel

__all__ = ["Backbone", "Network", "Outputs", "PooledDropout", "Shape", "load_backbone"]

POLARITIES = 3
"""Classes of polarity: negative, mixed or neutral, positive."""

SCALARS = 4
"""Sentiment, NPS, CAS and CES, each scaled to about -1 to 1."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; ``layers`` may be fewer than the base model has (every second one for half)."""

    words: int
    themes: int
    signals: int
    hidden: int = 384
    layers: int = 12
    heads: int = 12
    feed_forward: int = 1536
    positions: int = 512
    epsilon: float = 1e-12
    dropout: float = 0.05


@dataclass(frozen=True)
class Outputs:
    """What the network says about a batch.

    Attributes:
        embedding: Mean of the standardised hidden states, (batch, hidden).
        tokens: Theme logits per token, (batch, length, themes).
        themes: Theme logits of the text, (batch, themes).
        polarity: Logits negative / mixed / positive per theme, (batch, themes, 3).
        scalars: Sentiment, NPS, CAS, CES, (batch, 4).
        signals: Signal logits, (batch, signals).
    """

    embedding: Tensor
    tokens: Tensor
    themes: Tensor
    polarity: Tensor
    scalars: Tensor
    signals: Tensor


class PooledDropout(nn.Module):  # type: ignore[misc, unused-ignore]
    """Dropout whose mask is a random window of one pool of noise.

    Drawing a fresh mask costs more on a processor than the matrix product before it; a window at a random place costs
    next to nothing.
    """

    SIZE = 1 << 22

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self._pool: Tensor | None = None

    def renew(self) -> None:
        """Draw the pool anew at the next use."""
        self._pool = None

    def forward(self, x: Tensor) -> Tensor:
        """``x`` with a share of its values set to zero while training, the others scaled up."""
        if not self.training or self.share == 0.0:
            return x
        if self._pool is None or self._pool.numel() < 2 * x.numel():
            size = max(self.SIZE, 4 * x.numel())
            self._pool = (torch.rand(size) >= self.share).to(torch.bfloat16) / (1.0 - self.share)
        start = int(torch.randint(self._pool.numel() - x.numel(), (1,)))
        return x * self._pool[start : start + x.numel()].view(x.shape).to(x.dtype)


class Layer(nn.Module):  # type: ignore[misc, unused-ignore]
    """One post-norm transformer layer with fused query, key and value."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.size = shape.hidden // shape.heads
        self.drop = PooledDropout(shape.dropout)
        self.qkv = nn.Linear(shape.hidden, 3 * shape.hidden)
        self.out = nn.Linear(shape.hidden, shape.hidden)
        self.norm1 = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.inner = nn.Linear(shape.hidden, shape.feed_forward)
        self.outer = nn.Linear(shape.feed_forward, shape.hidden)
        self.norm2 = nn.LayerNorm(shape.hidden, eps=shape.epsilon)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, length, hidden = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, self.size).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        # Written out: on processors the fused backward of torch is several times slower in bfloat16.
        weights = torch.softmax(
            q @ k.transpose(-1, -2) * (1.0 / math.sqrt(self.size)) + bias.to(q.dtype), dim=-1
        )
        attended = weights @ v
        attended = attended.transpose(1, 2).reshape(batch, length, hidden)
        x = self.norm1(x + self.drop(self.out(attended)))
        inner = functional.gelu(self.inner(x))
        return self.norm2(x + self.drop(self.outer(inner)))  # type: ignore[no-any-return, unused-ignore]


class Backbone(nn.Module):  # type: ignore[misc, unused-ignore]
    """Token numbers to hidden states."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.word = nn.Embedding(shape.words, shape.hidden)
        self.position = nn.Embedding(shape.positions, shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.dropout = shape.dropout

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Args: ``ids`` (batch, length) token numbers; ``mask`` (batch, length), 1 where there is a token."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.word(ids) + self.position(places)[None])
        x = functional.dropout(x, self.dropout, self.training)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x  # type: ignore[no-any-return, unused-ignore]


class Network(nn.Module):  # type: ignore[misc, unused-ignore]
    """Backbone and heads."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.backbone = Backbone(shape)
        self.center = nn.Buffer(torch.zeros(shape.hidden))
        self.spread = nn.Buffer(torch.ones(shape.hidden))
        self.token_head = nn.Linear(shape.hidden, shape.themes)
        self.mean_head = nn.Linear(shape.hidden, shape.themes)
        self.local_weight = nn.Parameter(torch.zeros(shape.themes, shape.hidden))
        self.peak_weight = nn.Parameter(torch.full((shape.themes,), 0.5))
        self.polarity_head = nn.Linear(shape.hidden, POLARITIES)
        self.polarity_bias = nn.Parameter(torch.zeros(shape.themes, POLARITIES))
        self.scalar_head = nn.Linear(shape.hidden, SCALARS)
        self.signal_query = nn.Linear(shape.hidden, shape.signals)
        self.signal_weight = nn.Parameter(torch.zeros(shape.signals, shape.hidden))
        self.signal_head = nn.Linear(shape.hidden, shape.signals)
        for head in (self.token_head, self.mean_head, self.polarity_head, self.scalar_head, self.signal_head):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        nn.init.constant_(self.token_head.bias, -3.0)
        nn.init.normal_(self.signal_query.weight, std=0.02)

    def forward(self, ids: Tensor, mask: Tensor) -> Outputs:
        """Args as `Backbone.forward`; the first and last token of every row are the special ones."""
        return self.read(self.backbone(ids, mask).float(), mask)

    def read(self, states: Tensor, mask: Tensor) -> Outputs:
        """The heads alone, over the backbone's states (batch, length, hidden) in full precision."""
        hidden = (states - self.center) * self.spread
        weight = mask.float()[:, :, None]
        embedding = (hidden * weight).sum(1) / weight.sum(1)
        dropped = functional.dropout(embedding, self.shape.dropout, self.training)
        tokens = self.token_head(functional.dropout(hidden, self.shape.dropout, self.training))
        hide = (1.0 - weight) * -1e4
        attention = torch.softmax(tokens + hide, dim=1)
        local = attention.transpose(1, 2) @ hidden
        local = functional.dropout(local, self.shape.dropout, self.training)
        peak = torch.logsumexp(tokens + hide, dim=1)
        themes = self.mean_head(dropped) + (local * self.local_weight).sum(-1) + self.peak_weight * peak
        polarity = self.polarity_head(local) + self.polarity_bias
        signal_attention = torch.softmax(self.signal_query(hidden) + hide, dim=1)
        signal_local = signal_attention.transpose(1, 2) @ hidden
        signals = self.signal_head(dropped) + (signal_local * self.signal_weight).sum(-1)
        return Outputs(embedding, tokens, themes, polarity, self.scalar_head(dropped), signals)


def load_backbone(
    backbone: Backbone, base: BaseModel, rows: NDArray[np.int64], layers: tuple[int, ...]
) -> None:
    """Copy the base model's weights: the embedding rows that were kept and the layers named."""
    tensors = base.tensors
    with torch.no_grad():
        backbone.word.weight.copy_(torch.from_numpy(tensors["emb.word"][rows]))
        backbone.position.weight.copy_(torch.from_numpy(tensors["emb.pos"] + tensors["emb.type"][0]))
        _copy(backbone.norm, tensors, "emb.ln")
        for module, number in zip(backbone.layers, layers, strict=True):
            assert isinstance(module, Layer)
            name = f"l{number}"
            module.qkv.weight.copy_(
                torch.from_numpy(np.concatenate([tensors[f"{name}.{p}.w"] for p in "qkv"]))
            )
            module.qkv.bias.copy_(torch.from_numpy(np.concatenate([tensors[f"{name}.{p}.b"] for p in "qkv"])))
            _copy(module.out, tensors, f"{name}.ao")
            _copy(module.norm1, tensors, f"{name}.aln")
            _copy(module.inner, tensors, f"{name}.fi")
            _copy(module.outer, tensors, f"{name}.fo")
            _copy(module.norm2, tensors, f"{name}.oln")


def _copy(module: nn.Linear | nn.LayerNorm, tensors: Mapping[str, NDArray[np.float32]], name: str) -> None:
    module.weight.copy_(torch.from_numpy(tensors[f"{name}.w"]))
    module.bias.copy_(torch.from_numpy(tensors[f"{name}.b"]))
