"""From a trained network to the file that is served.

The graph is written node by node instead of traced: it then holds exactly the fused operators that onnxruntime runs
fast on a processor, about ten per layer, and its matrices in eight bits with one scale per output. Activations are
quantised while it runs, over all of a call's input; the encoder therefore reads one window per call, and a text's
numbers depend on that text alone. The word embeddings were never trained: they stay in the base model's own four bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.adapt.base import BLOCK
from training.adapt.errors import AdaptError
from training.adapt.network import Shape
from training.adapt.smoothing import PARTS, smoothing_factors

__all__ = ["OUTPUTS", "export"]

OUTPUTS = ("embedding", "tokens", "themes", "polarity", "scalars", "signals")

_CONTRIB = "com.microsoft"

Weights = Mapping[str, NDArray[np.float32]]
_Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


class _Graph:
    """A graph under construction; every method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(
        self, kind: str, inputs: list[str], name: str, *more: str, domain: str = "", **attributes: Any
    ) -> str:
        self.nodes.append(
            helper.make_node(kind, inputs, [name, *more], name=name, domain=domain, **attributes)
        )
        return name

    def linear(
        self, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32], name: str, eight: bool
    ) -> str:
        """``x @ weight.T + bias``; ``weight`` is (out, in)."""
        offset = self.constant(f"{name}.bias", bias.astype(np.float32))
        if not eight:
            product = self.node("MatMul", [x, self.constant(f"{name}.weight", weight.T)], f"{name}.product")
            return self.node("Add", [product, offset], name)
        whole, scale = _eight_bits(weight)
        inputs = [
            x,
            self.constant(f"{name}.weight", whole.T),
            self.constant(f"{name}.scale", scale),
            "",
            offset,
        ]
        return self.node("DynamicQuantizeMatMul", inputs, name, domain=_CONTRIB)

    def divided(self, x: str, factors: NDArray[np.float32] | None, name: str) -> str:
        """``x / factors``, or ``x`` where there are none."""
        if factors is None:
            return x
        return self.node("Mul", [x, self.constant(f"{name}.even", 1.0 / factors)], f"{name}.even.x")

    def attention(
        self,
        x: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
        name: str,
        heads: int,
        eight: bool,
    ) -> str:
        """Self-attention, without the matrix that follows; ``weight`` is (3 * hidden, hidden)."""
        offset = self.constant(f"{name}.bias", bias)
        if not eight:
            inputs = [x, self.constant(f"{name}.weight", weight.T), offset]
            return self.node("Attention", inputs, name, domain=_CONTRIB, num_heads=heads)
        whole, scale = _eight_bits(weight)
        quantized = self.node("DynamicQuantizeLinear", [x], f"{name}.x", f"{name}.x.scale", f"{name}.x.zero")
        inputs = [
            quantized, self.constant(f"{name}.weight", whole.T), offset, f"{name}.x.scale",
            self.constant(f"{name}.scale", scale), "", f"{name}.x.zero",
            self.constant(f"{name}.zero", np.zeros(len(scale), dtype=np.int8)),
        ]  # fmt: skip
        return self.node("QAttention", inputs, name, domain=_CONTRIB, num_heads=heads, unidirectional=0)

    def add_norm(self, x: str, y: str, norm: _Pair, name: str, epsilon: float) -> str:
        """Layer normalisation of ``x + y``; two nodes, because the fused one takes five times as long."""
        together = self.node("Add", [x, y], f"{name}.sum")
        inputs = [together, self.constant(f"{name}.weight", norm[0]), self.constant(f"{name}.bias", norm[1])]
        return self.node("LayerNormalization", inputs, name, epsilon=epsilon)


def export(weights: Weights, shape: Shape, path: Path, ranges: Weights | None) -> None:
    """Write the served model.

    Inputs of the graph: ``ids`` (batch, length) int64; every place counts, so rows of one call have one length.
    Outputs: `OUTPUTS`, with the shapes of `training.adapt.network.Outputs`.

    Args:
        weights: State of the network.
        shape: Its sizes.
        path: File to write.
        ranges: See `training.adapt.smoothing.input_ranges`; None leaves the matrices in full precision, to measure what
            eight bits cost.

    Raises:
        AdaptError: The word embeddings are not those of the base model any more.
    """
    graph = _Graph()
    x = _embeddings(graph, weights, shape)
    for number in range(shape.layers):
        x = _layer(graph, weights, shape, x, f"backbone.layers.{number}", ranges)
    _heads(graph, weights, shape, x)
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in OUTPUTS]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "feedback_nlp encoder",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])],
            infos,
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)],
        ir_version=9,
        producer_name="feedback_nlp",
    )
    onnx.save(model, str(path))


def _eight_bits(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers -127..127 and one scale per row."""
    scale = np.maximum(np.abs(weight).max(axis=1), 1e-12).astype(np.float32) / np.float32(127)
    return np.clip(np.rint(weight / scale[:, None]), -127, 127).astype(np.int8), scale


def _four_bits(table: NDArray[np.float32]) -> tuple[onnx.TensorProto, NDArray[np.float32]]:
    """The base model's blocks as they were: whole numbers -8..7 and a scale per block.

    A block's scale is recovered as the largest step of which all its values are multiples; the extreme value of a block
    is -8 steps by construction of the format.
    """
    blocks = table.reshape(len(table), -1, BLOCK)
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
    scale = np.where(extreme == 0, 1.0, extreme / -8.0).astype(np.float32)
    steps = blocks / scale[:, :, None]
    whole = np.rint(steps)
    if np.abs(steps - whole).max() > 0.02 or whole.max() > 7 or whole.min() < -8:
        raise AdaptError("the word embeddings are not the base model's four-bit values any more")
    flat = whole.astype(np.int8).reshape(table.shape)
    packed = (flat[:, 0::2] & 15) | ((flat[:, 1::2] & 15) << 4)
    tensor = helper.make_tensor(
        "word.weight", TensorProto.INT4, table.shape, packed.astype(np.uint8).tobytes(), raw=True
    )
    return tensor, scale


def _embeddings(graph: _Graph, weights: Weights, shape: Shape) -> str:
    table, scale = _four_bits(weights["backbone.word.weight"])
    graph.constants["word.weight"] = table
    words = graph.node(
        "GatherBlockQuantized", ["word.weight", "ids", graph.constant("word.scale", scale)], "words",
        domain=_CONTRIB, gather_axis=0, quantize_axis=1, block_size=BLOCK,
    )  # fmt: skip
    size = graph.node("Shape", ["ids"], "length", start=1, end=2)
    places = graph.node(
        "Slice",
        [graph.constant("position", weights["backbone.position.weight"]), graph.constant("zero", np.array([0])), size,
         graph.constant("first", np.array([0]))], "places",
    )  # fmt: skip
    together = graph.node("Add", [words, places], "placed")
    return graph.node(
        "LayerNormalization",
        [together, graph.constant("norm.weight", weights["backbone.norm.weight"]),
         graph.constant("norm.bias", weights["backbone.norm.bias"])],
        "layer0", epsilon=shape.epsilon,
    )  # fmt: skip


def _layer(graph: _Graph, weights: Weights, shape: Shape, x: str, name: str, ranges: Weights | None) -> str:
    part = {p: (weights[f"{name}.{p}.weight"], weights[f"{name}.{p}.bias"]) for p in PARTS}
    eight = ranges is not None
    entry = middle = None
    if ranges is not None:
        even = {p: smoothing_factors(ranges[f"{name}.{p}"], part[p][0]) for p in PARTS}
        # the values come out of the attention as they went in, so their factors go into the matrix that makes them
        hidden = shape.hidden
        qkv, offset = part["qkv"][0].copy(), part["qkv"][1].copy()
        qkv[2 * hidden :] /= even["out"][:, None]
        offset[2 * hidden :] /= even["out"]
        part = {p: (w * even[p][None, :], b) for p, (w, b) in part.items()} | {
            "qkv": (qkv * even["qkv"][None, :], offset)
        }
        entry, middle = even["qkv"], even["inner"]
    attended = graph.attention(
        graph.divided(x, entry, f"{name}.qkv"), *part["qkv"], f"{name}.attention", shape.heads, eight
    )
    out = graph.linear(attended, *part["out"], f"{name}.out", eight)
    norm1 = (weights[f"{name}.norm1.weight"], weights[f"{name}.norm1.bias"])
    norm2 = (weights[f"{name}.norm2.weight"], weights[f"{name}.norm2.bias"])
    x = graph.add_norm(x, out, norm1, f"{name}.norm1", shape.epsilon)
    inner = graph.linear(graph.divided(x, middle, f"{name}.inner"), *part["inner"], f"{name}.inner", eight)
    active = graph.node("Gelu", [inner], f"{name}.gelu", domain=_CONTRIB)
    active = graph.divided(active, even["outer"] if ranges is not None else None, f"{name}.outer")
    outer = graph.linear(active, *part["outer"], f"{name}.outer", eight)
    return graph.add_norm(x, outer, norm2, f"{name}.norm2", shape.epsilon)


def _heads(graph: _Graph, weights: Weights, shape: Shape, x: str) -> None:
    x = graph.node("Sub", [x, graph.constant("center", weights["center"])], "centered")
    x = graph.node("Mul", [x, graph.constant("spread", weights["spread"])], "standardised")
    mean = graph.node("ReduceMean", [x], "embedding", axes=[1], keepdims=0)
    tokens = graph.linear(x, weights["token_head.weight"], weights["token_head.bias"], "tokens", eight=False)
    attention = graph.node("Softmax", [tokens], "attention", axis=1)
    turned = graph.node("Transpose", [attention], "attention.turned", perm=[0, 2, 1])
    local = graph.node("MatMul", [turned, x], "local")
    weighted = graph.node(
        "Mul", [local, graph.constant("local.weight", weights["local_weight"])], "local.weighted"
    )
    from_local = graph.node(
        "ReduceSum", [weighted, graph.constant("last", np.array([-1]))], "themes.local", keepdims=0
    )
    peak = graph.node("ReduceLogSumExp", [tokens], "peak", axes=[1], keepdims=0)
    from_peak = graph.node(
        "Mul", [peak, graph.constant("peak.weight", weights["peak_weight"])], "themes.peak"
    )
    from_mean = graph.linear(
        mean, weights["mean_head.weight"], weights["mean_head.bias"], "themes.mean", eight=False
    )
    graph.node("Sum", [from_mean, from_local, from_peak], "themes")
    shared = graph.linear(
        local, weights["polarity_head.weight"], weights["polarity_head.bias"], "polarity.shared", eight=False
    )
    graph.node("Add", [shared, graph.constant("polarity.theme", weights["polarity_bias"])], "polarity")
    graph.linear(mean, weights["scalar_head.weight"], weights["scalar_head.bias"], "scalars", eight=False)
    query = graph.linear(
        x, weights["signal_query.weight"], weights["signal_query.bias"], "signal.query", eight=False
    )
    focus = graph.node(
        "Transpose", [graph.node("Softmax", [query], "signal.focus", axis=1)], "signal.turned", perm=[0, 2, 1]
    )
    seen = graph.node("MatMul", [focus, x], "signal.local")
    scaled = graph.node(
        "Mul", [seen, graph.constant("signal.weight", weights["signal_weight"])], "signal.weighted"
    )
    near = graph.node("ReduceSum", [scaled, "last"], "signal.near", keepdims=0)
    far = graph.linear(
        mean, weights["signal_head.weight"], weights["signal_head.bias"], "signal.far", eight=False
    )
    graph.node("Sum", [near, far], "signals")
