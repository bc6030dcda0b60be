from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [adapt] is not installed")
pytest.importorskip("onnx", reason="the extra [adapt] is not installed")

import onnxruntime  # noqa: E402

from training.adapt.errors import AdaptError  # noqa: E402
from training.adapt.export import OUTPUTS, export  # noqa: E402
from training.adapt.network import Network, Shape  # noqa: E402
from training.adapt.smoothing import input_ranges, smoothing_factors  # noqa: E402

SHAPE = Shape(words=50, themes=3, signals=2, hidden=64, layers=2, heads=4, feed_forward=128, positions=40)
TEXTS = [[0, *range(4, 4 + length), 2] for length in (1, 5, 30)]


@pytest.fixture
def network() -> Network:
    torch.manual_seed(3)
    result = Network(SHAPE).eval()
    steps = torch.randint(-7, 8, (SHAPE.words, SHAPE.hidden)).float()
    steps[:, ::32] = -8.0
    with torch.no_grad():
        result.backbone.word.weight.copy_(steps * 0.05)
        result.local_weight.normal_()
        result.center.normal_(std=0.1)
        result.spread.uniform_(0.5, 2.0)
    return result


def outputs(path: Path, ids: list[int]) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return dict(zip(OUTPUTS, session.run(list(OUTPUTS), {"ids": np.array([ids])}), strict=True))


def expected(network: Network, ids: list[int]) -> dict[str, Any]:
    with torch.no_grad():
        said = network(torch.tensor([ids]), torch.ones(1, len(ids)))
    return {name: getattr(said, name).numpy() for name in OUTPUTS}


def weights(network: Network) -> dict[str, Any]:
    return {name: value.numpy() for name, value in network.state_dict().items()}


def test_the_written_graph_is_the_network(network: Network, tmp_path: Path) -> None:
    export(weights(network), SHAPE, tmp_path / "model.onnx", ranges=None)

    for ids in TEXTS:
        said, wanted = outputs(tmp_path / "model.onnx", ids), expected(network, ids)
        for name in OUTPUTS:
            np.testing.assert_allclose(said[name], wanted[name], atol=2e-4)


def test_eight_bits_stay_close(network: Network, tmp_path: Path) -> None:
    export(weights(network), SHAPE, tmp_path / "model.onnx", input_ranges(network, TEXTS))

    for ids in TEXTS:
        said, wanted = outputs(tmp_path / "model.onnx", ids), expected(network, ids)
        error = np.sqrt(np.mean((said["tokens"] - wanted["tokens"]) ** 2))
        assert error < 0.1 * np.std(wanted["tokens"])


def test_trained_word_embeddings_do_not_fit_four_bits(network: Network, tmp_path: Path) -> None:
    with torch.no_grad():
        network.backbone.word.weight.add_(torch.randn_like(network.backbone.word.weight))

    with pytest.raises(AdaptError, match="four-bit"):
        export(weights(network), SHAPE, tmp_path / "model.onnx", None)


def test_smoothing_evens_out_a_large_input() -> None:
    ranges = np.array([100.0, 1.0, 1.0], dtype=np.float32)
    weight = np.ones((4, 3), dtype=np.float32)

    evened = ranges / smoothing_factors(ranges, weight)

    assert evened.max() / evened.min() < 5
