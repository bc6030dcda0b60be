"""Embeddings brought apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_nlp.errors import EncoderError
from feedback_nlp.whitening import WHITENING_FILE, Whitening

WIDTH = 12


def drawn(seed: int, rows: int = 400) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Points that share a large part and vary far more in some directions than in others."""
    rng = np.random.default_rng(seed)
    return 3.0 + rng.normal(size=(rows, WIDTH)) * np.geomspace(2.0, 0.1, WIDTH)


def mean_cosine(points: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    alike = points @ points.T
    return float((alike.sum() - len(points)) / (len(points) * (len(points) - 1)))


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_texts_that_were_all_alike_are_so_no_more(seed: int) -> None:
    embedding = drawn(seed)
    before = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    points = Whitening.of(embedding).points(embedding)
    assert mean_cosine(before) > 0.5
    assert abs(mean_cosine(points)) < 0.05
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1.0)


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_no_direction_outweighs_the_others_any_more(seed: int) -> None:
    def unevenness(points: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
        variance = np.linalg.eigvalsh(np.cov(points, rowvar=False))
        return float(variance[-1] / variance.mean())

    embedding = drawn(seed)
    assert unevenness(embedding) > 4
    assert unevenness(Whitening.of(embedding).points(embedding)) < 2.5


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(1, 20))
def test_a_text_has_the_same_point_whatever_is_beside_it(seed: int, rows: int) -> None:
    whitening = Whitening.of(drawn(seed))
    embedding = drawn(seed + 1, rows)
    np.testing.assert_allclose(whitening.points(embedding)[:1], whitening.points(embedding[:1]), atol=1e-12)


def test_the_length_of_an_embedding_counts_for_nothing() -> None:
    whitening, embedding = Whitening.of(drawn(1)), drawn(2)
    np.testing.assert_allclose(whitening.points(embedding), whitening.points(7 * embedding))


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    whitening = Whitening.of(drawn(3))
    path = whitening.save(tmp_path)
    assert path.name == WHITENING_FILE
    again = Whitening.read(path.read_bytes())
    np.testing.assert_array_equal(again.points(drawn(4)), whitening.points(drawn(4)))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(EncoderError, match=r"whitening\.npz does not hold"):
        Whitening.read(content)
