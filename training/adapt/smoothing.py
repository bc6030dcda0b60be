"""Which inputs of each matrix are large, so that eight bits can be spent where they count.

A few channels of a transformer's hidden states are many times larger than the rest, and one scale for all of them
leaves the rest few steps. Dividing such a channel by a factor and multiplying the matrix's column by the same factor
changes nothing in full precision and evens out both (SmoothQuant: Xiao et al., 2023, "SmoothQuant: Accurate and
Efficient Post-Training Quantization for Large Language Models", equation 4; alpha = 0.8 left the smallest error
of those tried, see `docs/encoder.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.adapt.network import Network

__all__ = ["PARTS", "input_ranges", "smoothing_factors"]

PARTS = ("qkv", "out", "inner", "outer")
"""The matrices of a layer, by their names in the network."""

Ranges = dict[str, NDArray[np.float32]]


def input_ranges(network: Network, texts: Sequence[Sequence[int]]) -> Ranges:
    """Largest magnitude of every input channel of every matrix over some texts.

    Args:
        network: In evaluation mode.
        texts: Token numbers with the special ones at both ends.

    Returns:
        By the matrix's name without ``.weight``; shape (inputs,).
    """
    ranges: Ranges = {}
    handles = []

    def watch(name: str) -> Any:
        def hook(_: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            peak = inputs[0].detach().float().abs().amax(dim=(0, 1)).numpy()
            ranges[name] = np.maximum(ranges[name], peak) if name in ranges else peak

        return hook

    for name, module in network.named_modules():
        if isinstance(module, nn.Linear) and name.split(".")[-1] in PARTS:
            handles.append(module.register_forward_pre_hook(watch(name)))
    try:
        with torch.no_grad():
            for ids in texts:
                network(torch.tensor([list(ids)]), torch.ones(1, len(ids)))
    finally:
        for handle in handles:
            handle.remove()
    return ranges


def smoothing_factors(
    ranges: NDArray[np.float32], weight: NDArray[np.float32], alpha: float = 0.8
) -> NDArray[np.float32]:
    """What to divide each input by (and multiply the matrix's column with).

    Args:
        ranges: Largest magnitude per input, shape (inputs,).
        weight: The matrix, (outputs, inputs).
        alpha: 0 leaves the inputs as they are large, 1 makes them all equally large.
    """
    columns = np.maximum(np.abs(weight).max(axis=0), 1e-5)
    factors = np.maximum(ranges, 1e-5) ** alpha / columns ** (1.0 - alpha)
    even: NDArray[np.float32] = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    return even
